/* Hexadecimal constants of published vectors, as bytes. */
#ifndef SEKISHO_TESTS_UNIT_KEYEXCHANGE_HEX_H
#define SEKISHO_TESTS_UNIT_KEYEXCHANGE_HEX_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/slice.h"

#define HEX_BYTES 256

struct hex {
	uint8_t bytes[HEX_BYTES];
	size_t len;
};

/* Text of at most HEX_BYTES bytes. */
static inline struct hex hex(const char *text)
{
	struct hex h = {.len = strlen(text) / 2};

	for (size_t i = 0; i < h.len; i++) {
		char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};

		h.bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return h;
}

static inline struct slice hex_slice(const struct hex *h)
{
	return slice_make(h->bytes, h->len);
}

#endif
