/*
 * The same by shape: a bit for each odd character of a value says where its parts end, and words
 * that stand there are compared with what they are in nearly all messages.
 */
#include "shared/sip/plain.h"

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>

#include "shared/limits.h"
#include "shared/sip/plain_params.h"
#include "shared/sip/words.h"

#define WINDOW_BYTES 64
#define VALUE_BYTES  128 /* of a From, a To or a request line, at most */

/*
 * Odd is what is neither letter, digit, '-', '.' nor '_'; foreign, what no canonical host has. Odd
 * is the bit that other than ASCII has of itself.
 */
#define O 128
#define F 1

#define FOUR(class)    class, class, class, class
#define TWELVE(class)  FOUR(class), FOUR(class), FOUR(class)
#define SIXTEEN(class) FOUR(class), TWELVE(class)
#define PUNCTUATION    TWELVE(O), O, 0, 0, O		     /* space to '/' */
#define DIGITS	       0, 0, FOUR(0), FOUR(0), FOUR(O), O, O /* '0' to '?' */
#define CAPITALS       O, F, F, F, TWELVE(F)		     /* '@' to 'O' */
#define CAPITALS_REST  FOUR(F), FOUR(F), F, F, F, FOUR(O), F /* 'P' to '_' */
#define LETTERS	       O, 0, 0, 0, TWELVE(0)		     /* '`' to 'o' */
#define LETTERS_REST   FOUR(0), FOUR(0), 0, 0, 0, FOUR(O), O /* 'p' to the last */

static const _Alignas(64) uint8_t classes[2 * WINDOW_BYTES] = {
	SIXTEEN(O), SIXTEEN(O),	   PUNCTUATION, DIGITS,
	CAPITALS,   CAPITALS_REST, LETTERS,	LETTERS_REST};

/* A bit for each byte. */
struct window {
	uint64_t odd;
	uint64_t foreign;
};

/* Of at most WINDOW_BYTES, none beyond which is loaded. */
SIP_WIDE_STEP struct window window_read(const char *at, size_t len)
{
	uint64_t valid =
		_bzhi_u64(~UINT64_C(0), (unsigned)(len < WINDOW_BYTES ? len : WINDOW_BYTES));
	__m512i text = _mm512_maskz_loadu_epi8(valid, at);
	__m512i class = _mm512_permutex2var_epi8(_mm512_load_si512(classes), text,
						 _mm512_load_si512(classes + WINDOW_BYTES));

	return (struct window){
		.odd = _mm512_movepi8_mask(_mm512_or_si512(class, text)) & valid,
		.foreign = _mm512_test_epi8_mask(class, _mm512_set1_epi8(F)),
	};
}

/* What is empty there: one store each. */
SIP_WIDE_STEP void empty_put(const char *at, struct slice *out)
{
	_mm_storeu_si128((void *)out, _mm_cvtsi64_si128((int64_t)(uintptr_t)at));
}

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

/*
 * Are these len bytes, at most a window and most often as many as two loads cover, the same?
 * Nothing beyond them is loaded, not even to be masked out: the next line may be far.
 */
SIP_WIDE_STEP bool is_same(const char *a, const char *b, size_t len)
{
	const char *a_end = a + len, *b_end = b + len;

	if (len >= 32)
		return (_mm256_cmpneq_epi8_mask(_mm256_loadu_si256((const void *)a),
						_mm256_loadu_si256((const void *)b)) |
			_mm256_cmpneq_epi8_mask(_mm256_loadu_si256((const void *)(a_end - 32)),
						_mm256_loadu_si256((const void *)(b_end - 32)))) ==
		       0;
	if (len >= 8) {
		size_t second = len >= 16 ? 8 : 0, third = len >= 16 ? len - 16 : 0;

		return ((sip_eight(a) ^ sip_eight(b)) |
			(sip_eight(a + second) ^ sip_eight(b + second)) |
			(sip_eight(a + third) ^ sip_eight(b + third)) |
			(sip_eight(a_end - 8) ^ sip_eight(b_end - 8))) == 0;
	}
	return memcmp(a, b, len) == 0;
}

/* A place in a value, and the odd characters that are still to come in the window around it. */
struct walk {
	const char *window;
	const char *end;
	uint64_t odd;
};

/* The next odd character, or the end. */
SIP_WIDE_STEP const char *walk_next(struct walk *walk)
{
	const char *at;

	while (walk->odd == 0) {
		walk->window += WINDOW_BYTES;
		if (walk->window >= walk->end)
			return walk->end;
		walk->odd = window_read(walk->window, (size_t)(walk->end - walk->window)).odd;
	}
	at = walk->window + _tzcnt_u64(walk->odd);
	walk->odd = _blsr_u64(walk->odd);
	return at;
}

