#include "shared/sip/plain.h"

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>

#include "shared/sip/chars.h"
#include "shared/sip/plain_params.h"
#include "shared/sip/words.h"

/* What is to be known of each character of a window: a bit each. */
struct masks {
	uint64_t odd;
	uint64_t
		foreign; /* those that no host in canonical form has: capitals and '_'; odd apart */
};

/*
 * A place in a value, and the odd characters of the window around it that are still to come. A
 * short value is one of less than a window: then there is a bit for its end, too, and none behind
 * it. Every reader below is made twice, for short values and for any.
 */
struct walk {
	const char *window;
	const char *end; /* of the value */
	const char *last;
	struct masks masks;
	bool is_short;
};

#define READER	       SIP_VECTOR static inline __attribute__((always_inline))
#define IS_SHORT(text) ((text).len < SIP_PLAIN_WINDOW)

/*
 * Letters, digits, '-', '.' and '_' by their two halves: a class for each run that shares its upper
 * halves, and a character is in one if both of its halves are.
 */
#define PUNCTUATION 1  /* - . */
#define DIGIT	    2  /* 0 to 9 */
#define CAPITAL	    4  /* A to O */
#define CAPITAL_2   8  /* P to Z */
#define UNDERSCORE  16 /* _ */
#define SMALL	    32 /* a to o */
#define SMALL_2	    64 /* p to z */
#define FOREIGN	    (CAPITAL | CAPITAL_2 | UNDERSCORE)
#define LETTER	    (CAPITAL | SMALL)
#define LETTER_2    (CAPITAL_2 | SMALL_2)
#define ALL	    (DIGIT | LETTER | LETTER_2)

READER __m256i classes_of(__m256i text)
{
	const __m256i by_lower = _mm256_broadcastsi128_si256(_mm_setr_epi8(
		DIGIT | LETTER_2, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, LETTER | LETTER_2,
		LETTER, LETTER, LETTER | PUNCTUATION, LETTER | PUNCTUATION, LETTER | UNDERSCORE));
	const __m256i by_upper = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(0, 0, PUNCTUATION, DIGIT, CAPITAL, CAPITAL_2 | UNDERSCORE, SMALL,
			      SMALL_2, 0, 0, 0, 0, 0, 0, 0, 0));
	__m256i upper = _mm256_and_si256(_mm256_srli_epi16(text, 4), _mm256_set1_epi8(15));

	return _mm256_and_si256(_mm256_shuffle_epi8(by_lower, text),
				_mm256_shuffle_epi8(by_upper, upper));
}

/* A bit for each byte of which these bits are all zero. */
READER uint64_t zeros_of(__m256i low, __m256i high, int bits)
{
	__m256i mask = _mm256_set1_epi8((char)bits), zero = _mm256_setzero_si256();
	uint32_t a = (uint32_t)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(_mm256_and_si256(low, mask), zero));
	uint32_t b = (uint32_t)_mm256_movemask_epi8(
		_mm256_cmpeq_epi8(_mm256_and_si256(high, mask), zero));

	return (uint64_t)b << 32 | a;
}

/* The 64 bytes at at; zeros for those beyond the message. */
READER struct masks window_read(const char *at, const char *last)
{
	const char *from = at < last ? at : last;
	__m256i low = classes_of(_mm256_loadu_si256((const void *)from));
	__m256i high = classes_of(_mm256_loadu_si256((const void *)(from + 32)));

	return (struct masks){
		.odd = zeros_of(low, high, 255) >> (at - from),
		.foreign = ~zeros_of(low, high, FOREIGN) >> (at - from),
	};
}

READER struct walk walk_begin(struct slice text, const char *last, bool is_short)
{
	struct walk walk = {
		.window = text.at,
		.end = text.at + text.len,
		.last = last,
		.masks = window_read(text.at, last),
		.is_short = is_short,
	};

	if (is_short)
		walk.masks.odd =
			_bzhi_u64(walk.masks.odd, (unsigned)text.len) | UINT64_C(1) << text.len;
	return walk;
}

