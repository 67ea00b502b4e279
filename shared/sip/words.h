/* Characters read as words: several compared at once. */
#ifndef SEKISHO_SHARED_SIP_WORDS_H
#define SEKISHO_SHARED_SIP_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t sip_four(const char *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline uint64_t sip_eight(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Are these bytes the same: 1 to SIP_SAME_MOST of them, of which up to three loads see all? */
#define SIP_SAME_MOST 16
static inline bool sip_is_same(const char *a, const char *b, size_t len)
{
	if (len >= 8)
		return ((sip_eight(a) ^ sip_eight(b)) |
			(sip_eight(a + len - 8) ^ sip_eight(b + len - 8))) == 0;
	if (len >= 4)
		return ((sip_four(a) ^ sip_four(b)) |
			(sip_four(a + len - 4) ^ sip_four(b + len - 4))) == 0;
	return a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1];
}

/* The number that two bytes are; false if one of them is no digit. */
static inline bool sip_two_digits(const char *at, uint32_t *out)
{
	uint8_t tens = (uint8_t)(at[0] - '0'), ones = (uint8_t)(at[1] - '0');

	*out = tens * 10u + ones;
	return tens <= 9 && ones <= 9;
}

/*
 * The number that the 1 to 8 bytes before end are, eight of which may be read; false if one of them
 * is no digit. All at once: their values, then those of twos, of fours, and of all of them.
 */
static inline bool sip_digits(const char *end, size_t len, uint32_t *out)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word = sip_eight(end - 8);

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	word = (word ^ ones * '0') & ~UINT64_C(0) << (64 - 8 * len);
	if (((word | (word + ones * (0x80 - 10))) & ones * 0x80) != 0)
		return false;
	word = (word * 10 + (word >> 8)) & UINT64_C(0x00ff00ff00ff00ff);
	word = (word * 100 + (word >> 16)) & UINT64_C(0x0000ffff0000ffff);
	*out = (uint32_t)(word * 10000 + (word >> 32));
	return true;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SIP_WORD(a, b, c, d)                                                                       \
	((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#else
#define SIP_WORD(a, b, c, d)                                                                       \
	((uint32_t)(d) | (uint32_t)(c) << 8 | (uint32_t)(b) << 16 | (uint32_t)(a) << 24)
#endif

/* Or'ed to a word: its first three, or all of its letters in lower case. */
#define SIP_THREE_LOWER SIP_WORD(0x20, 0x20, 0x20, 0)
#define SIP_FOUR_LOWER	SIP_WORD(0x20, 0x20, 0x20, 0x20)

#endif
