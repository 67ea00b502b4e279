/*
 * What a gateway would have to remember of a request until its response, in the `sk=` parameter
 * of its own Via under a MAC instead (docs/protocol.md 3.4): no transaction memory.
 */
#ifndef SEKISHO_DATAPLANE_RULES_VIA_STATE_H
#define SEKISHO_DATAPLANE_RULES_VIA_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/rules/leg.h"
#include "dataplane/rules/series.h"
#include "dataplane/tables/key_table.h"
#include "shared/base64url.h"
#include "shared/result.h"
#include "shared/sip/cseq.h"
#include "shared/sip/via.h"
#include "shared/slice.h"
#include "shared/writer.h"

#define VIA_STATE_MAC_BYTES KEYED_HASH_MAC_BYTES
#define VIA_STATE_BYTES_MAX (1 + 2 * LEG_BYTES_MAX + 1 + SERIES_PACKED_BYTES + VIA_STATE_MAC_BYTES)
#define VIA_STATE_CHARS_MAX BASE64URL_CHARS(VIA_STATE_BYTES_MAX)

struct via_state {
	struct leg ingress; /* as read */
	struct leg egress;  /* as read */
	uint8_t count;	    /* Route-Security entries as sent */
	bool is_recorded;   /* a Record-Route entry of ours was added */
	bool has_series;    /* towards a leg marked legacy: series stands in the digest's place */
	uint8_t digest[SERIES_DIGEST_BYTES];
	uint8_t length; /* of bytes, MAC included */
	uint8_t bytes[VIA_STATE_BYTES_MAX];
	struct series_packed series;
};

/* What the MAC binds it to, as request and response both have it. */
struct via_proof {
	struct slice branch; /* ours */
	struct slice call_id;
	const struct sip_cseq *cseq;
	struct slice from; /* canonical */
	struct slice from_tag;
	struct slice to;		     /* canonical */
	struct slice below;		     /* the Via entry below ours; empty: there is none */
	const struct sip_via_patch *patches; /* changes of below that are yet to be made */
	unsigned patch_count;
};

/* Sets bytes and length from the rest and two legs, all but the MAC. */
void via_state_make(struct via_state *state, const struct rotating_key *key,
		    const struct leg *ingress, const struct leg *egress);

/* The hash that is the MAC; the caller finishes it. */
void via_state_proof_begin(const struct via_state *state, const struct rotating_key *key,
			   const struct via_proof *proof, struct keyed_hash *hash);

/* Takes the finished MAC in. */
void via_state_seal(struct via_state *state, const struct keyed_hash *hash);

/* Writes a sealed one: the value of sk= (base64url). */
void via_state_write(const struct via_state *state, struct writer *w);

/* RESULT_OK, or RESULT_BAD: no value of ours. Nothing is proven yet. key_id as it says. */
enum result via_state_read(struct slice sk, struct via_state *out,
			   uint8_t *key_id) SEKISHO_MUST_USE;

/* Is the finished MAC the one that via_state_read() found? */
bool via_state_is_proven(const struct via_state *state, const struct keyed_hash *hash);

#endif
