#include "shared/keyexchange/schedule.h"

#include <string.h>

#include "shared/writer.h"

enum result schedule_prk(const uint8_t ni[SCHEDULE_NONCE_BYTES],
			 const uint8_t ng[SCHEDULE_NONCE_BYTES], const struct secret *z,
			 struct secret *prk)
{
	uint8_t salt[2 * SCHEDULE_NONCE_BYTES];

	memcpy(salt, ni, SCHEDULE_NONCE_BYTES);
	memcpy(salt + SCHEDULE_NONCE_BYTES, ng, SCHEDULE_NONCE_BYTES);
	return kdf_extract(slice_make(salt, sizeof(salt)), slice_make(z->bytes, SECRET_BYTES), prk);
}

static enum result expand(const struct secret *prk, const struct writer *info, uint8_t *out,
			  size_t len)
{
	struct slice text;
	enum result result = writer_finish(info, &text);

	return result == RESULT_OK ? kdf_expand(prk, text, out, len) : result;
}

enum result schedule_k3(const struct secret *prk, const uint8_t h12[KDF_HASH_BYTES],
			struct secret *k3)
{
	char buffer[KDF_INFO_BYTES];
	struct writer info = writer_make(buffer, sizeof(buffer));

	WRITER_LITERAL(&info, "sekisho message 3");
	writer_bytes(&info, h12, KDF_HASH_BYTES);
	return expand(prk, &info, k3->bytes, SECRET_BYTES);
}

enum result schedule_k4(const struct secret *prk, const uint8_t h123[KDF_HASH_BYTES],
			const uint8_t n4[SCHEDULE_NONCE_BYTES], struct secret *k4)
{
	char buffer[KDF_INFO_BYTES];
	struct writer info = writer_make(buffer, sizeof(buffer));

	WRITER_LITERAL(&info, "sekisho message 4");
	writer_bytes(&info, h123, KDF_HASH_BYTES);
	writer_bytes(&info, n4, SCHEDULE_NONCE_BYTES);
	return expand(prk, &info, k4->bytes, SECRET_BYTES);
}

static void write_be32(struct writer *w, uint32_t value)
{
	const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
				  (uint8_t)(value >> 8), (uint8_t)value};

	writer_bytes(w, bytes, sizeof(bytes));
}

enum result schedule_sa_keys(const struct secret *prk, const struct schedule_sa *sa,
			     enum schedule_direction direction, uint8_t keys[SUITE_KEY_BYTES])
{
	const struct suite_properties *suite = suite_find(sa->suite);
	char buffer[KDF_INFO_BYTES];
	struct writer info = writer_make(buffer, sizeof(buffer));

	if (!suite)
		return RESULT_BAD;
	WRITER_LITERAL(&info, "sekisho esp");
	writer_char(&info, (char)direction);
	writer_char(&info, (char)sa->suite);
	write_be32(&info, sa->spi_terminal);
	write_be32(&info, sa->spi_gateway);
	writer_bytes(&info, sa->h123, KDF_HASH_BYTES);
	writer_bytes(&info, sa->n4, SCHEDULE_NONCE_BYTES);
	memset(keys, 0, SUITE_KEY_BYTES);
	return expand(prk, &info, keys, suite_key_bytes(suite));
}
