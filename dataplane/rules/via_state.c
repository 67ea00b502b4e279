#include "dataplane/rules/via_state.h"

#include <string.h>

#define RECORDED_BIT 0x80
#define SERIES_BIT   0x40

/* The field of the Via below, with its changes made on the way into the hash. */
static void below_hash(struct keyed_hash *hash, const struct via_proof *proof)
{
	size_t length = proof->below.len, at = 0;

	for (unsigned i = 0; i < proof->patch_count; i++)
		length += (size_t)proof->patches[i].len - proof->patches[i].remove;
	keyed_hash_u16(hash, (uint16_t)length);
	for (unsigned i = 0; i < proof->patch_count; i++) {
		const struct sip_via_patch *patch = &proof->patches[i];

		keyed_hash_raw(hash, proof->below.at + at, patch->offset - at);
		keyed_hash_raw(hash, patch->text, patch->len);
		at = (size_t)patch->offset + patch->remove;
	}
	keyed_hash_raw(hash, proof->below.at + at, proof->below.len - at);
}

void via_state_make(struct via_state *state, const struct rotating_key *key)
{
	uint8_t *at = state->bytes;

	*at++ = key->id;
	at = leg_write(&state->ingress, at);
	at = leg_write(&state->egress, at);
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
	size_t length = state->length - (size_t)VIA_STATE_MAC_BYTES;

	keyed_hash_begin(hash, &key->hash);
	keyed_hash_field(hash, SLICE("sk"));
	keyed_hash_field(hash, slice_make(state->bytes, length));
	keyed_hash_field(hash, proof->branch);
	keyed_hash_field(hash, proof->call_id);
	keyed_hash_u32(hash, proof->cseq->number);
	keyed_hash_field(hash, proof->cseq->method_name);
	keyed_hash_field(hash, proof->from);
	keyed_hash_field(hash, proof->from_tag);
	keyed_hash_field(hash, proof->to);
	below_hash(hash, proof);
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
