#include "shared/base64url.h"

#include "shared/base64url_ways.h"

static const struct base64_alphabet url = {'-', '_'}, plain = {'+', '/'};

/* All of it fits or none is written. */
static void encode(struct writer *w, const void *at, size_t len, struct base64_alphabet alphabet)
{
	char *out = w->at + w->len;
	size_t room = w->cap - w->len;

	if (w->is_full || BASE64URL_CHARS(len) > room) {
		w->is_full = true;
		return;
	}
	w->len += BASE64URL_CHARS(len);
	if (base64_vectors_are_possible())
		base64_vectors_encode(at, len, alphabet, out, room);
	else
		base64_words_encode(at, len, alphabet, out);
}

void base64url_encode(struct writer *w, const void *at, size_t len)
{
	encode(w, at, len, url);
}

void base64_encode(struct writer *w, const void *at, size_t len)
{
	encode(w, at, len, plain);
	for (size_t rest = len % 3; rest != 0 && rest < 3; rest++)
		writer_char(w, '=');
}

static enum result decode(struct slice text, struct base64_alphabet alphabet, void *out, size_t cap,
			  size_t *out_len)
{
	size_t rest = text.len % 4, want = text.len / 4 * 3 + (rest == 0 ? 0 : rest - 1);
	bool is_legal;

	if (rest == 1)
		return RESULT_BAD;
	if (want > cap)
		return RESULT_SPACE;
	is_legal = base64_vectors_are_possible()
			   ? base64_vectors_decode(text.at, text.len, alphabet, out, cap)
			   : base64_words_decode(text.at, text.len, alphabet, out);
	if (!is_legal)
		return RESULT_BAD;
	*out_len = want;
	return RESULT_OK;
}

enum result base64url_decode(struct slice text, void *out, size_t cap, size_t *out_len)
{
	return decode(text, url, out, cap, out_len);
}

enum result base64_decode(struct slice text, void *out, size_t cap, size_t *out_len)
{
	size_t padding = 0;

	if (text.len % 4 != 0)
		return RESULT_BAD;
	while (padding < 2 && padding < text.len && text.at[text.len - 1 - padding] == '=')
		padding++;
	return decode(slice_make(text.at, text.len - padding), plain, out, cap, out_len);
}
