#include "terminal/esp/checksum.h"

#include <arpa/inet.h>
#include <string.h>

/* Two halves added: a sum of as many as a packet has does not flow over. */
static uint64_t add_word(uint64_t sum, uint64_t word)
{
	return sum + (word & UINT32_MAX) + (word >> 32);
}

static uint64_t load(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* Less than eight bytes. */
static uint64_t add_rest(uint64_t sum, const uint8_t *at, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, at, len);
	return add_word(sum, word);
}

uint64_t checksum_add(uint64_t sum, const uint8_t *at, size_t len)
{
	uint64_t second = 0;

	for (; len >= 16; at += 16, len -= 16) {
		sum = add_word(sum, load(at));
		second = add_word(second, load(at + 8));
	}
	sum += second;
	if (len >= 8) {
		sum = add_word(sum, load(at));
		at += 8;
		len -= 8;
	}
	return add_rest(sum, at, len);
}

uint64_t checksum_add_u16(uint64_t sum, uint16_t value)
{
	return sum + htons(value);
}

uint64_t checksum_copy(uint64_t sum, uint8_t *to, const uint8_t *from, size_t len)
{
	uint64_t second = 0;

	for (; len >= 16; from += 16, to += 16, len -= 16) {
		uint64_t words[2];

		memcpy(words, from, sizeof(words));
		memcpy(to, words, sizeof(words));
		sum = add_word(sum, words[0]);
		second = add_word(second, words[1]);
	}
	memcpy(to, from, len);
	return checksum_add(sum + second, from, len);
}

uint16_t checksum_fold(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	sum = (sum & UINT16_MAX) + (sum >> 16);
	return ntohs((uint16_t)sum);
}

uint16_t checksum_end(uint64_t sum)
{
	return (uint16_t)~checksum_fold(sum);
}
