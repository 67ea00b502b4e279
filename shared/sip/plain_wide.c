/*
 * The same by shape: a bit for each odd character of a value says where its parts end, and words
 * that stand there are compared with what they are in nearly all messages.
 */
#include "shared/sip/plain.h"

#ifdef SIP_HAS_VECTOR

#include "shared/limits.h"
#include "shared/sip/plain_window.h"
#include "shared/sip/words.h"

#define VALUE_BYTES 128 /* of a From, a To or a request line, at most */

#define O SIP_PLAIN_ODD
#define F SIP_PLAIN_FOREIGN

#define FOUR(class)    class, class, class, class
#define TWELVE(class)  FOUR(class), FOUR(class), FOUR(class)
#define SIXTEEN(class) FOUR(class), TWELVE(class)
#define PUNCTUATION    TWELVE(O), O, 0, 0, O		     /* space to '/' */
#define DIGITS	       0, 0, FOUR(0), FOUR(0), FOUR(O), O, O /* '0' to '?' */
#define CAPITALS       O, F, F, F, TWELVE(F)		     /* '@' to 'O' */
#define CAPITALS_REST  FOUR(F), FOUR(F), F, F, F, FOUR(O), F /* 'P' to '_' */
#define LETTERS	       O, 0, 0, 0, TWELVE(0)		     /* '`' to 'o' */
#define LETTERS_REST   FOUR(0), FOUR(0), 0, 0, 0, FOUR(O), O /* 'p' to the last */

_Alignas(64) const uint8_t sip_plain_classes[2 * WINDOW_BYTES] = {
	SIXTEEN(O), SIXTEEN(O),	   PUNCTUATION, DIGITS,
	CAPITALS,   CAPITALS_REST, LETTERS,	LETTERS_REST};

/*
 * "sip:" user '@' host, all of plain characters, at the start of a window: sets out and past, the
 * odd character behind it, which is in the window, too.
 */
SIP_WIDE_STEP bool uri_take(const struct window *window, const char *at, size_t *past,
			    struct sip_uri *out)
{
	uint64_t rest = _blsr_u64(window->odd);
	size_t sign = _tzcnt_u64(rest), end = _tzcnt_u64(_blsr_u64(rest)), host = sign + 1;

	if (_blsr_u64(rest) == 0 || (window->odd & 15) != 8 || at[sign] != '@' || sign == 4 ||
	    end == host || (sip_four(at) | SIP_THREE_LOWER) != SIP_WORD('s', 'i', 'p', ':'))
		return false;
	out->scheme = SIP_SCHEME_SIP;
	out->has_password = false;
	out->is_canonical = (_bzhi_u64(window->foreign >> host, (unsigned)(end - host)) == 0) &
			    ((unsigned char)(at[end - 1] - '0') > 9);
	out->port = 0;
	out->text = slice_make(at, end);
	out->user = slice_make(at + 4, sign - 4);
	out->host = slice_make(at + host, end - host);
	empty_put(at, &out->password);
	empty_put(at, &out->params);
	empty_put(at, &out->headers);
	*past = end;
	return true;
}

/* ">" at the start of a value's rest, perhaps ";tag=" and a tag. */
SIP_WIDE_STEP bool tag_take(uint64_t odd, struct slice rest, struct slice *tag)
{
	*tag = slice_make(rest.at, 0);
	if (rest.len == 1)
		return *rest.at == '>';
	if (odd != 0x23 || rest.len < sizeof(">;tag=t") - 1 ||
	    (sip_four(rest.at) | SIP_WORD(0, 0, 0x20, 0x20)) != SIP_WORD('>', ';', 't', 'a') ||
	    (sip_four(rest.at + 2) | SIP_THREE_LOWER) != SIP_WORD('t', 'a', 'g', '='))
		return false;
	*tag = slice_make(rest.at + 6, rest.len - 6);
	return true;
}

