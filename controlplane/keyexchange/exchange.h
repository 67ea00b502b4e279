/*
 * The gateway's side of the key exchange (docs/protocol.md 1): answers messages 1 and 3. It keeps
 * nothing of anybody before message 3 has proved itself, does no I/O, and reads no clock.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_EXCHANGE_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/keyexchange/cookie.h"
#include "controlplane/keyexchange/inner_pool.h"
#include "controlplane/keyexchange/sa_allocator.h"
#include "shared/keyexchange/messages.h"
#include "shared/keyexchange/random.h"
#include "shared/keyexchange/scram.h"
#include "shared/keyexchange/trust.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/sip/message.h"
#include "shared/slice.h"

#define EXCHANGE_DOMAINS_MAX 8

/* What the store has of a subscriber. Identities are canonical AORs, terminated. */
struct subscriber_credential {
	struct scram_verifier verifier;
	bool is_enabled;
	bool is_by_certificate; /* and by nothing else; its id is the AOR in the certificate */
	uint8_t identity_count;
	char identity[LIMIT_BINDING_IDENTITIES][LIMIT_AOR_BYTES + 1];
};

/* May identity (canonical, case counts) be used by who holds the credential? */
bool subscriber_credential_has(const struct subscriber_credential *credential,
			       struct slice identity);

struct exchange_store {
	/*
	 * The credential of a subscriber's id as it stood in the message, not terminated.
	 * RESULT_OK, RESULT_NOT_FOUND, or anything else for a store that cannot be read now (503).
	 */
	enum result (*credential)(void *context, struct slice subscriber,
				  struct subscriber_credential *out);
	void *context;
};

/* Borrowed until exchange_certificates_set() says others; either may be NULL. */
struct exchange_certificates {
	const struct signer *signer; /* what the gateway proves itself with */
	const struct trust *trust;   /* who signs the certificates of terminals; needs a signer */
};

/* Everything is copied but the allocator, the pool and the certificates, which are borrowed. */
struct exchange_settings {
	struct slice domains[EXCHANGE_DOMAINS_MAX]; /* ours, canonical */
	size_t domain_count;
	struct suite_list suites; /* allowed; the terminal's order decides */
	uint32_t soft_s, hard_s;  /* lifetimes of an SA */
	uint64_t soft_packets, soft_bytes;
	uint32_t cookie_lifetime_ms; /* at most COOKIE_LIFETIME_MS_MAX */
	uint32_t used_cookies;	     /* SAs opened within a cookie's lifetime, at most */
	uint32_t flood_threshold;    /* first messages per second before cookies are asked for */
	uint32_t iterations;	     /* what a subscriber that does not exist seems to have */
	uint8_t persistent[32];	     /* the domain's secret (docs/protocol.md 3.1) */
	struct exchange_store store;
	struct exchange_certificates certificates;
	uint32_t certificates_per_second; /* verified at most; 0 only without trust */
	struct random_source random;
	struct sa_allocator *allocator;
	struct inner_pool *inner_pool; /* NULL: nobody gets a tunnel */
};

/* The SA that a message of a rekey came through. */
struct exchange_through {
	uint32_t index; /* 0: none, the message came in the clear */
	uint8_t generation;
	enum keyexchange_mode mode;
	struct slice subscriber; /* who it belongs to */
};

struct exchange_input {
	struct slice datagram;		   /* the UDP payload */
	const struct sip_message *message; /* the same parsed, SIP_VERDICT_OK */
	struct sip_address source;	   /* where it came from, inside the SA if through one */
	bool is_stream; /* by TCP, which has proved the source's host; its port says nothing */
	struct exchange_through through;
	uint64_t now_ms; /* Unix time */
};

