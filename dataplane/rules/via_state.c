#include "dataplane/rules/via_state.h"

#include <string.h>

#define RECORDED_BIT 0x80

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

static void mac_make(const struct keyed_hash_key *key, const uint8_t *state, size_t length,
		     const struct via_proof *proof, uint8_t mac[VIA_STATE_MAC_BYTES])
{
	struct keyed_hash hash;

	keyed_hash_begin(&hash, key);
	keyed_hash_field(&hash, SLICE("sk"));
	keyed_hash_field(&hash, slice_make(state, length));
	keyed_hash_field(&hash, proof->branch);
	keyed_hash_field(&hash, proof->call_id);
	keyed_hash_u32(&hash, proof->cseq->number);
	keyed_hash_field(&hash, proof->cseq->method_name);
	keyed_hash_field(&hash, proof->from);
	keyed_hash_field(&hash, proof->from_tag);
	keyed_hash_field(&hash, proof->to);
	below_hash(&hash, proof);
	keyed_hash_end(&hash, mac, VIA_STATE_MAC_BYTES);
}

void via_state_write(const struct rotating_key *key, const struct via_state *state,
		     const struct via_proof *proof, struct writer *w)
{
	uint8_t bytes[VIA_STATE_BYTES_MAX], *at = bytes;

	*at++ = key->id;
	memcpy(at, state->ingress.bytes, state->ingress.length);
	at += state->ingress.length;
	memcpy(at, state->egress.bytes, state->egress.length);
	at += state->egress.length;
	*at++ = (uint8_t)(state->count | (state->is_recorded ? RECORDED_BIT : 0));
	memcpy(at, state->digest, SERIES_DIGEST_BYTES);
	at += SERIES_DIGEST_BYTES;
	mac_make(&key->hash, bytes, (size_t)(at - bytes), proof, at);
	at += VIA_STATE_MAC_BYTES;
	base64url_encode(w, bytes, (size_t)(at - bytes));
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
	if (length - at != 1 + SERIES_DIGEST_BYTES + VIA_STATE_MAC_BYTES)
		return RESULT_BAD;
	out->is_recorded = (bytes[at] & RECORDED_BIT) != 0;
	out->count = bytes[at] & (uint8_t)~RECORDED_BIT;
	memcpy(out->digest, bytes + at + 1, SERIES_DIGEST_BYTES);
	*key_id = bytes[0];
	return RESULT_OK;
}

enum result via_state_verify(const struct rotating_key *key, const struct via_state *state,
			     const struct via_proof *proof)
{
	size_t length = state->length - (size_t)VIA_STATE_MAC_BYTES;
	uint8_t mac[VIA_STATE_MAC_BYTES];

	mac_make(&key->hash, state->bytes, length, proof, mac);
	return keyed_hash_mac_is_equal(mac, state->bytes + length) ? RESULT_OK : RESULT_DENIED;
}
