/*
 * The same by shape: a value's odd characters come together in one register, in order, and are
 * compared with what they are in nearly all messages, all at once; so are the places where they
 * stand.
 */
#include "shared/sip/plain.h"

#ifdef SIP_HAS_VECTOR

#include <immintrin.h>

#include "shared/limits.h"
#include "shared/sip/chars.h"
#include "shared/sip/plain_params.h"
#include "shared/sip/words.h"

#define WIDE	     SIP_VECTOR_WIDE static inline __attribute__((always_inline))
#define WINDOW_BYTES 64
#define SHAPE_BYTES  128 /* of a value, at most */
#define SHAPE_CHARS  8	 /* odd characters that are told */

/* Odd is what is neither letter, digit, '-', '.' nor '_'; foreign, what no canonical host has. */
#define O 1
#define F 2

#define FOUR(class)    class, class, class, class
#define TWELVE(class)  FOUR(class), FOUR(class), FOUR(class)
#define SIXTEEN(class) FOUR(class), TWELVE(class)
#define PUNCTUATION    TWELVE(O), O, 0, 0, O		     /* space to '/' */
#define DIGITS	       0, 0, FOUR(0), FOUR(0), FOUR(O), O, O /* '0' to '?' */
#define CAPITALS       O, F, F, F, TWELVE(F)		     /* '@' to 'O' */
#define CAPITALS_REST  FOUR(F), FOUR(F), F, F, F, FOUR(O), F /* 'P' to '_' */
#define LETTERS	       O, 0, 0, 0, TWELVE(0)		     /* '`' to 'o' */
#define LETTERS_REST   FOUR(0), FOUR(0), 0, 0, 0, FOUR(O), O /* 'p' to the last */

static const _Alignas(64) uint8_t classes[SHAPE_BYTES] = {SIXTEEN(O), SIXTEEN(O),  PUNCTUATION,
							  DIGITS,     CAPITALS,	   CAPITALS_REST,
							  LETTERS,    LETTERS_REST};

#define EIGHT(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7

static const _Alignas(64) uint8_t numbers[WINDOW_BYTES] = {
	EIGHT(0), EIGHT(8), EIGHT(16), EIGHT(24), EIGHT(32), EIGHT(40), EIGHT(48), EIGHT(56)};

struct shape {
	uint64_t chars;	     /* the first eight odd ones, zeros behind the last */
	uint64_t places;     /* where each of those stands, a byte each */
	unsigned count;	     /* of all odd ones */
	uint64_t foreign[2]; /* a bit for each byte */
};

/* What a window has, its places counted from `from`. */
struct window {
	uint64_t chars;
	uint64_t places;
	uint64_t foreign;
	unsigned count;
};

WIDE struct window window_read(const char *at, size_t len, uint8_t from)
{
	uint64_t valid = _bzhi_u64(~UINT64_C(0), (unsigned)len);
	__m512i text = _mm512_maskz_loadu_epi8(valid, at);
	__m512i class = _mm512_permutex2var_epi8(_mm512_load_si512(classes), text,
						 _mm512_load_si512(classes + WINDOW_BYTES));
	__m512i places = _mm512_add_epi8(_mm512_load_si512(numbers), _mm512_set1_epi8((char)from));
	uint64_t beyond = _mm512_movepi8_mask(text); /* ASCII */
	uint64_t odd = (_mm512_test_epi8_mask(class, _mm512_set1_epi8(O)) | beyond) & valid;

	return (struct window){
		.chars = (uint64_t)_mm_cvtsi128_si64(
			_mm512_castsi512_si128(_mm512_maskz_compress_epi8(odd, text))),
		.places = (uint64_t)_mm_cvtsi128_si64(
			_mm512_castsi512_si128(_mm512_maskz_compress_epi8(odd, places))),
		.foreign = _mm512_test_epi8_mask(class, _mm512_set1_epi8(F)) & ~beyond,
		.count = (unsigned)_mm_popcnt_u64(odd),
	};
}

