/* The terminal's side of the exchange: makes messages 1 and 3, judges 2 and 4, yields SA keys. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_INITIATOR_H
#define SEKISHO_SHARED_KEYEXCHANGE_INITIATOR_H

#include "shared/keyexchange/messages.h"
#include "shared/keyexchange/random.h"
#include "shared/keyexchange/scram.h"
#include "shared/keyexchange/trust.h"
#include "shared/result.h"
#include "shared/slice.h"

/* Strings are copied; signer and trust are borrowed. */
struct initiator_settings {
	struct slice domain;	     /* whom we want: abc.com */
	struct slice aor;	     /* who we are: user-a@abc.com */
	struct slice subscriber;     /* the credential's id; empty: the AOR */
	struct slice password;	     /* copied, wiped by initiator_destroy; empty with a signer */
	const struct signer *signer; /* proves by certificate; NULL: by password */
	const struct trust *trust;   /* who may have signed the gateway's certificate; NULL: the
					gateway proves itself by the password alone */
	struct slice gateway;	     /* its certificate in DER, if known in advance */
	uint64_t (*now_s)(void);     /* Unix time, with trust */
	struct sip_address address;  /* own address and SIP port */
	bool wants_encap;
	struct suite_list suites; /* offered, best first */
	struct random_source random;
};

/* What an exchange has made. Wiped by initiator_destroy or the next start. */
struct initiator_sa {
	enum suite suite;
	enum keyexchange_mode mode;
	uint8_t level;
	uint32_t spi_in;  /* ours */
	uint32_t spi_out; /* the gateway's */
	uint8_t key_in[SUITE_KEY_BYTES];
	uint8_t key_out[SUITE_KEY_BYTES];
	struct sip_address inner;
	uint32_t soft_s, hard_s;
	uint64_t packets, bytes;
};

enum initiator_event {
	INITIATOR_IGNORED,     /* no answer to what we sent last: go on waiting */
	INITIATOR_SEND,	       /* initiator_message() is a new message: send it */
	INITIATOR_ESTABLISHED, /* initiator_established() */
	INITIATOR_RESTART,     /* initiator_start() again: the cookie was refused, or the messages
				* have to go over TCP (initiator_is_stream()) */
	INITIATOR_REFUSED, /* 403: wrong password, unknown, disabled; do not hurry to try again */
	INITIATOR_FAILED,  /* any other final answer, see initiator_status() */
};

struct initiator;

/*
 * One per attachment; it stays for rekeys, so that CSeq goes on and PBKDF2 is done once.
 * RESULT_BAD for settings that cannot be said on the wire, RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result initiator_create(const struct initiator_settings *settings,
					      struct initiator **out);
void initiator_destroy(struct initiator *initiator);

/* Are the messages from now on sent inside an SA? There nobody else reads the terminal's name. */
void initiator_inside_set(struct initiator *initiator, bool is_inside);

/*
 * Do the messages of the exchange that was started go over TCP (docs/protocol.md 1.13)? So they do
 * outside an SA where certificates do not fit a datagram: ours, as we know, or the gateway's, as turned
 * out.
 */
bool initiator_is_stream(const struct initiator *initiator);

/*
 * What PBKDF2 makes of the password under this salt and count, derived elsewhere (many terminals
 * with one password). Of no use if the gateway names others.
 */
void initiator_keys_put(struct initiator *initiator, struct slice salt, uint32_t iterations,
			const struct scram_keys *keys);

/* The terminal has another address now (takes effect with the next start). */
void initiator_address_set(struct initiator *initiator, const struct sip_address *address);

/* Begins an exchange anew: message 1 is in initiator_message(). RESULT_OK or RESULT_IO. */
SEKISHO_MUST_USE enum result initiator_start(struct initiator *initiator);

/* What to send, and to send again until something is received (RFC 3261 17.1.2). */
struct slice initiator_message(const struct initiator *initiator);

/*
 * Judges a datagram from the gateway. RESULT_OK with an event; RESULT_BAD or RESULT_DENIED for
 * an answer that is malformed or not honest (wrong signature, domain, binding, suite,
 * iterations): nothing has changed, an honest one may still come. PBKDF2 with many iterations
 * takes up to a second here.
 */
SEKISHO_MUST_USE enum result initiator_receive(struct initiator *initiator, struct slice datagram,
					       enum initiator_event *event);

/* After INITIATOR_ESTABLISHED; valid until the next start. */
const struct initiator_sa *initiator_established(const struct initiator *initiator);

/* Status code of the last final answer, 0 if none. */
unsigned initiator_status(const struct initiator *initiator);

/* What was wrong with the gateway's certificate or signature last; empty if nothing was. */
const char *initiator_reason(const struct initiator *initiator);

/* Call-ID, From tag and the last CSeq number, for the REGISTERs that follow in the SA. */
struct slice initiator_call_id(const struct initiator *initiator);
struct slice initiator_from_tag(const struct initiator *initiator);
uint32_t initiator_cseq_next(struct initiator *initiator);

#endif
