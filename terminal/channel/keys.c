#include "terminal/channel/keys.h"

#include "terminal/esp/bytes.h"

#define FIELDS 7

/* Each field with its length before it, so that no two contexts are written alike. */
static enum result transcript_hash(const struct keys_context *c, uint8_t out[KDF_HASH_BYTES])
{
	const struct slice fields[FIELDS] = {c->call_id, c->caller_tag, c->callee_tag, c->caller,
					     c->callee,	 c->offer,	c->answer};
	uint8_t lengths[FIELDS][2];
	struct slice parts[2 * FIELDS];

	for (unsigned i = 0; i < FIELDS; i++) {
		if (fields[i].len > UINT16_MAX)
			return RESULT_SPACE;
		bytes_put_u16(lengths[i], (uint16_t)fields[i].len);
		parts[2 * i] = slice_make(lengths[i], 2);
		parts[2 * i + 1] = fields[i];
	}
	return kdf_hash(parts, 2 * FIELDS, out);
}

enum result keys_make(const struct keys_context *context, const struct secret *z, struct keys *out)
{
	uint8_t salt[2 * PROPOSAL_NONCE_BYTES];
	enum result result = transcript_hash(context, out->transcript);

	if (result != RESULT_OK)
		return result;
	memcpy(salt, context->offer_nonce, PROPOSAL_NONCE_BYTES);
	memcpy(salt + PROPOSAL_NONCE_BYTES, context->answer_nonce, PROPOSAL_NONCE_BYTES);
	return kdf_extract(slice_make(salt, sizeof(salt)), slice_make(z->bytes, sizeof(z->bytes)),
			   &out->prk);
}

void keys_wipe(struct keys *keys)
{
	secret_wipe_bytes(keys, sizeof(*keys));
}

enum result keys_sa(const struct keys *keys, enum keys_direction direction, enum suite suite,
		    uint32_t spi, uint8_t out[SUITE_KEY_BYTES])
{
	const struct suite_properties *properties = suite_find(suite);
	uint8_t bytes[64];
	struct writer info = writer_make(bytes, sizeof(bytes));
	uint8_t number[4];

	if (!properties)
		return RESULT_BAD;
	bytes_put_u32(number, spi);
	WRITER_LITERAL(&info, "sekisho channel");
	writer_char(&info, (char)direction);
	writer_char(&info, (char)suite);
	writer_bytes(&info, number, sizeof(number));
	writer_bytes(&info, keys->transcript, sizeof(keys->transcript));
	return kdf_expand(&keys->prk, slice_make(info.at, info.len), out,
			  suite_key_bytes(properties));
}

enum result keys_renew(const struct keys *old, const struct secret *z, struct slice asked,
		       struct slice answered, struct keys *out)
{
	const struct slice parts[] = {slice_make(old->transcript, sizeof(old->transcript)), asked,
				      answered};
	uint8_t bytes[64], salt[KDF_HASH_BYTES];
	struct writer info = writer_make(bytes, sizeof(bytes));
	enum result result;

	WRITER_LITERAL(&info, "sekisho channel renewal");
	writer_bytes(&info, old->transcript, sizeof(old->transcript));
	result = kdf_expand(&old->prk, slice_make(info.at, info.len), salt, sizeof(salt));
	if (result == RESULT_OK)
		result = kdf_extract(slice_make(salt, sizeof(salt)),
				     slice_make(z->bytes, sizeof(z->bytes)), &out->prk);
	secret_wipe_bytes(salt, sizeof(salt));
	if (result != RESULT_OK)
		return result;
	return kdf_hash(parts, 3, out->transcript);
}

enum result keys_commit(const uint8_t reveal[KEYS_REVEAL_BYTES], uint8_t out[KDF_HASH_BYTES])
{
	const struct slice parts[] = {SLICE("sekisho channel commitment"),
				      slice_make(reveal, KEYS_REVEAL_BYTES)};

	return kdf_hash(parts, 2, out);
}

enum result keys_string(const struct keys *keys, const uint8_t reveal[KEYS_REVEAL_BYTES],
			char out[KEYS_STRING_BYTES])
{
	/* Letters and digits that are not taken for each other when read aloud or written. */
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz123456789";
	uint8_t bytes[128], bits[KEYS_STRING_CHARS * 5 / 8];
	struct writer info = writer_make(bytes, sizeof(bytes));
	enum result result;
	uint64_t value = 0;

	_Static_assert(sizeof(letters) - 1 >= 32, "five bits a character");
	WRITER_LITERAL(&info, "sekisho channel string");
	writer_bytes(&info, keys->transcript, sizeof(keys->transcript));
	writer_bytes(&info, reveal, KEYS_REVEAL_BYTES);
	result = kdf_expand(&keys->prk, slice_make(info.at, info.len), bits, sizeof(bits));
	if (result != RESULT_OK)
		return result;
	for (size_t i = 0; i < sizeof(bits); i++)
		value = value << 8 | bits[i];
	for (unsigned i = 0, at = 0; i < KEYS_STRING_CHARS; i++) {
		if (i == KEYS_STRING_CHARS / 2)
			out[at++] = '-';
		out[at++] = letters[value >> 5 * (KEYS_STRING_CHARS - 1 - i) & 31];
	}
	out[KEYS_STRING_BYTES - 1] = 0;
	return RESULT_OK;
}
