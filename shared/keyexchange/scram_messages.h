/* SCRAM's four messages (RFC 5802 7) in the one form that docs/protocol.md 1 gives them. */
#ifndef SEKISHO_SHARED_KEYEXCHANGE_SCRAM_MESSAGES_H
#define SEKISHO_SHARED_KEYEXCHANGE_SCRAM_MESSAGES_H

#include <stdint.h>

#include "shared/keyexchange/schedule.h"
#include "shared/keyexchange/scram.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/slice.h"
#include "shared/writer.h"

/* gs2 header: the channel binding is the exchange's own, there is no authzid (RFC 5802 6). */
#define SCRAM_GS2_HEADER "p=sekisho-x25519,,"

/* Bytes that hold any of them. */
#define SCRAM_MESSAGE_BYTES 1024

/*
 * The parsers are strict: these attributes in this order, one text for one value, nothing after
 * (no extension is defined). What breaks that is RESULT_BAD. Slices point into the text.
 */

struct scram_client_first {
	struct slice bare; /* from "n=" */
	char subscriber[LIMIT_AOR_BYTES];
	size_t subscriber_len; /* =2C and =3D undone (RFC 5802 5.1, saslname) */
	uint8_t ni[SCHEDULE_NONCE_BYTES];
};

/* p=sekisho-x25519,,n=SUBSCRIBER,r=b64(Ni) */
void scram_client_first_write(struct writer *w, struct slice subscriber,
			      const uint8_t ni[SCHEDULE_NONCE_BYTES]);
SEKISHO_MUST_USE enum result scram_client_first_parse(struct slice text,
						      struct scram_client_first *out);

struct scram_server_first {
	uint8_t ng[SCHEDULE_NONCE_BYTES];
	uint8_t salt[SCRAM_SALT_BYTES];
	uint8_t salt_len;
	uint32_t iterations;
};

/* r=b64(Ni)b64(Ng),s=b64(salt),i=iterations */
void scram_server_first_write(struct writer *w, const uint8_t ni[SCHEDULE_NONCE_BYTES],
			      const struct scram_server_first *first);

/* RESULT_DENIED if it does not answer ni or its iterations are out of range. */
SEKISHO_MUST_USE enum result scram_server_first_parse(struct slice text,
						      const uint8_t ni[SCHEDULE_NONCE_BYTES],
						      struct scram_server_first *out);

/* c=b64(gs2 header, H12),r=b64(Ni)b64(Ng): what the proof is over */
void scram_client_final_write_bare(struct writer *w, const uint8_t h12[KDF_HASH_BYTES],
				   const uint8_t ni[SCHEDULE_NONCE_BYTES],
				   const uint8_t ng[SCHEDULE_NONCE_BYTES]);
/* ,p=b64(proof): follows it */
void scram_client_final_write_proof(struct writer *w, const uint8_t proof[KDF_HASH_BYTES]);

struct scram_client_final {
	struct slice bare;
	uint8_t proof[KDF_HASH_BYTES];
};

/* RESULT_DENIED if its channel binding is not h12 or its nonce another. */
SEKISHO_MUST_USE enum result scram_client_final_parse(struct slice text,
						      const uint8_t h12[KDF_HASH_BYTES],
						      const uint8_t ni[SCHEDULE_NONCE_BYTES],
						      const uint8_t ng[SCHEDULE_NONCE_BYTES],
						      struct scram_client_final *out);

/* v=b64(signature) */
void scram_server_final_write(struct writer *w, const uint8_t signature[KDF_HASH_BYTES]);
SEKISHO_MUST_USE enum result scram_server_final_parse(struct slice text,
						      uint8_t signature[KDF_HASH_BYTES]);

#endif
