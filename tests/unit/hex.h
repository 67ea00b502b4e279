/* Hexadecimal text as bytes, for vectors. */
#ifndef SEKISHO_TESTS_UNIT_HEX_H
#define SEKISHO_TESTS_UNIT_HEX_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Returns the number of bytes; text must be all hexadecimal digits, an even number of them. */
static inline size_t hex_bytes(const char *text, uint8_t *out)
{
	size_t len = strlen(text) / 2;

	assert(strlen(text) % 2 == 0 && strspn(text, "0123456789abcdef") == 2 * len);
	for (size_t i = 0; i < len; i++) {
		char digits[3] = {text[2 * i], text[2 * i + 1], 0};

		out[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return len;
}

#endif
