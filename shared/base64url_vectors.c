#include "shared/base64url_ways.h"

#ifdef __x86_64__

#include <immintrin.h>

#define VECTORS	   __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,bmi2")))
#define STEP_CHARS 64
#define STEP_BYTES 48
#define ALIGNED	   __attribute__((aligned(64)))

/* A bit for each of the first count bytes, 64 at most. */
#define FIRST(count) _bzhi_u64(UINT64_MAX, (unsigned)(count))

bool base64_vectors_are_possible(void)
{
	return __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2");
}

/* The URL's alphabet and the plain one. */
static const char chars_of[2][STEP_CHARS] ALIGNED = {
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
};

/* clang-format off */
/* Of 7-bit characters, those of '+', '-', '/' and '_' as given; negative: foreign. */
#define VALUES(plus, minus, slash, low) {                                          \
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,            \
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,            \
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, plus, -1, minus, -1, slash,    \
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,            \
	-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,                      \
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, low,           \
	-1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,            \
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,            \
}
static const signed char values_of[2][2 * STEP_CHARS] ALIGNED = {
	VALUES(-1, 62, -1, 63), VALUES(62, -1, 63, -1)};

/* Four characters come from three bytes: as two halves of 16 bits that overlap. */
static const uint8_t spread[STEP_CHARS] ALIGNED = {
	1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,
	13, 12, 14, 13, 16, 15, 17, 16, 19, 18, 20, 19, 22, 21, 23, 22,
	25, 24, 26, 25, 28, 27, 29, 28, 31, 30, 32, 31, 34, 33, 35, 34,
	37, 36, 38, 37, 40, 39, 41, 40, 43, 42, 44, 43, 46, 45, 47, 46,
};

/* The three bytes of each 32 bits, first byte first. */
static const uint8_t packed[STEP_CHARS] ALIGNED = {
	2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 18, 17, 16, 22,
	21, 20, 26, 25, 24, 30, 29, 28, 34, 33, 32, 38, 37, 36, 42, 41,
	40, 46, 45, 44, 50, 49, 48, 54, 53, 52, 58, 57, 56, 62, 61, 60,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
/* clang-format on */

/* Where in such a pair of halves the six bits of each character begin. */
#define SHIFTS 0x3036242a1016040a

VECTORS static inline __m512i chars_write(__m512i bytes, __m512i alphabet)
{
	__m512i halves = _mm512_permutexvar_epi8(_mm512_load_si512((const void *)spread), bytes);

	/* The two bits above each six are not looked at by the permutation. */
	return _mm512_permutexvar_epi8(
		_mm512_multishift_epi64_epi8(_mm512_set1_epi64(SHIFTS), halves), alphabet);
}

VECTORS void base64_vectors_encode(const uint8_t *in, size_t len, struct base64_alphabet alphabet,
				   char *out, size_t room)
{
	__m512i chars = _mm512_load_si512(chars_of[alphabet.c62 == '+']), last;
	size_t count = (len * 4 + 2) / 3;

	for (; len >= STEP_BYTES; in += STEP_BYTES, out += STEP_CHARS) {
		_mm512_storeu_si512(
			out,
			chars_write(_mm512_maskz_loadu_epi8(FIRST(STEP_BYTES), in), chars));
		len -= STEP_BYTES;
		count -= STEP_CHARS;
		room -= STEP_CHARS;
	}
	if (len == 0)
		return;
	last = chars_write(_mm512_maskz_loadu_epi8(FIRST(len), in), chars);
	if (room >= STEP_CHARS)
		_mm512_storeu_si512(out, last);
	else
		_mm512_mask_storeu_epi8(out, FIRST(count), last);
}

/* Of 64 characters the values, six bits in each byte; sets a bit for each foreign one. */
VECTORS static inline __m512i values_read(__m512i chars, const signed char *values,
					  __mmask64 *foreign)
{
	__m512i read = _mm512_permutex2var_epi8(_mm512_load_si512(values), chars,
						_mm512_load_si512(values + STEP_CHARS));

	/* The permutation looks at seven bits. */
	*foreign |= _mm512_movepi8_mask(_mm512_or_si512(read, chars));
	return read;
}

VECTORS static inline __m512i bytes_read(__m512i values)
{
	__m512i twelve = _mm512_maddubs_epi16(values, _mm512_set1_epi32(0x01400140));
	__m512i twenty_four = _mm512_madd_epi16(twelve, _mm512_set1_epi32(0x00011000));

	return _mm512_permutexvar_epi8(_mm512_load_si512((const void *)packed), twenty_four);
}

/* What the last step read, of which `some` bytes count. Where there is the room, in whole vectors: what a
 * masked store wrote, whoever reads it next would wait for. */
VECTORS static inline void last_store(__m512i last, uint8_t *out, size_t some, size_t room)
{
	if (room < STEP_BYTES) {
		_mm512_mask_storeu_epi8(out, FIRST(some), last);
		return;
	}
	_mm256_storeu_si256((void *)out, _mm512_castsi512_si256(last));
	_mm_storeu_si128((void *)(out + 32), _mm512_extracti32x4_epi32(last, 2));
}

VECTORS bool base64_vectors_decode(const char *in, size_t len, struct base64_alphabet alphabet,
				   uint8_t *out, size_t room)
{
	const signed char *known = values_of[alphabet.c62 == '+'];
	__mmask64 foreign = 0, behind;
	__m512i values, last;

	for (; len >= STEP_CHARS; in += STEP_CHARS, len -= STEP_CHARS, out += STEP_BYTES) {
		values = values_read(_mm512_loadu_si512(in), known, &foreign);
		_mm512_mask_storeu_epi8(out, FIRST(STEP_BYTES), bytes_read(values));
		room -= STEP_BYTES;
	}
	/* Filled up with zeros: bits left over are then all there is behind the last byte. */
	values = values_read(_mm512_mask_loadu_epi8(_mm512_set1_epi8('A'), FIRST(len), in), known,
			     &foreign);
	last = bytes_read(values);
	last_store(last, out, len * 3 / 4, room);
	behind = _mm512_mask_test_epi8_mask(FIRST(STEP_BYTES) & ~FIRST(len * 3 / 4), last, last);
	return (foreign | behind) == 0;
}

#else

bool base64_vectors_are_possible(void)
{
	return false;
}

void base64_vectors_encode(const uint8_t *in, size_t len, struct base64_alphabet alphabet,
			   char *out, size_t room)
{
	(void)room;
	base64_words_encode(in, len, alphabet, out);
}

bool base64_vectors_decode(const char *in, size_t len, struct base64_alphabet alphabet,
			   uint8_t *out, size_t room)
{
	(void)room;
	return base64_words_decode(in, len, alphabet, out);
}

#endif
