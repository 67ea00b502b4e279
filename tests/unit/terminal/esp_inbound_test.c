#include "tests/unit/terminal/esp_pair.h"

static void every_length_comes_back_under_every_suite(void **state)
{
	(void)state;
	for (unsigned suite = 1; suite <= 5; suite++) {
		struct pair pair = pair_make(suite);
		uint8_t payload[70], packet[70 + ESP_GROWTH_BYTES];

		for (size_t len = 0; len < sizeof(payload); len++) {
			struct esp_opened opened;
			size_t packet_len;

			memset(payload, (int)len, sizeof(payload));
			packet_len = seal(&pair, payload, len, packet, len + ESP_GROWTH_BYTES);
			assert_true(packet_len <= len + ESP_GROWTH_BYTES);
			assert_int_equal(esp_inbound_open(pair.in, packet, packet_len, &opened),
					 RESULT_OK);
			assert_int_equal(opened.next_header, ESP_NEXT_UDP);
			assert_int_equal(opened.len, len);
			assert_memory_equal(opened.payload, payload, len);
		}
		assert_int_equal(esp_inbound_packets(pair.in), sizeof(payload));
		/* 0, 1, 2 ... bytes and the trailer of each, padded */
		assert_in_range(esp_inbound_bytes(pair.in),
				sizeof(payload) * (sizeof(payload) - 1) / 2 + 2 * sizeof(payload),
				sizeof(payload) * (sizeof(payload) - 1) / 2 + 18 * sizeof(payload));
		pair_end(&pair);
	}
}

static void packet_with_any_bit_changed_is_refused_and_moves_no_window(void **state)
{
	(void)state;
	for (unsigned suite = 1; suite <= 5; suite++) {
		struct pair pair = pair_make(suite);
		uint8_t packet[128], copy[128];
		size_t len = seal(&pair, "payload", 7, packet, sizeof(packet));
		struct esp_opened opened;

		for (size_t bit = 0; bit < 8 * len; bit++) {
			memcpy(copy, packet, len);
			copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(esp_inbound_open(pair.in, copy, len, &opened),
					     RESULT_OK);
		}
		assert_int_equal(esp_inbound_open(pair.in, packet, len, &opened), RESULT_OK);
		pair_end(&pair);
	}
}

static void replayed_packet_is_refused(void **state)
{
	struct pair pair = pair_make(ESP_SUITE_AES_256_GCM_16);
	uint8_t packet[128], copy[128];
	size_t len = seal(&pair, "payload", 7, packet, sizeof(packet));
	struct esp_opened opened;

	(void)state;
	memcpy(copy, packet, len);
	assert_int_equal(esp_inbound_open(pair.in, packet, len, &opened), RESULT_OK);
	assert_int_equal(esp_inbound_open(pair.in, copy, len, &opened), RESULT_STALE);
	pair_end(&pair);
}

static void packet_of_another_spi_is_not_ours(void **state)
{
	struct pair pair = pair_make(ESP_SUITE_AES_128_GCM_16);
	uint8_t packet[128];
	size_t len = seal(&pair, "payload", 7, packet, sizeof(packet));
	struct esp_opened opened;

	(void)state;
	packet[3] ^= 1;
	assert_int_equal(esp_inbound_open(pair.in, packet, len, &opened), RESULT_NOT_FOUND);
	pair_end(&pair);
}

static void packet_cut_short_anywhere_is_refused(void **state)
{
	(void)state;
	for (unsigned suite = 1; suite <= 5; suite++) {
		struct pair pair = pair_make(suite);
		uint8_t packet[128], copy[128];
		size_t len = seal(&pair, "payload", 7, packet, sizeof(packet));
		struct esp_opened opened;

		for (size_t cut = 0; cut < len; cut++) {
			memcpy(copy, packet, cut);
			assert_int_not_equal(esp_inbound_open(pair.in, copy, cut, &opened),
					     RESULT_OK);
		}
		pair_end(&pair);
	}
}

/* Sealed by hand: authentic, but its padding is 9 where 1 belongs. */
static void authentic_packet_with_other_padding_is_refused(void **state)
{
	uint8_t keys[ESP_SUITE_KEYS_BYTES] = {3};
	const struct esp_suite *suite = esp_suite_by_number(ESP_SUITE_AES_128_GCM_16);
	uint8_t good[64] = {1, 0, 0, 1, 0, 0, 0, 1}, bad[64] = {1, 0, 0, 1, 0, 0, 0, 2};
	uint8_t long_pad[64] = {1, 0, 0, 1, 0, 0, 0, 3};
	struct esp_cipher *cipher;
	struct esp_inbound *in;
	struct esp_opened opened;

	(void)state;
	memcpy(good + 16, "a\1\1\21", 4);
	memcpy(bad + 16, "a\11\1\21", 4);
	memcpy(long_pad + 16, "a\1\3\21", 4); /* three bytes of padding, two are there */
	assert_int_equal(esp_cipher_create(suite, keys, true, &cipher), RESULT_OK);
	assert_int_equal(esp_cipher_seal(cipher, 1, good, 20), RESULT_OK);
	assert_int_equal(esp_cipher_seal(cipher, 2, bad, 20), RESULT_OK);
	assert_int_equal(esp_cipher_seal(cipher, 3, long_pad, 20), RESULT_OK);
	assert_int_equal(esp_inbound_create(suite, spi, keys, &in), RESULT_OK);
	assert_int_equal(esp_inbound_open(in, good, 36, &opened), RESULT_OK);
	assert_int_equal(opened.len, 1);
	assert_int_equal(esp_inbound_open(in, bad, 36, &opened), RESULT_BAD);
	assert_int_equal(esp_inbound_open(in, long_pad, 36, &opened), RESULT_BAD);
	esp_cipher_destroy(cipher);
	esp_inbound_destroy(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_back_under_every_suite),
		cmocka_unit_test(packet_with_any_bit_changed_is_refused_and_moves_no_window),
		cmocka_unit_test(replayed_packet_is_refused),
		cmocka_unit_test(packet_of_another_spi_is_not_ours),
		cmocka_unit_test(packet_cut_short_anywhere_is_refused),
		cmocka_unit_test(authentic_packet_with_other_padding_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
