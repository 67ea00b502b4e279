/* What an exchange holds, and the steps its source files share. */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_EXCHANGE_STATE_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_EXCHANGE_STATE_H

#include "controlplane/keyexchange/attach_rate.h"
#include "controlplane/keyexchange/cookie.h"
#include "controlplane/keyexchange/exchange.h"
#include "controlplane/keyexchange/failure_limit.h"
#include "controlplane/keyexchange/flood.h"
#include "controlplane/keyexchange/gateway_share.h"
#include "controlplane/keyexchange/used_cookies.h"
#include "controlplane/keyexchange/verify_limit.h"
#include "shared/keyexchange/scram_messages.h"

struct exchange {
	char domains[EXCHANGE_DOMAINS_MAX][LIMIT_DOMAIN_BYTES];
	size_t domain_len[EXCHANGE_DOMAINS_MAX];
	size_t domain_count;
	struct suite_list suites;
	uint32_t soft_s, hard_s, iterations;
	uint64_t soft_packets, soft_bytes;
	struct secret persistent;
	struct exchange_store store;
	struct random_source random;
	struct sa_allocator *allocator;
	struct inner_pool *inner_pool;
	struct cookie_jar *jar;
	struct gateway_shares *shares;
	struct used_cookies *used;
	struct attach_rate *rate;
	struct exchange_certificates certificates;
	struct failure_limit *failures;
	struct verify_limit verify;
	struct flood flood;
};

/* What messages 1 and 3 have in common, checked. */
struct exchange_request {
	uint8_t domain; /* index of ours in the Request-URI */
	char aor[LIMIT_AOR_BYTES];
	size_t aor_len; /* canonical, of From and To */
	struct cookie_source source;
};

/* Does it have one line of it, and no more? */
static inline bool exchange_has_one(const struct sip_message *m, enum sip_header header)
{
	return sip_message_has(m, header) && m->first[header] == m->last[header];
}

/* NULL, or what in it is not of the one form that docs/protocol.md 1.1 and 1.3 give it. */
SEKISHO_MUST_USE const char *exchange_request_check(const struct exchange *x,
						    const struct exchange_input *input,
						    struct exchange_request *out);

/* Is its source known to be no lie: inside an SA, or by TCP? */
bool exchange_is_proved(const struct exchange_input *input);

/* The terminal as we see it: by TCP at the port that it says. */
struct sip_address exchange_seen(const struct exchange_input *input,
				 const struct sip_address *stated);

/* Longest message that may come that way. */
size_t exchange_longest(const struct exchange_input *input);

struct slice exchange_domain(const struct exchange *x, uint8_t index);

/* The part of a response that is not the same for all. */
struct exchange_answer {
	enum exchange_verdict verdict;
	uint16_t status;
	struct slice extra; /* header lines */
	struct slice body;
	struct slice body_type; /* empty: sealed */
	struct slice tail;	/* a body that is not copied; body is empty then */
	bool is_proved;		/* its source is who it says: the answer may be longer than it */
};

/*
 * Writes a response into out, with the verdict. RESULT_SPACE if it is too long (out is then a
 * drop); no answer where it would be longer than the message of somebody who has not proved his
 * address.
 */
SEKISHO_MUST_USE enum result exchange_reply(const struct exchange *x,
					    const struct exchange_input *input,
					    const struct exchange_answer *answer,
					    struct exchange_outcome *out);

/* A response without headers of its own; the reason, a constant text, is the operator's alone. */
SEKISHO_MUST_USE enum result exchange_refuse(const struct exchange *x,
					     const struct exchange_input *input,
					     enum exchange_verdict verdict, const char *reason,
					     bool is_proved, struct exchange_outcome *out);

/* The operator's reason wherever that is what has come of it. */
#define EXCHANGE_STORE_CANNOT_TELL "the store cannot tell"

/*
 * The credential of a subscriber, or one made up that nobody can prove and that looks the same
 * each time and on each gateway of the domain: is_known tells. RESULT_IO: the store cannot tell.
 */
SEKISHO_MUST_USE enum result exchange_credential(const struct exchange *x, struct slice subscriber,
						 struct subscriber_credential *out, bool *is_known);

/* Binds a cookie to AOR and subscriber id. RESULT_IO. */
SEKISHO_MUST_USE enum result exchange_name_hash(struct slice aor, struct slice subscriber,
						uint8_t out[COOKIE_NAME_HASH_BYTES]);

/* Does the terminal know the certificate that the gateway signs with? */
bool exchange_is_signer_known(const struct exchange *x, const struct security_client *client);

/* The header line of a cookie that proves no more than the address it was sent to. RESULT_IO. */
SEKISHO_MUST_USE enum result exchange_write_address_cookie(const struct exchange *x,
							   const struct exchange_input *input,
							   struct writer *line);

/* A bare 401 with the gateway's certificate and a cookie that proves the address. */
SEKISHO_MUST_USE enum result exchange_show_certificate(struct exchange *x,
						       const struct exchange_input *input,
						       bool is_proved,
						       struct exchange_outcome *out);

/* Adds the Gateway-Signature line over messages 1 and 2 (which has neither it nor a cookie yet). */
SEKISHO_MUST_USE enum result exchange_sign(const struct exchange *x, struct slice message1,
					   struct slice message2, struct writer *extra);

/* Message 1, message 3. */
SEKISHO_MUST_USE enum result exchange_challenge(struct exchange *x,
						const struct exchange_input *input,
						struct exchange_outcome *out);
SEKISHO_MUST_USE enum result exchange_establish(struct exchange *x,
						const struct exchange_input *input,
						struct exchange_outcome *out);

#endif