/* "<sip:user@host>", ";tag=" and a tag. */
SIP_WIDE_STEP bool party_take(struct slice text, struct sip_party *out)
{
	struct window window;
	struct slice rest;
	uint64_t odd;
	size_t past;

	if (text.len < sizeof("<sip:u@h>") - 1 || text.len > VALUE_BYTES || *text.at != '<')
		return false;
	rest = slice_make(text.at + 1, text.len - 1);
	window = window_read(rest.at, rest.len);
	if (!uri_take(&window, rest.at, &past, &out->uri))
		return false;
	rest = slice_make(rest.at + past, rest.len - past);
	odd = window.odd >> past;
	if (text.len - 1 > WINDOW_BYTES)
		odd = window_read(rest.at, rest.len).odd;
	out->display = slice_make(text.at, 0);
	return rest.len <= WINDOW_BYTES && tag_take(odd, rest, &out->tag);
}

SIP_VECTOR_WIDE bool sip_plain_party_wide(struct slice text, struct sip_party *out)
{
	return party_take(text, out);
}

/* Apart: in line, the parse has too few registers for all of it. */
SIP_VECTOR_WIDE __attribute__((noinline)) bool sip_plain_parties_wide(struct slice from,
								      struct slice to,
								      struct sip_party *from_out,
								      struct sip_party *to_out)
{
	return party_take(from, from_out) && party_take(to, to_out);
}

/* METHOD sip:user@host SIP/2.0 */
SIP_VECTOR_WIDE bool sip_plain_request_line_wide(struct slice line, struct slice *method,
						 struct slice *version, struct sip_uri *uri)
{
	struct window window;
	size_t space, past;
	struct slice rest;

	if (line.len < sizeof("M sip:u@h SIP/2.0") - 1 || line.len > VALUE_BYTES)
		return false;
	window = window_read(line.at, line.len);
	space = _tzcnt_u64(window.odd);
	if (space == 0 || space > LIMIT_SIP_METHOD_BYTES || line.at[space] != ' ')
		return false;
	rest = slice_make(line.at + space + 1, line.len - space - 1);
	window = (struct window){window.odd >> (space + 1), window.foreign >> (space + 1)};
	if (line.len > WINDOW_BYTES)
		window = window_read(rest.at, rest.len);
	if (!uri_take(&window, rest.at, &past, uri) || past + 8 != rest.len ||
	    sip_eight(rest.at + past) != sip_eight(" SIP/2.0"))
		return false;
	*method = slice_make(line.at, space);
	*version = slice_make(rest.at + past + 1, 7);
	return true;
}

SIP_VECTOR_WIDE bool sip_plain_call_id_wide(struct slice text)
{
	uint64_t valid = _bzhi_u64(~UINT64_C(0), (unsigned)text.len);
	__m512i id;

	if (text.len == 0 || text.len > WINDOW_BYTES)
		return false;
	id = _mm512_maskz_loadu_epi8(valid, text.at);
	return ((_mm512_cmple_epu8_mask(id, _mm512_set1_epi8(' ')) |
		 _mm512_cmpeq_epi8_mask(id, _mm512_set1_epi8(0x7f))) &
		valid) == 0;
}

SIP_VECTOR_WIDE bool sip_plain_is_one_entry_wide(struct slice text)
{
	for (size_t at = 0; at < text.len; at += WINDOW_BYTES) {
		uint64_t valid = text.len - at < WINDOW_BYTES
					 ? _bzhi_u64(~UINT64_C(0), (unsigned)(text.len - at))
					 : ~UINT64_C(0);

		if (_mm512_cmpeq_epi8_mask(_mm512_maskz_loadu_epi8(valid, text.at + at),
					   _mm512_set1_epi8(',')) != 0)
			return false;
	}
	return text.len != 0;
}

#else

bool sip_plain_party_wide(struct slice text, struct sip_party *out)
{
	(void)text, (void)out;
	return false;
}

bool sip_plain_parties_wide(struct slice from, struct slice to, struct sip_party *from_out,
			    struct sip_party *to_out)
{
	(void)from, (void)to, (void)from_out, (void)to_out;
	return false;
}

bool sip_plain_request_line_wide(struct slice line, struct slice *method, struct slice *version,
				 struct sip_uri *uri)
{
	(void)line, (void)method, (void)version, (void)uri;
	return false;
}

bool sip_plain_call_id_wide(struct slice text)
{
	(void)text;
	return false;
}

bool sip_plain_is_one_entry_wide(struct slice text)
{
	(void)text;
	return false;
}

#endif