/* The next odd character, or the end; of a short value not beyond that. */
READER const char *walk_next(struct walk *walk)
{
	const char *at;

	while (!walk->is_short && walk->masks.odd == 0) {
		walk->window += SIP_PLAIN_WINDOW;
		if (walk->window >= walk->end)
			return walk->end;
		walk->masks = window_read(walk->window, walk->last);
	}
	at = walk->window + _tzcnt_u64(walk->masks.odd);
	walk->masks.odd = _blsr_u64(walk->masks.odd);
	return walk->is_short || at < walk->end ? at : walk->end;
}

/* Goes on from there, which is not before what was taken already. */
READER void walk_to(struct walk *walk, const char *at)
{
	size_t gone = (size_t)(at - walk->window);

	if (walk->is_short || gone < SIP_PLAIN_WINDOW) {
		walk->masks.odd &= ~UINT64_C(0) << gone;
		return;
	}
	walk->window = at;
	walk->masks.odd = 0;
	if (at < walk->end)
		walk->masks = window_read(at, walk->last);
}

/*
 * Is it a name in its canonical form, for all that the window shows? One that ends with a digit may
 * be an IPv4 address, which has another.
 */
READER bool is_canonical_host(const struct walk *walk, const char *at, const char *past)
{
	if (!walk->is_short && (at < walk->window || past - walk->window > SIP_PLAIN_WINDOW))
		return false;
	return _bzhi_u64(walk->masks.foreign >> (at - walk->window), (unsigned)(past - at)) == 0 &&
	       (unsigned char)(past[-1] - '0') > 9;
}

/* Past the user part that starts at at: the '@' that ends it, or NULL. */
READER const char *user_take(struct walk *walk, const char *at, struct sip_uri *out)
{
	const char *past = walk_next(walk);

	out->is_canonical = true;
	while (past < walk->end && *past != '@') {
		if (!sip_char_is(*past, SIP_CHAR_USER))
			return NULL;
		/* Of all that need no escape the one that has one in the canonical form. */
		if (*past == '#')
			out->is_canonical = false;
		past = walk_next(walk);
	}
	return past == walk->end || past == at ? NULL : past;
}

/* host [":" port] at at; past it, its odd character taken. */
READER const char *uri_host_take(struct walk *walk, const char *at, struct sip_uri *out)
{
	const char *past = walk_next(walk);

	out->port = 0;
	if (past == at) {
		/* An IPv6 address, or nothing. */
		out->is_canonical = false;
		past = sip_host_scan(at, walk->end, &out->host);
		if (past == NULL)
			return NULL;
		walk_to(walk, past);
		if (walk_next(walk) != past)
			return NULL;
	}
	out->is_canonical &= is_canonical_host(walk, at, past);
	out->host = slice_make(at, (size_t)(past - at));
	if (past == walk->end || *past != ':')
		return past;
	out->is_canonical = false;
	past = sip_port_scan(past + 1, walk->end, &out->port);
	if (past == NULL)
		return NULL;
	walk_to(walk, past);
	return walk_next(walk) == past ? past : NULL;
}

/* Parameters, if there are any; past them, the odd character there taken. */
READER const char *uri_params_take(struct walk *walk, const char *at, struct sip_uri *out)
{
	const char *past = at;

	if (at < walk->end && *at == ';') {
		past = sip_uri_params_skip(at, walk->end);
		if (past == NULL)
			return NULL;
		walk_to(walk, past);
		if (walk_next(walk) != past)
			return NULL;
	}
	out->params = slice_make(at, (size_t)(past - at));
	return past;
}

/*
 * "sip:" user '@' host, port, parameters: what stands behind it, its odd character taken; NULL: it
 * is not so plain.
 */
