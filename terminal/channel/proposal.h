/* One side's a=sekisho-channel attribute of a session description (docs/protocol.md 6.1). */
#ifndef SEKISHO_TERMINAL_CHANNEL_PROPOSAL_H
#define SEKISHO_TERMINAL_CHANNEL_PROPOSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/kdf.h"
#include "shared/keyexchange/suites.h"
#include "shared/keyexchange/x25519.h"
#include "shared/result.h"
#include "shared/writer.h"
#include "terminal/channel/places.h"

#define PROPOSAL_NONCE_BYTES 16
#define PROPOSAL_VALUE_CHARS 512
#define PROPOSAL_SPI_MIN     0x100 /* below are reserved (RFC 4303 2.1) */

struct proposal {
	uint8_t share[X25519_SHARE_BYTES];
	uint8_t nonce[PROPOSAL_NONCE_BYTES];
	uint8_t commitment[KDF_HASH_BYTES]; /* of an offer only */
	bool has_commitment;
	uint32_t spi;		  /* its maker receives on it */
	struct suite_list suites; /* of an answer exactly one */
	struct places places; /* where its maker can be reached: at least one, by ESP at most one */
};

/* The value: what stands behind the colon of the attribute. */
void proposal_write(const struct proposal *proposal, struct writer *w);

/*
 * RESULT_BAD for a missing or repeated field, one that does not parse, a reserved SPI, a place
 * where nobody can be (place_is_usable), or more than PROPOSAL_VALUE_CHARS. Fields we do not
 * know are passed over, suites we do not know are left out: the list may come out empty.
 */
SEKISHO_MUST_USE enum result proposal_parse(struct slice value, struct proposal *out);

/*
 * The value in a session description: an attribute of the session, not of a medium.
 * RESULT_NOT_FOUND if there is none, RESULT_BAD if there is more than one.
 */
SEKISHO_MUST_USE enum result proposal_find(struct slice sdp, struct slice *value);

/* The line of the attribute, with its CRLF. */
void proposal_write_line(struct slice value, struct writer *w);

#endif