/* Parameters up to the end, the first of which begins at at: each ';', name, perhaps '=', value. */
SIP_WIDE_STEP bool via_params_take(struct walk *walk, const char *at, struct sip_via *out)
{
	while (at < walk->end) {
		struct param param = {.name = at + 1, .name_end = walk_next(walk)};
		const char *value = param.name_end + 1;

		if (*at != ';' || param.name_end == param.name)
			return false;
		at = param.name_end;
		param.value = slice_make(at, 0);
		if (at < walk->end && *at == '=') {
			at = walk_next(walk);
			param.value = slice_make(value, (size_t)(at - value));
			if (at == value)
				return false;
		}
		if (!via_param_note(out, &param))
			return false;
	}
	return true;
}

#define BRANCH	     ";branch="
#define BRANCH_CHARS (sizeof(BRANCH) - 1)
#define RPORT	     ";rport"
#define RPORT_CHARS  (sizeof(RPORT) - 1)

/* The first parameter, if it is a branch: past it. Its '=' is in the first window, as it is. */
SIP_WIDE_STEP const char *branch_take(struct walk *walk, const char *at, struct sip_via *out)
{
	const char *value = at + BRANCH_CHARS, *past;

	if (walk->end - at <= (ptrdiff_t)BRANCH_CHARS || sip_eight(at) != sip_eight(BRANCH))
		return at;
	walk->odd = _blsr_u64(walk->odd);
	past = walk_next(walk);
	out->branch = slice_make(value, (size_t)(past - value));
	return past == value ? NULL : past;
}

/* The last parameter, if it is an rport without a value. */
SIP_WIDE_STEP bool rport_take(const char *at, const char *end, struct sip_via *out)
{
	if (end - at != (ptrdiff_t)RPORT_CHARS || sip_four(at) != sip_four(RPORT) ||
	    sip_four(end - 4) != sip_four(&RPORT[RPORT_CHARS - 4]))
		return false;
	out->has_rport = true;
	out->rport = slice_make(end, 0);
	out->rport_text = slice_make(at + 1, RPORT_CHARS - 1);
	return true;
}

#define VIA_START	"SIP/2.0/UDP "
#define VIA_START_CHARS (sizeof(VIA_START) - 1)
#define USUAL_PORT	5060

/* Nothing, or ':' and a port: past it, the odd character there taken; NULL: not so plain. */
SIP_WIDE_STEP const char *port_take(struct walk *walk, uint16_t *port)
{
	const char *begin = walk->window, *at = walk_next(walk), *past;
	uint32_t value;

	*port = 0;
	if (at != begin)
		return NULL;
	if (*at != ':')
		return at;
	past = walk_next(walk);
	if (past - at == 5 && sip_four(at + 1) == sip_four("5060")) {
		*port = USUAL_PORT;
		return past;
	}
	if ((size_t)(past - at - 2) >= 8 || !sip_digits(past, (size_t)(past - at - 1), &value) ||
	    value - 1 >= UINT16_MAX)
		return NULL;
	*port = (uint16_t)value;
	return past;
}

/* What a Via says before its parameters, which begin at at, and that there are none of them. */
SIP_WIDE_STEP void via_begin(struct slice text, const char *at, const struct sip_known_host *known,
			     struct sip_via *out)
{
	const char *host = text.at + VIA_START_CHARS;

	out->text = text;
	out->protocol = slice_make(text.at, 7);
	out->transport = slice_make(text.at + 8, 3);
	out->sent_by = slice_make(host, (size_t)(at - host));
	out->host = slice_make(host, known->text.len);
	out->address = *known->address;
	out->address.port = 0;
	empty_put(text.at, &out->branch);
	empty_put(text.at, &out->received);
	empty_put(text.at, &out->rport);
	empty_put(text.at, &out->rport_text);
	empty_put(text.at, &out->sk);
	out->has_rport = false;
}

/* After VIA_START the known host, perhaps a port, parameters. */
SIP_VECTOR_WIDE bool sip_plain_via_wide(struct slice text, const struct sip_known_host *known,
					struct sip_via *out)
{
	size_t host = known->text.len, start = VIA_START_CHARS + host;
	struct walk walk = {.window = text.at + start, .end = text.at + text.len};
	const char *at;

	if (host == 0 || host > WINDOW_BYTES || text.len <= start ||
	    sip_eight(text.at) != sip_eight(VIA_START) ||
	    sip_four(text.at + 8) != sip_four(&VIA_START[8]) ||
	    !is_same(text.at + VIA_START_CHARS, known->text.at, host))
		return false;
	walk.odd = window_read(walk.window, text.len - start).odd;
	at = port_take(&walk, &out->port);
	if (at == NULL)
		return false;
	via_begin(text, at, known, out);
	at = branch_take(&walk, at, out);
	return at != NULL && (rport_take(at, walk.end, out) || via_params_take(&walk, at, out));
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

bool sip_plain_via_wide(struct slice text, const struct sip_known_host *known, struct sip_via *out)
{
	(void)text, (void)known, (void)out;
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
