#include "shared/base64url_ways.h"

#include <string.h>

/* One cache line: which of them is read tells nothing by its time. */
static const char url_chars[64] __attribute__((aligned(64))) =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char plain_chars[64] __attribute__((aligned(64))) =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_words_encode(const uint8_t *in, size_t len, struct base64_alphabet alphabet, char *out)
{
	const char *chars = alphabet.c62 == '-' ? url_chars : plain_chars;

	for (; len >= 3; in += 3, len -= 3) {
		*out++ = chars[in[0] >> 2];
		*out++ = chars[(in[0] & 3) << 4 | in[1] >> 4];
		*out++ = chars[(in[1] & 15) << 2 | in[2] >> 6];
		*out++ = chars[in[2] & 63];
	}
	if (len == 0)
		return;
	*out++ = chars[in[0] >> 2];
	if (len == 1) {
		*out = chars[(in[0] & 3) << 4];
		return;
	}
	*out++ = chars[(in[0] & 3) << 4 | in[1] >> 4];
	*out = chars[(in[1] & 15) << 2];
}

#define STEP_CHARS 16
#define STEP_BYTES 12

typedef unsigned char chars __attribute__((vector_size(STEP_CHARS)));
typedef uint32_t groups __attribute__((vector_size(STEP_CHARS)));

/* Where c is one of the count characters from first on: their values from value on, else 0. */
static inline chars values_of(chars c, char first, unsigned char count, unsigned char value,
			      chars *known)
{
	chars at = c - (unsigned char)first;
	chars is_one = (chars)(at < count);

	*known |= is_one;
	return (at + value) & is_one;
}

/*
 * Sixteen characters to twelve bytes; false if one of them is foreign. Arithmetic, no branch and no
 * table look-up: the text may be a proof or a share, and its bytes shall choose neither cache lines
 * nor ways to go. Guessing those was most of the time, too.
 */
static bool step_decode(const char in[STEP_CHARS], struct base64_alphabet alphabet,
			unsigned char out[STEP_BYTES])
{
	chars c, known = {0}, value;
	groups four;
	uint64_t first, half[2];
	uint32_t rest;

	memcpy(&c, in, sizeof(c));
	value = values_of(c, 'A', 26, 0, &known) | values_of(c, 'a', 26, 26, &known) |
		values_of(c, '0', 10, 52, &known) | values_of(c, alphabet.c62, 1, 62, &known) |
		values_of(c, alphabet.c63, 1, 63, &known);
	four = (groups)value;
	four = (four & 0x3f) << 18 | (four & 0x3f00) << 4 | (four & 0x3f0000) >> 10 | four >> 24;
	first = __builtin_bswap64((uint64_t)four[0] << 40 | (uint64_t)four[1] << 16 | four[2] >> 8);
	rest = __builtin_bswap32(four[2] << 24 | four[3]);
	memcpy(out, &first, sizeof(first));
	memcpy(out + sizeof(first), &rest, sizeof(rest));
	memcpy(half, &known, sizeof(half));
	return (half[0] & half[1]) == UINT64_MAX;
}

bool base64_words_decode(const char *in, size_t len, struct base64_alphabet alphabet, uint8_t *out)
{
	unsigned char bytes[STEP_BYTES + 1] = {0};
	char last[STEP_CHARS];
	bool is_legal = true;
	size_t want;

	for (; len >= STEP_CHARS; in += STEP_CHARS, len -= STEP_CHARS, out += STEP_BYTES)
		is_legal &= step_decode(in, alphabet, out);
	/* Filled up with zeros: what is left over of the last byte is then all there is behind it.
	 */
	memset(last, 'A', sizeof(last));
	if (len != 0)
		memcpy(last, in, len);
	is_legal &= step_decode(last, alphabet, bytes);
	want = len * 3 / 4;
	if (want != 0)
		memcpy(out, bytes, want);
	return is_legal && bytes[want] == 0;
}
