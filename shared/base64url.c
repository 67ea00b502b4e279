#include "shared/base64url.h"

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

/*
 * Value of a character, 64 or more if it is none. Arithmetic, not a table look-up: the text may
 * be a proof or a share, and its bytes shall not choose cache lines.
 */
static unsigned digit_value(char character, char c62, char c63)
{
	unsigned c = (unsigned char)character;

	if (c - 'A' < 26u)
		return c - 'A';
	if (c - 'a' < 26u)
		return c - 'a' + 26;
	if (c - '0' < 10u)
		return c - '0' + 52;
	if (c == (unsigned char)c62)
		return 62;
	return c == (unsigned char)c63 ? 63 : 64;
}

static enum result decode(struct slice text, char c62, char c63, unsigned char *out, size_t cap,
			  size_t *out_len)
{
	size_t rest = text.len % 4, want = text.len / 4 * 3 + (rest == 0 ? 0 : rest - 1), len = 0;
	unsigned bits = 0, held = 0;

	if (rest == 1)
		return RESULT_BAD;
	if (want > cap)
		return RESULT_SPACE;
	for (size_t i = 0; i < text.len; i++) {
		unsigned value = digit_value(text.at[i], c62, c63);

		if (value > 63)
			return RESULT_BAD;
		bits = (bits << 6 | value) & 0xffff;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[len++] = (unsigned char)(bits >> held);
		}
	}
	if ((bits & ((1u << held) - 1)) != 0)
		return RESULT_BAD;
	*out_len = len;
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
