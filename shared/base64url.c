#include "shared/base64url.h"

#include <stdint.h>
#include <string.h>

static const char url_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char plain_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* All of it fits or none is written: one check, then a store for each character. */
static void encode(struct writer *w, const void *at, size_t len, const char *alphabet)
{
	const unsigned char *in = at;
	char *out;

	if (w->is_full || BASE64URL_CHARS(len) > w->cap - w->len) {
		w->is_full = true;
		return;
	}
	out = w->at + w->len;
	w->len += BASE64URL_CHARS(len);
	for (; len >= 3; in += 3, len -= 3) {
		*out++ = alphabet[in[0] >> 2];
		*out++ = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
		*out++ = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
		*out++ = alphabet[in[2] & 63];
	}
	if (len == 0)
		return;
	*out++ = alphabet[in[0] >> 2];
	if (len == 1) {
		*out = alphabet[(in[0] & 3) << 4];
		return;
	}
	*out++ = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
	*out = alphabet[(in[1] & 15) << 2];
}

void base64url_encode(struct writer *w, const void *at, size_t len)
{
	encode(w, at, len, url_alphabet);
}

void base64_encode(struct writer *w, const void *at, size_t len)
{
	encode(w, at, len, plain_alphabet);
	for (size_t rest = len % 3; rest != 0 && rest < 3; rest++)
		writer_char(w, '=');
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
static bool step_decode(const char in[STEP_CHARS], char c62, char c63,
			unsigned char out[STEP_BYTES])
{
	chars c, known = {0}, value;
	groups four;
	uint64_t first, half[2];
	uint32_t rest;

	memcpy(&c, in, sizeof(c));
	value = values_of(c, 'A', 26, 0, &known) | values_of(c, 'a', 26, 26, &known) |
		values_of(c, '0', 10, 52, &known) | values_of(c, c62, 1, 62, &known) |
		values_of(c, c63, 1, 63, &known);
	four = (groups)value;
	four = (four & 0x3f) << 18 | (four & 0x3f00) << 4 | (four & 0x3f0000) >> 10 | four >> 24;
	first = __builtin_bswap64((uint64_t)four[0] << 40 | (uint64_t)four[1] << 16 | four[2] >> 8);
	rest = __builtin_bswap32(four[2] << 24 | four[3]);
	memcpy(out, &first, sizeof(first));
	memcpy(out + sizeof(first), &rest, sizeof(rest));
	memcpy(half, &known, sizeof(half));
	return (half[0] & half[1]) == UINT64_MAX;
}

static enum result decode(struct slice text, char c62, char c63, unsigned char *out, size_t cap,
			  size_t *out_len)
{
	size_t rest = text.len % 4, want = text.len / 4 * 3 + (rest == 0 ? 0 : rest - 1), len = 0;
	unsigned char bytes[STEP_BYTES + 1] = {0};
	char last[STEP_CHARS];
	bool is_legal = true;

	if (rest == 1)
		return RESULT_BAD;
	if (want > cap)
		return RESULT_SPACE;
	for (; text.len >= STEP_CHARS; text.at += STEP_CHARS, text.len -= STEP_CHARS) {
		is_legal &= step_decode(text.at, c62, c63, out + len);
		len += STEP_BYTES;
	}
	/* Filled up with zeros: what is left over of the last byte is then all there is behind it.
	 */
	memset(last, 'A', sizeof(last));
	if (text.len != 0)
		memcpy(last, text.at, text.len);
	is_legal &= step_decode(last, c62, c63, bytes);
	if (want != len)
		memcpy(out + len, bytes, want - len);
	if (!is_legal || bytes[want - len] != 0)
		return RESULT_BAD;
	*out_len = want;
	return RESULT_OK;
}

enum result base64url_decode(struct slice text, void *out, size_t cap, size_t *out_len)
{
	return decode(text, '-', '_', out, cap, out_len);
}

enum result base64_decode(struct slice text, void *out, size_t cap, size_t *out_len)
{
	size_t padding = 0;

	if (text.len % 4 != 0)
		return RESULT_BAD;
	while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=')
		padding++;
	return decode(slice_make(text.at, text.len - padding), '+', '/', out, cap, out_len);
}