/* Of a value of 1 to SHAPE_BYTES. */
WIDE struct shape shape_of(struct slice text)
{
	struct window first, second;
	unsigned bits;

	if (text.len <= WINDOW_BYTES) {
		first = window_read(text.at, text.len, 0);
		return (struct shape){first.chars, first.places, first.count, {first.foreign, 0}};
	}
	first = window_read(text.at, WINDOW_BYTES, 0);
	second = window_read(text.at + WINDOW_BYTES, text.len - WINDOW_BYTES, WINDOW_BYTES);
	bits = first.count * 8;
	if (first.count >= SHAPE_CHARS) {
		second.chars = second.places = 0;
		bits = 0;
	}
	return (struct shape){first.chars | second.chars << bits,
			      first.places | second.places << bits,
			      first.count + second.count,
			      {first.foreign, second.foreign}};
}

/* Where the odd character of that number stands. */
static inline size_t place(const struct shape *shape, unsigned number)
{
	return (uint8_t)(shape->places >> 8 * number);
}

#define CHARS(a, b, c, d, e, f)                                                                    \
	((uint64_t)SIP_WORD(a, b, c, d) | (uint64_t)(e) << 32 | (uint64_t)(f) << 40)

/* Does any byte from `from` up to `past` belong to no host in canonical form? */
WIDE bool is_foreign(const struct shape *shape, size_t from, size_t past)
{
	uint64_t bits;

	if (past - from > WINDOW_BYTES)
		return true; /* not looked at */
	if (past <= WINDOW_BYTES)
		bits = shape->foreign[0] >> from;
	else if (from >= WINDOW_BYTES)
		bits = shape->foreign[1] >> (from - WINDOW_BYTES);
	else
		bits = shape->foreign[0] >> from | shape->foreign[1] << (WINDOW_BYTES - from);
	return _bzhi_u64(bits, (unsigned)(past - from)) != 0;
}

/*
 * "sip:" user '@' host of a value, all of plain characters: it starts at `start`, its colon, sign
 * and end are where the odd characters stand.
 */
WIDE bool uri_take(const struct shape *shape, const char *text, size_t start, unsigned colon,
		   struct sip_uri *out)
{
	size_t sign = place(shape, colon + 1), past = place(shape, colon + 2);
	const char *at = text + start;
	struct slice none = slice_make(at, 0);

	if (place(shape, colon) != start + 3 || sign <= start + 4 || past <= sign + 1 ||
	    (sip_four(at) | SIP_THREE_LOWER) != SIP_WORD('s', 'i', 'p', ':'))
		return false;
	out->scheme = SIP_SCHEME_SIP;
	out->has_password = false;
	out->is_canonical =
		!is_foreign(shape, sign + 1, past) && (unsigned char)(text[past - 1] - '0') > 9;
	out->port = 0;
	out->text = slice_make(at, past - start);
	out->user = slice_make(at + 4, sign - start - 4);
	out->password = none;
	out->host = slice_make(text + sign + 1, past - sign - 1);
	out->params = slice_make(text + past, 0);
	out->headers = none;
	return true;
}

/* "<sip:user@host>", ";tag=" and a tag. */
SIP_VECTOR_WIDE bool sip_plain_party_wide(struct slice text, struct sip_party *out)
{
	struct slice tag = slice_make(text.at, 0);
	struct shape shape;
	size_t close;

	if (text.len < sizeof("<sip:u@h>") - 1 || text.len > SHAPE_BYTES)
		return false;
	shape = shape_of(text);
	close = place(&shape, 3);
	if (shape.count == 6 && shape.chars == CHARS('<', ':', '@', '>', ';', '=')) {
		struct param param = {.name = text.at + close + 2,
				      .name_end = text.at + place(&shape, 5)};

		tag = slice_make(param.name_end + 1, text.len - place(&shape, 5) - 1);
		if (place(&shape, 4) != close + 1 || !is_tag(&param) || tag.len == 0)
			return false;
	} else if (shape.count != 4 || shape.chars != CHARS('<', ':', '@', '>', 0, 0) ||
		   close != text.len - 1) {
		return false;
	}
	if (place(&shape, 0) != 0 || !uri_take(&shape, text.at, 1, 1, &out->uri))
		return false;
	out->display = slice_make(text.at, 0);
	out->tag = tag;
	return true;
}

