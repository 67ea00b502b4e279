/* Hexadecimal constants of published vectors, as bytes. */
#ifndef SEKISHO_TESTS_UNIT_KEYEXCHANGE_HEX_H
#define SEKISHO_TESTS_UNIT_KEYEXCHANGE_HEX_H

#include "shared/slice.h"
#include "tests/unit/hex.h"

#define HEX_BYTES 256

struct hex {
	uint8_t bytes[HEX_BYTES];
	size_t len;
};

/* Text of at most HEX_BYTES bytes. */
static inline struct hex hex(const char *text)
{
	struct hex h;

	h.len = hex_bytes(text, h.bytes);
	return h;
}

static inline struct slice hex_slice(const struct hex *h)
{
	return slice_make(h->bytes, h->len);
}

#endif