READER const char *uri_take(struct walk *walk, const char *at, struct sip_uri *out)
{
	const char *sign, *past;

	if (walk->end - at < 8 || (sip_four(at) | SIP_THREE_LOWER) != SIP_WORD('s', 'i', 'p', ':'))
		return NULL;
	walk_to(walk, at + 4);
	sign = user_take(walk, at + 4, out);
	if (sign == NULL)
		return NULL;
	past = uri_host_take(walk, sign + 1, out);
	if (past == NULL)
		return NULL;
	past = uri_params_take(walk, past, out);
	if (past == NULL)
		return NULL;
	out->scheme = SIP_SCHEME_SIP;
	out->has_password = false;
	out->text = slice_make(at, (size_t)(past - at));
	out->user = slice_make(at + 4, (size_t)(sign - at - 4));
	out->password = out->headers = slice_make(at, 0);
	return past;
}

READER bool uri_read(struct slice text, const char *last, bool is_short, struct sip_uri *out)
{
	struct walk walk = walk_begin(text, last, is_short);

	return uri_take(&walk, text.at, out) == walk.end;
}

/* at is at the ';'. Past the parameter, its odd character taken; NULL: not so plain. */
READER const char *param_take(struct walk *walk, const char *at, struct param *out)
{
	const char *past = walk_next(walk), *value;

	out->name = at + 1;
	out->name_end = past;
	out->value = slice_make(past, 0);
	if (past == at + 1)
		return NULL;
	if (past == walk->end || *past == ';')
		return past;
	if (*past != '=')
		return NULL;
	value = past + 1;
	past = walk_next(walk);
	while (past < walk->end && *past != ';') {
		if (!sip_char_is(*past, SIP_CHAR_VALUE))
			return NULL;
		past = walk_next(walk);
	}
	out->value = slice_make(value, (size_t)(past - value));
	return past == value ? NULL : past;
}

/* The '<' that a value starts with, or that follows its display name; NULL: not so plain. */
static inline const char *display_take(struct slice text, struct slice *display)
{
	const char *at = text.at, *end = at + text.len, *past = at;

	*display = slice_make(at, 0);
	if (*at == '<')
		return at;
	if (*at != '"')
		return NULL;
	past = sip_quoted_skip(at, end);
	if (past == NULL)
		return NULL;
	*display = slice_make(at, (size_t)(past - at));
	past = sip_chars_skip(past, end, SIP_CHAR_LWS);
	return past < end && *past == '<' ? past : NULL;
}

READER bool party_read(struct slice text, const char *last, bool is_short, struct sip_party *out)
{
	struct walk walk;
	const char *at;

	if (text.len == 0)
		return false;
	walk = walk_begin(text, last, is_short);
	at = display_take(text, &out->display);
	if (at == NULL)
		return false;
	at = uri_take(&walk, at + 1, &out->uri);
	if (at == NULL || at == walk.end || *at != '>')
		return false;
	at++;
	out->tag = slice_make(text.at, 0);
	if (at == walk.end)
		return true;
	if (*at != ';' || walk_next(&walk) != at)
		return false;
	while (at < walk.end) {
		struct param param;

		at = param_take(&walk, at, &param);
		if (at == NULL)
			return false;
		if (!is_tag(&param))
			continue;
		if (out->tag.len != 0 || param.value.len == 0)
			return false;
		out->tag = param.value;
	}
	return true;
}

/* Past the host at at if it is the known one; else NULL. */
static inline const char *known_take(const char *at, const char *end,
				     const struct sip_known_host *known, struct sip_via *out)
{
	size_t len = known == NULL ? 0 : known->text.len;

	if (len == 0 || (size_t)(end - at) <= len || (at[len] != ':' && at[len] != ';') ||
	    memcmp(at, known->text.at, len) != 0)
		return NULL;
	out->host = slice_make(at, len);
	out->address = *known->address;
	out->address.port = 0;
	return at + len;
}

