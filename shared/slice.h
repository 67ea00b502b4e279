/* A borrowed run of bytes: pointer and length, never terminated, never owned. */
#ifndef SEKISHO_SHARED_SLICE_H
#define SEKISHO_SHARED_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *at;
	size_t len;
};

/* A string literal as a slice. */
#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

static inline struct slice slice_make(const void *at, size_t len)
{
	return (struct slice){at, len};
}

static inline bool slice_is_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* Equal but for the case of ASCII letters (RFC 3261 7.3.1: tokens and header names). */
static inline bool slice_is_equal_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		unsigned char x = (unsigned char)a.at[i], y = (unsigned char)b.at[i];

		if ((unsigned)(x - 'A') < 26u)
			x |= 0x20;
		if ((unsigned)(y - 'A') < 26u)
			y |= 0x20;
		if (x != y)
			return false;
	}
	return true;
}

#endif
