/* What an initiator remembers; its source files share it, nobody else. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_INITIATOR_STATE_H
#define SEKISHO_SHARED_KEYEXCHANGE_INITIATOR_STATE_H

#include "shared/keyexchange/initiator.h"
#include "shared/keyexchange/kdf.h"
#include "shared/keyexchange/scram.h"
#include "shared/keyexchange/scram_messages.h"
#include "shared/limits.h"
#include "shared/sip/message.h"

enum initiator_step {
	INITIATOR_IDLE,
	INITIATOR_AWAITS_2,
	INITIATOR_AWAITS_4,
	INITIATOR_DONE,
};

#define INITIATOR_PASSWORD_BYTES 1024
#define INITIATOR_ID_CHARS	 32 /* Call-ID, tag and branch: base64url of random bytes */

/* Bare 401s with a cookie that one exchange follows (docs/protocol.md 1.2). */
#define INITIATOR_FLOOD_ANSWERS 4

struct initiator {
	/* settings */
	char domain[LIMIT_DOMAIN_BYTES];
	char aor[LIMIT_AOR_BYTES];
	char subscriber[LIMIT_AOR_BYTES];
	char password[INITIATOR_PASSWORD_BYTES];
	size_t domain_len, aor_len, subscriber_len, password_len;
	struct sip_address address;
	bool wants_encap;
	struct suite_list suites;
	struct random_source random;
	const struct signer *signer;
	const struct trust *trust;
	uint64_t (*now_s)(void);

	/* the attachment */
	char call_id[INITIATOR_ID_CHARS];
	char from_tag[INITIATOR_ID_CHARS];
	size_t call_id_len, from_tag_len;
	uint32_t cseq;

	bool is_inside;		     /* an SA */
	bool has_long_certificates;  /* for a datagram: ours or the gateway's */
	struct certificate *gateway; /* the last one that was right; NULL: none yet */
	const char *reason;
	bool is_orphan; /* the gateway's certificate that was refused last: its CA is not known */

	/* PBKDF2 of the password under what the gateway said last */
	struct scram_server_first derived_for;
	struct scram_keys derived;

	/* the exchange */
	enum initiator_step step;
	struct x25519 *own;
	uint8_t ni[SCHEDULE_NONCE_BYTES];
	struct security_server server; /* of message 2 */
	uint8_t h12[KDF_HASH_BYTES];
	uint8_t h123[KDF_HASH_BYTES];
	struct secret prk;
	uint32_t spi;
	char cookie[KEYEXCHANGE_COOKIE_CHARS]; /* for message 1 again, or for message 3 */
	size_t cookie_len;
	unsigned flood_answers;
	char branch[INITIATOR_ID_CHARS];
	size_t branch_len;
	/* 1 or 3, as sent last: in `datagram`, or in what is allocated for longer ones */
	char *message;
	size_t message_len, message_cap;
	char datagram[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];
	/* AuthMessage's parts */
	char client_first_bare[SCRAM_MESSAGE_BYTES];
	char server_first[SCRAM_MESSAGE_BYTES];
	char client_final_bare[SCRAM_MESSAGE_BYTES];
	size_t client_first_bare_len, server_first_len, client_final_bare_len;
	uint8_t signature[KDF_HASH_BYTES]; /* what the gateway has to show */
	struct initiator_sa sa;
	unsigned status;
};

/* From now on messages may be longer than a datagram. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result initiator_lengthen(struct initiator *i);

/* The exchange has to begin anew, over TCP. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result initiator_begin_long(struct initiator *i,
						  enum initiator_event *event);

/* The sender's own subscriber id: as set, or the AOR. */
struct slice initiator_subscriber(const struct initiator *i);

/* AuthMessage of the exchange. */
struct scram_auth initiator_auth(const struct initiator *i);

/* Writes message 1, with the cookie of a flooded gateway if there is one. RESULT_SPACE. */
SEKISHO_MUST_USE enum result initiator_write_1(struct initiator *i);

/* Writes and seals message 3 under prk; sets h123 and the AuthMessage's last part. */
SEKISHO_MUST_USE enum result initiator_write_3(struct initiator *i);

/* Keeps the certificate of a bare 401, if it holds one that is right; RESULT_DENIED if it is not.
 */
SEKISHO_MUST_USE enum result initiator_take_certificate(struct initiator *i,
							const struct sip_message *m);

/* Has the gateway signed message 2, where it must? RESULT_DENIED with a reason if not. */
SEKISHO_MUST_USE enum result initiator_check_gateway(struct initiator *i, struct slice datagram,
						     const struct sip_message *m);

/* A new branch for the message to come. */
SEKISHO_MUST_USE enum result initiator_renew_branch(struct initiator *i);

/* Judges message 2 or the bare 401 of a flooded gateway, message 4. As initiator_receive. */
SEKISHO_MUST_USE enum result initiator_judge_2(struct initiator *i, struct slice datagram,
					       const struct sip_message *response,
					       enum initiator_event *event);
SEKISHO_MUST_USE enum result initiator_judge_4(struct initiator *i, struct slice datagram,
					       const struct sip_message *response,
					       enum initiator_event *event);

#endif