/* host [":" port] at at; past it, its odd character taken. */
READER const char *sent_by_take(struct walk *walk, const char *at,
				const struct sip_known_host *known, struct sip_via *out)
{
	const char *past = known_take(at, walk->end, known, out);

	if (past == NULL)
		past = sip_host_scan_address(at, walk->end, &out->host, &out->address);
	out->port = 0;
	if (past == NULL)
		return NULL;
	if (past < walk->end && *past == ':')
		past = sip_port_scan(past + 1, walk->end, &out->port);
	if (past == NULL)
		return NULL;
	out->sent_by = slice_make(at, (size_t)(past - at));
	walk_to(walk, past);
	return walk_next(walk) == past ? past : NULL;
}

#define VIA_START "SIP/2.0/UDP "

READER bool via_read(struct slice text, const char *last, const struct sip_known_host *known,
		     bool is_short, struct sip_via *out)
{
	static const char start[] = VIA_START;
	struct slice none = slice_make(text.at, 0);
	const char *at = text.at;
	struct walk walk;

	if (text.len < sizeof(start) || sip_eight(at) != sip_eight(start) ||
	    sip_four(at + 8) != sip_four(start + 8) ||
	    sip_char_is(at[sizeof(start) - 1], SIP_CHAR_LWS))
		return false;
	out->text = text;
	out->protocol = slice_make(at, 7);
	out->transport = slice_make(at + 8, 3);
	out->branch = out->received = out->rport = out->rport_text = out->sk = none;
	out->has_rport = false;
	at += sizeof(start) - 1;
	walk = walk_begin(slice_make(at, text.len - (sizeof(start) - 1)), last, is_short);
	at = sent_by_take(&walk, at, known, out);
	if (at == NULL || (at < walk.end && *at != ';'))
		return false;
	while (at < walk.end) {
		struct param param;

		at = param_take(&walk, at, &param);
		if (at == NULL || !via_param_note(out, &param))
			return false;
	}
	return true;
}

READER bool call_id_read(struct slice text, const char *last, bool is_short)
{
	struct walk walk;
	const char *at;

	if (text.len == 0)
		return false;
	walk = walk_begin(text, last, is_short);
	while ((at = walk_next(&walk)) < walk.end)
		if ((unsigned char)*at <= ' ' || *at == 0x7f)
			return false;
	return true;
}

SIP_VECTOR bool sip_plain_via(struct slice text, const char *last,
			      const struct sip_known_host *known, struct sip_via *out)
{
	return IS_SHORT(text) ? via_read(text, last, known, true, out)
			      : via_read(text, last, known, false, out);
}

SIP_VECTOR bool sip_plain_party(struct slice text, const char *last, struct sip_party *out)
{
	return IS_SHORT(text) ? party_read(text, last, true, out)
			      : party_read(text, last, false, out);
}

SIP_VECTOR bool sip_plain_uri(struct slice text, const char *last, struct sip_uri *out)
{
	return IS_SHORT(text) ? uri_read(text, last, true, out) : uri_read(text, last, false, out);
}

SIP_VECTOR bool sip_plain_call_id(struct slice text, const char *last)
{
	return IS_SHORT(text) ? call_id_read(text, last, true) : call_id_read(text, last, false);
}

#else

bool sip_plain_via(struct slice text, const char *last, const struct sip_known_host *known,
		   struct sip_via *out)
{
	(void)text, (void)last, (void)known, (void)out;
	return false;
}

bool sip_plain_party(struct slice text, const char *last, struct sip_party *out)
{
	(void)text, (void)last, (void)out;
	return false;
}

bool sip_plain_uri(struct slice text, const char *last, struct sip_uri *out)
{
	(void)text, (void)last, (void)out;
	return false;
}

bool sip_plain_call_id(struct slice text, const char *last)
{
	(void)text, (void)last;
	return false;
}

#endif
