/* The Internet checksum (RFC 1071) over bytes as they lie in memory. */
#ifndef SEKISHO_DATAPLANE_ESP_CHECKSUM_H
#define SEKISHO_DATAPLANE_ESP_CHECKSUM_H

#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * The sum of the 16-bit words of len (below 2^18) bytes, an odd last byte filled up with zero; neither
 * folded nor complemented. There is an instruction that adds signed words in pairs: each goes in less
 * 2^15, which is made up for at the end.
 */
static inline uint64_t checksum_add(const uint8_t *at, size_t len)
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

/* Folded to 16 bits and complemented, as it goes into a header. */
static inline uint16_t checksum_finish(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

#endif
