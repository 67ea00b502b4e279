#include "dataplane/rules/via_state.h"

#include <string.h>

#define LABEL	     SLICE("sk")
#define RECORDED_BIT 0x80
#define SERIES_BIT   0x40

/* The Via below as it will be, with its changes made. */
static size_t below_length(const struct via_proof *proof)
{
	size_t length = proof->below.len;

	for (unsigned i = 0; i < proof->patch_count; i++)
		length += (size_t)proof->patches[i].len - proof->patches[i].remove;
	return length;
}

/* Its field: the changes are made on the way into the hash. */
static uint8_t *below_put(struct keyed_hash *hash, uint8_t *to, const struct via_proof *proof,
			  size_t length)
{
	size_t at = 0;

	to = keyed_hash_put_u16(hash, to, (uint16_t)length);
	for (unsigned i = 0; i < proof->patch_count; i++) {
		const struct sip_via_patch *patch = &proof->patches[i];

		to = keyed_hash_put(hash, to, proof->below.at + at, patch->offset - at);
		to = keyed_hash_put(hash, to, patch->text, patch->len);
		at = (size_t)patch->offset + patch->remove;
	}
	return keyed_hash_put(hash, to, proof->below.at + at, proof->below.len - at);
}

void via_state_make(struct via_state *state, const struct rotating_key *key,
		    const struct leg *ingress, const struct leg *egress)
{
	uint8_t *at = state->bytes;

	*at++ = key->id;
	at = leg_write(ingress, at);
	at = leg_write(egress, at);
	*at++ = (uint8_t)(state->count | (state->is_recorded ? RECORDED_BIT : 0) |
			  (state->has_series ? SERIES_BIT : 0));
	if (state->has_series) {
		memcpy(at, state->series.bytes, state->series.length);
		at += state->series.length;
	} else {
		memcpy(at, state->digest, SERIES_DIGEST_BYTES);
		at += SERIES_DIGEST_BYTES;
	}
	state->length = (uint8_t)(at - state->bytes + VIA_STATE_MAC_BYTES);
}

void via_state_proof_begin(const struct via_state *state, const struct rotating_key *key,
			   const struct via_proof *proof, struct keyed_hash *hash)
{
	struct slice head = slice_make(state->bytes, state->length - (size_t)VIA_STATE_MAC_BYTES);
	size_t below = below_length(proof);
	size_t size = 9 * KEYED_HASH_FIELD_HEAD + LABEL.len + head.len + proof->branch.len +
		      proof->call_id.len + sizeof(uint32_t) + proof->cseq->method_name.len +
		      proof->from.len + proof->from_tag.len + proof->to.len + below;
	uint8_t *at = keyed_hash_open(hash, &key->hash, size);

	at = keyed_hash_put_field(hash, at, LABEL);
	at = keyed_hash_put_field(hash, at, head);
	at = keyed_hash_put_field(hash, at, proof->branch);
	at = keyed_hash_put_field(hash, at, proof->call_id);
	at = keyed_hash_put_u32(hash, at, proof->cseq->number);
	at = keyed_hash_put_field(hash, at, proof->cseq->method_name);
	at = keyed_hash_put_field(hash, at, proof->from);
	at = keyed_hash_put_field(hash, at, proof->from_tag);
	at = keyed_hash_put_field(hash, at, proof->to);
	at = below_put(hash, at, proof, below);
	keyed_hash_close(hash, at);
}

void via_state_seal(struct via_state *state, const struct keyed_hash *hash)
{
	memcpy(state->bytes + state->length - VIA_STATE_MAC_BYTES, hash->result,
	       VIA_STATE_MAC_BYTES);
}

void via_state_write(const struct via_state *state, struct writer *w)
{
	base64url_encode(w, state->bytes, state->length);
}

/* Of the request towards a leg marked legacy: the series, in length bytes. */
static enum result series_read(const uint8_t *at, size_t length, struct via_state *out)
{
	struct sip_route_security series;

	if (length > sizeof(out->series.bytes))
		return RESULT_BAD;
	out->series.count = out->count;
	out->series.length = (uint8_t)length;
	memcpy(out->series.bytes, at, length);
	return series_unpack(&out->series, &series);
}

enum result via_state_read(struct slice sk, struct via_state *out, uint8_t *key_id)
{
	const uint8_t *bytes = out->bytes;
	size_t length, at = 1;

	if (base64url_decode(sk, out->bytes, sizeof(out->bytes), &length) != RESULT_OK ||
	    length < 2)
		return RESULT_BAD;
	out->length = (uint8_t)length;
	if (leg_read(bytes + at, length - at, &out->ingress) != RESULT_OK)
		return RESULT_BAD;
	at += out->ingress.length;
	if (leg_read(bytes + at, length - at, &out->egress) != RESULT_OK)
		return RESULT_BAD;
	at += out->egress.length;
	if (length - at < 1 + VIA_STATE_MAC_BYTES)
		return RESULT_BAD;
	out->is_recorded = (bytes[at] & RECORDED_BIT) != 0;
	out->has_series = (bytes[at] & SERIES_BIT) != 0;
	out->count = bytes[at] & (uint8_t)~(RECORDED_BIT | SERIES_BIT);
	*key_id = bytes[0];
	at++;
	length -= at + VIA_STATE_MAC_BYTES;
	if (out->has_series)
		return series_read(bytes + at, length, out);
	if (length != SERIES_DIGEST_BYTES)
		return RESULT_BAD;
	memcpy(out->digest, bytes + at, SERIES_DIGEST_BYTES);
	return RESULT_OK;
}

bool via_state_is_proven(const struct via_state *state, const struct keyed_hash *hash)
{
	return keyed_hash_mac_is_equal(hash->result,
				       state->bytes + state->length - VIA_STATE_MAC_BYTES);
}
