/* Both directions of a channel with keys of its own, for tests. */
#ifndef SEKISHO_TESTS_UNIT_TERMINAL_ESP_PAIR_H
#define SEKISHO_TESTS_UNIT_TERMINAL_ESP_PAIR_H

#include "tests/unit/terminal/cmocka_setup.h"

#include <string.h>

#include "terminal/esp/bytes.h"
#include "terminal/esp/channel.h"

struct pair {
	struct esp_outbound *out;
	struct esp_inbound *in;
};

static const uint32_t spi = 0x01000001;

static inline struct pair pair_make(unsigned suite)
{
	uint8_t keys[ESP_SUITE_KEYS_BYTES];
	struct pair pair;

	for (size_t i = 0; i < sizeof(keys); i++)
		keys[i] = (uint8_t)(i * 11 + suite);
	assert_int_equal(esp_outbound_create(esp_suite_by_number(suite), spi, keys, &pair.out),
			 RESULT_OK);
	assert_int_equal(esp_inbound_create(esp_suite_by_number(suite), spi, keys, &pair.in),
			 RESULT_OK);
	return pair;
}

static inline void pair_end(struct pair *pair)
{
	esp_outbound_destroy(pair->out);
	esp_inbound_destroy(pair->in);
}

static inline size_t seal(struct pair *pair, const void *payload, size_t len, uint8_t *packet,
			  size_t room)
{
	size_t packet_len = 0;

	assert_int_equal(
		esp_outbound_seal(pair->out, ESP_NEXT_UDP, payload, len, packet, room, &packet_len),
		RESULT_OK);
	return packet_len;
}

#endif
