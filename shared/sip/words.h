/* Characters read as words: several compared at once. */
#ifndef SEKISHO_SHARED_SIP_WORDS_H
#define SEKISHO_SHARED_SIP_WORDS_H

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
