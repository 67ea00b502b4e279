#include "shared/keyexchange/statement.h"

#include <assert.h>

#include "shared/writer.h"

/* Label and a zero byte, so that neither can be taken for the other, or for what TLS signs. */
static struct writer begin(struct statement *s, struct slice label)
{
	struct writer w = writer_make(s->bytes, sizeof(s->bytes));

	writer_slice(&w, label);
	writer_char(&w, '\0');
	return w;
}

struct statement statement_of_gateway(const uint8_t s12[KDF_HASH_BYTES])
{
	struct statement s;
	struct writer w = begin(&s, SLICE("sekisho gateway signature"));

	writer_bytes(&w, s12, KDF_HASH_BYTES);
	assert(!w.is_full);
	s.len = w.len;
	return s;
}

struct statement statement_of_terminal(const uint8_t h12[KDF_HASH_BYTES],
				       const uint8_t hash[KDF_HASH_BYTES], uint32_t spi)
{
	const uint8_t number[4] = {(uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8),
				   (uint8_t)spi};
	struct statement s;
	struct writer w = begin(&s, SLICE("sekisho terminal signature"));

	writer_bytes(&w, h12, KDF_HASH_BYTES);
	writer_bytes(&w, hash, KDF_HASH_BYTES);
	writer_bytes(&w, number, sizeof(number));
	assert(!w.is_full);
	s.len = w.len;
	return s;
}