/* What became of a message: one word for logs and counters. */
enum exchange_verdict {
	EXCHANGE_CHALLENGED,	    /* message 2 */
	EXCHANGE_COOKIE_ASKED,	    /* a flood: prove your address first */
	EXCHANGE_CERTIFICATE_SHOWN, /* the gateway's, to one who does not know it */
	EXCHANGE_ESTABLISHED,	    /* message 4, a new SA */
	EXCHANGE_REPEATED,	    /* message 4 again */
	EXCHANGE_AWAITED,	    /* message 3 again, and message 4 is not settled: no answer */
	EXCHANGE_COOKIE_WRONG,	    /* 401: expired, foreign, or used with another message 3 */
	EXCHANGE_REFUSED,	    /* 403: password, subscriber, identity, share */
	EXCHANGE_MALFORMED,	    /* 400 */
	EXCHANGE_NO_SUITE,	    /* 488 */
	EXCHANGE_NO_CERTIFICATE, /* 488: asked for proofs that this gateway does not give or take */
	EXCHANGE_UNAVAILABLE,	 /* 503: store, SA table, used cookies, one subscriber's rate */
	EXCHANGE_DROPPED_SHORT,	 /* no answer: neither padded nor with a cookie, or too long */
	EXCHANGE_VERDICT_COUNT,
};

const char *exchange_verdict_text(enum exchange_verdict verdict);

/* A new SA. Wiped by whoever holds it. */
struct exchange_sa {
	struct sa_slot slot; /* the gateway's SPI is sa_slot_spi() */
	enum suite suite;
	enum keyexchange_mode mode;
	uint8_t level;
	uint32_t spi_out; /* the terminal's */
	uint8_t key_in[SUITE_KEY_BYTES];
	uint8_t key_out[SUITE_KEY_BYTES];
	struct sip_address inner; /* the terminal's, inside; in a tunnel given out by us */
	struct sip_address outer; /* and where message 3 came from */
	uint32_t soft_s, hard_s;
	struct trust_path path; /* who vouches for its terminal; anchor 0: its password does */
	uint8_t domain; /* index of ours */
	char subscriber[LIMIT_AOR_BYTES + 1];
	struct exchange_through replaces; /* index 0: none; its subscriber is not set */
};

struct exchange_outcome {
	enum exchange_verdict verdict;
	const char *reason; /* for the operator: why it was refused or is a 503; never NULL */
	char who[LIMIT_AOR_BYTES + 1]; /* and who it said it is, canonical; empty: not known */
	size_t reply_len;	       /* 0: no answer */
	struct slice tail; /* what follows the reply: certificates, borrowed as those are */
	struct exchange_sa sa;	       /* if EXCHANGE_ESTABLISHED: then the cookie is to be settled */
	uint8_t cookie_id[COOKIE_ID_BYTES];
	char reply[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];
};

struct exchange;

/* RESULT_BAD for settings out of range, RESULT_MEMORY, RESULT_IO. */
SEKISHO_MUST_USE enum result exchange_create(const struct exchange_settings *settings,
					     struct exchange **out);
void exchange_destroy(struct exchange *exchange);

/*
 * From now on with these suites, soft limits, iterations and flood threshold; the rest of the
 * settings stays. RESULT_BAD: out of range, nothing has changed.
 */
SEKISHO_MUST_USE enum result exchange_adjust(struct exchange *exchange,
					     const struct exchange_settings *settings);

/* Other certificates from now on. */
void exchange_certificates_set(struct exchange *exchange,
			       const struct exchange_certificates *certificates);

/* Is it message 1 or 3, well formed or not (or an ordinary REGISTER)? */
bool exchange_is_for(const struct sip_message *message);

/*
 * Answers a message 1 or 3. The reply is to be sent after the SA, if there is one, has been put
 * into the data plane and exchange_settle() has said so. RESULT_OK with an outcome, whatever was received; RESULT_IO if libcrypto
 * or the random source fails.
 */
SEKISHO_MUST_USE enum result exchange_receive(struct exchange *exchange,
					      const struct exchange_input *input,
					      struct exchange_outcome *out);

/*
 * Is the SA of an outcome there? If it is, its message 3 gets the same message 4 from now on, if it
 * comes again; if not, a 401: to start anew.
 */
void exchange_settle(struct exchange *exchange, const uint8_t cookie_id[COOKIE_ID_BYTES],
		     bool is_there);

/* Erases keys and memories that have expired; to be called every second or so. */
void exchange_tick(struct exchange *exchange, uint64_t now_ms);

#endif
