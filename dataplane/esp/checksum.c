#include "dataplane/esp/checksum.h"

#include <immintrin.h>
#include <string.h>

/*
 * There is an instruction that adds signed words in pairs: each goes in less 2^15, which is made up
 * for at the end.
 */
uint64_t checksum_add_narrow(const uint8_t *at, size_t len)
{
	const __m128i half = _mm_set1_epi16(INT16_MIN), one = _mm_set1_epi16(1);
	__m128i pairs = _mm_setzero_si128();
	uint64_t sum = (uint64_t)(len / 16) * 8 << 15, rest = 0;
	int32_t lanes[4];

	for (; len >= 16; at += 16, len -= 16) {
		__m128i words = _mm_loadu_si128((const __m128i *)(const void *)at);

		pairs = _mm_add_epi32(pairs, _mm_madd_epi16(_mm_xor_si128(words, half), one));
	}
	_mm_storeu_si128((__m128i *)(void *)lanes, pairs);
	sum += (uint64_t)((int64_t)lanes[0] + lanes[1] + lanes[2] + lanes[3]);
	if (len >= 8) {
		memcpy(&rest, at, 8);
		sum += (rest & UINT32_MAX) + (rest >> 32);
		at += 8;
		len -= 8;
		rest = 0;
	}
	for (size_t i = 0; i < len; i++)
		rest |= (uint64_t)at[i] << (8 * i);
	return sum + (rest & UINT32_MAX) + (rest >> 32);
}

#define WIDE_BYTES 64u
#define WIDE	   __attribute__((target("avx512f,avx512bw,bmi2")))

WIDE static inline __m512i pairs_of(__m512i words)
{
	const __m512i half = _mm512_set1_epi16(INT16_MIN), one = _mm512_set1_epi16(1);

	return _mm512_madd_epi16(_mm512_xor_si512(words, half), one);
}

/* The same by 64 bytes, four times that a turn; those that are not there count as zeros. */
WIDE static uint64_t add_wide(const uint8_t *at, size_t len)
{
	uint64_t words = (len + WIDE_BYTES - 1) / WIDE_BYTES * (WIDE_BYTES / 2);
	__m512i a = _mm512_setzero_si512(), b = a, low, high;

	for (; len >= 4 * WIDE_BYTES; at += 4 * WIDE_BYTES, len -= 4 * WIDE_BYTES) {
		a = _mm512_add_epi32(a, pairs_of(_mm512_loadu_si512(at)));
		b = _mm512_add_epi32(b, pairs_of(_mm512_loadu_si512(at + WIDE_BYTES)));
		a = _mm512_add_epi32(a, pairs_of(_mm512_loadu_si512(at + 2 * WIDE_BYTES)));
		b = _mm512_add_epi32(b, pairs_of(_mm512_loadu_si512(at + 3 * WIDE_BYTES)));
	}
	for (; len >= WIDE_BYTES; at += WIDE_BYTES, len -= WIDE_BYTES)
		a = _mm512_add_epi32(a, pairs_of(_mm512_loadu_si512(at)));
	if (len > 0)
		b = _mm512_add_epi32(b, pairs_of(_mm512_maskz_loadu_epi8(
						_bzhi_u64(~UINT64_C(0), (unsigned)len), at)));
	a = _mm512_add_epi32(a, b);
	low = _mm512_cvtepi32_epi64(_mm512_castsi512_si256(a));
	high = _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(a, 1));
	return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(low, high)) + (words << 15);
}

uint64_t checksum_add(const uint8_t *at, size_t len)
{
	if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2"))
		return add_wide(at, len);
	return checksum_add_narrow(at, len);
}
