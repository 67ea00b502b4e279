#include "tests/unit/terminal/esp_pair.h"

static void first_number_is_one_and_is_the_iv_of_gcm(void **state)
{
	struct pair pair = pair_make(ESP_SUITE_AES_128_GCM_16);
	static const uint8_t front[] = {1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1};
	uint8_t packet[128];

	(void)state;
	seal(&pair, "x", 1, packet, sizeof(packet));
	assert_memory_equal(packet, front, sizeof(front));
	seal(&pair, "x", 1, packet, sizeof(packet));
	assert_int_equal(bytes_get_u32(packet + 4), 2);
	assert_int_equal(packet[15], 2);
	assert_int_equal(esp_outbound_packets(pair.out), 2);
	pair_end(&pair);
}

static void iv_of_cbc_is_not_foreseeable(void **state)
{
	struct pair pair = pair_make(ESP_SUITE_AES_128_CBC_HMAC_SHA_256_128);
	uint8_t first[128], second[128];

	(void)state;
	seal(&pair, "x", 1, first, sizeof(first));
	seal(&pair, "x", 1, second, sizeof(second));
	assert_memory_not_equal(first + 8, second + 8, 16);
	pair_end(&pair);
}

static void payload_in_its_place_is_sealed_there(void **state)
{
	static const unsigned suites[] = {ESP_SUITE_AES_128_GCM_16,
					  ESP_SUITE_AES_128_CBC_HMAC_SHA_256_128,
					  ESP_SUITE_NULL_HMAC_SHA_256_128};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct pair pair = pair_make(suites[i]);
		uint8_t packet[128] = {0};
		size_t front = esp_outbound_front(pair.out), len;
		struct esp_opened opened;

		memcpy(packet + front, "payload", 7);
		assert_int_equal(esp_outbound_seal(pair.out, ESP_NEXT_UDP, packet + front, 7,
						   packet, sizeof(packet), &len),
				 RESULT_OK);
		assert_int_equal(esp_inbound_open(pair.in, packet, len, &opened), RESULT_OK);
		assert_int_equal(opened.len, 7);
		assert_memory_equal(opened.payload, "payload", 7);
		pair_end(&pair);
	}
}

static void packet_without_room_for_growth_is_not_sealed(void **state)
{
	struct pair pair = pair_make(ESP_SUITE_AES_128_GCM_16);
	uint8_t packet[128];
	size_t len;

	(void)state;
	assert_int_equal(esp_outbound_seal(pair.out, ESP_NEXT_UDP, packet, 10, packet,
					   9 + ESP_GROWTH_BYTES, &len),
			 RESULT_SPACE);
	assert_int_equal(esp_outbound_packets(pair.out), 0);
	pair_end(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_number_is_one_and_is_the_iv_of_gcm),
		cmocka_unit_test(iv_of_cbc_is_not_foreseeable),
		cmocka_unit_test(payload_in_its_place_is_sealed_there),
		cmocka_unit_test(packet_without_room_for_growth_is_not_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
