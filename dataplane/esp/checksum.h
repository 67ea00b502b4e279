/* The Internet checksum (RFC 1071) over bytes as they lie in memory. */
#ifndef SEKISHO_DATAPLANE_ESP_CHECKSUM_H
#define SEKISHO_DATAPLANE_ESP_CHECKSUM_H

#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * The sum of the 16-bit words of len bytes, an odd last byte filled up with zero; neither folded
 * nor complemented. Four lanes of 32 bits are added into 64: nothing can overflow below 2^32 bytes.
 */
static inline uint64_t checksum_add(const uint8_t *at, size_t len)
{
	const __m128i zero = _mm_setzero_si128();
	__m128i low = zero, high = zero;
	uint64_t lanes[2], sum, rest = 0;

	for (; len >= 16; at += 16, len -= 16) {
		__m128i words = _mm_loadu_si128((const __m128i *)(const void *)at);

		low = _mm_add_epi64(low, _mm_unpacklo_epi32(words, zero));
		high = _mm_add_epi64(high, _mm_unpackhi_epi32(words, zero));
	}
	_mm_storeu_si128((__m128i *)(void *)lanes, _mm_add_epi64(low, high));
	sum = lanes[0] + lanes[1];
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