/* METHOD sip:user@host SIP/2.0 */
SIP_VECTOR_WIDE bool sip_plain_request_line_wide(struct slice line, struct slice *method,
						 struct slice *version, struct sip_uri *uri)
{
	struct shape shape;
	size_t space, past;

	if (line.len < sizeof("M sip:u@h SIP/2.0") - 1 || line.len > SHAPE_BYTES)
		return false;
	shape = shape_of(line);
	space = place(&shape, 0);
	past = place(&shape, 3);
	if (shape.count != 5 || shape.chars != CHARS(' ', ':', '@', ' ', '/', 0) || space == 0 ||
	    space > LIMIT_SIP_METHOD_BYTES || past + 8 != line.len ||
	    sip_eight(line.at + past) != sip_eight(" SIP/2.0") ||
	    !uri_take(&shape, line.at, space + 1, 1, uri))
		return false;
	*method = slice_make(line.at, space);
	*version = slice_make(line.at + past + 1, 7);
	return true;
}

/*
 * Are these len bytes, at most a window and most often as many as two loads cover, the same?
 * Nothing beyond them is loaded, not even to be masked out: the next line may be far.
 */
WIDE bool is_same(const char *a, const char *b, size_t len)
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

/* The parameters that begin at the odd character of this number: each ';', name, perhaps '=',
 * value. */
WIDE bool via_params_take(const struct shape *shape, struct slice text, unsigned number,
			  struct sip_via *out)
{
	const char *end = text.at + text.len;

	while (number < shape->count) {
		const char *at = text.at + place(shape, number), *past = end;
		struct param param;

		if (*at != ';')
			return false;
		if (++number < shape->count)
			past = text.at + place(shape, number);
		param = (struct param){.name = at + 1, .name_end = past, .value = {past, 0}};
		if (past == at + 1)
			return false;
		if (past != end && *past == '=') {
			at = past + 1;
			past = ++number < shape->count ? text.at + place(shape, number) : end;
			param.value = slice_make(at, (size_t)(past - at));
			if (past == at)
				return false;
		}
		if (!via_param_note(out, &param))
			return false;
	}
	return true;
}

#define VIA_START	"SIP/2.0/UDP "
#define VIA_START_CHARS (sizeof(VIA_START) - 1)

/* After VIA_START the known host, perhaps a port, parameters. */
SIP_VECTOR_WIDE bool sip_plain_via_wide(struct slice text, const struct sip_known_host *known,
					struct sip_via *out)
{
	size_t host = known->text.len, start = VIA_START_CHARS + host;
	const struct slice none = slice_make(text.at, 0);
	struct slice rest, sent_by;
	unsigned number = 0;
	struct shape shape;

	if (host == 0 || host > WINDOW_BYTES || text.len <= start ||
	    text.len > start + SHAPE_BYTES || sip_eight(text.at) != sip_eight(VIA_START) ||
	    sip_four(text.at + 8) != sip_four(&VIA_START[8]) ||
	    !is_same(text.at + VIA_START_CHARS, known->text.at, host))
		return false;
	rest = slice_make(text.at + start, text.len - start);
	shape = shape_of(rest);
	if (shape.count == 0 || shape.count > SHAPE_CHARS || place(&shape, 0) != 0)
		return false;
	out->port = 0;
	sent_by = slice_make(text.at + VIA_START_CHARS, host);
	if (*rest.at == ':') {
		const char *past =
			shape.count > 1 ? rest.at + place(&shape, 1) : rest.at + rest.len;

		if (sip_port_scan(rest.at + 1, past, &out->port) != past)
			return false;
		sent_by.len += (size_t)(past - rest.at);
		number = 1;
	}
	out->text = text;
	out->sent_by = sent_by;
	out->protocol = slice_make(text.at, 7);
	out->transport = slice_make(text.at + 8, 3);
	out->host = slice_make(text.at + VIA_START_CHARS, host);
	out->address = known->address;
	out->branch = none;
	out->received = none;
	out->rport = none;
	out->rport_text = none;
	out->sk = none;
	out->has_rport = false;
	return via_params_take(&shape, rest, number, out);
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
