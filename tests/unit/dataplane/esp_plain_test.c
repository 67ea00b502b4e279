/* Trailer, next header and selector of a decrypted packet. (In whole packets: esp_open_test.c.) */
#include "dataplane/esp/plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sa_in transport_sa(void)
{
	struct sa_in sa = {.flags = SA_IS_INNER_IPV4};

	memcpy(&sa.inner_remote_port_be16, "\x13\xc6", 2);
	memcpy(&sa.inner_local_port_be16, "\x13\xc4", 2);
	memcpy(sa.inner_remote, "\xc0\x00\x02\x02", 4);
	memcpy(sa.inner_local, "\xc0\x00\x02\x01", 4);
	return sa;
}

static uint8_t outer_ip[20] = {0x45, [9] = 50, [12] = 192, 0, 2, 2, 192, 0, 2, 1};

/* The bytes are copied to a block of their own, so that a sanitizer sees a read beside it. */
static enum drop_reason check(const struct sa_in *sa, const uint8_t *bytes, size_t len,
			      size_t *inside_at, size_t *inside_len)
{
	struct esp_outer outer = {.ip = outer_ip, .is_ipv4 = true};
	struct slice inside = {0};
	bool is_fragment = true;
	uint8_t *block = malloc(len);
	enum drop_reason reason;

	assert_non_null(block);
	memcpy(block, bytes, len);
	reason = esp_plain_check(sa, &outer, slice_make(block, len), &inside, &is_fragment);
	if (reason == DROP_NONE) {
		*inside_at = (size_t)(inside.at - (const char *)block);
		*inside_len = inside.len;
	}
	free(block);
	return reason;
}

static void the_payload_lies_between_header_and_padding(void **state)
{
	static const uint8_t plain[] = {0x13, 0xc6, 0x13, 0xc4, 0, 11, 0, 0,
					'S',  'I',  'P',  1,	2, 3,  3, 17};
	struct sa_in sa = transport_sa();
	size_t at = 0, len = 0;

	(void)state;
	assert_int_equal(check(&sa, plain, sizeof(plain), &at, &len), DROP_NONE);
	assert_int_equal(at, 8);
	assert_int_equal(len, 3);
}

static void every_pad_length_and_next_header_is_judged(void **state)
{
	struct sa_in sa = transport_sa();
	size_t at, len;

	(void)state;
	for (unsigned int pad = 0; pad < 256; pad++) {
		uint8_t plain[512] = {0x13, 0xc6, 0x13, 0xc4, 0, 8};

		for (unsigned int i = 0; i < pad; i++)
			plain[8 + i] = (uint8_t)(i + 1);
		plain[8 + pad] = (uint8_t)pad;
		plain[9 + pad] = 17;
		assert_int_equal(check(&sa, plain, 10 + pad, &at, &len), DROP_NONE);
		assert_int_equal(len, 0);
		plain[9 + pad] = 59;
		assert_int_equal(check(&sa, plain, 10 + pad, &at, &len), DROP_esp_dummy);
		plain[9 + pad] = 4;
		assert_int_equal(check(&sa, plain, 10 + pad, &at, &len), DROP_esp_next_header);
		plain[9 + pad] = 17;
		if (pad != 0) {
			plain[8 + pad / 2] ^= 1;
			assert_int_equal(check(&sa, plain, 10 + pad, &at, &len), DROP_esp_padding);
		}
	}
}

static void a_pad_length_beyond_the_packet_is_refused(void **state)
{
	struct sa_in sa = transport_sa();
	size_t at, len;

	(void)state;
	for (unsigned int pad = 1; pad < 256; pad++) {
		uint8_t plain[2] = {(uint8_t)pad, 17};

		assert_int_equal(check(&sa, plain, 2, &at, &len), DROP_esp_padding);
	}
	assert_int_equal(check(&sa, (const uint8_t[]){0, 17}, 2, &at, &len), DROP_esp_selector);
	assert_int_equal(check(&sa, (const uint8_t[]){0, 59}, 2, &at, &len), DROP_esp_dummy);
}

static void garbage_is_refused_without_reading_beside_it(void **state)
{
	struct sa_in sas[2] = {transport_sa(), transport_sa()};
	unsigned int seed = 5;
	size_t at, len;

	(void)state;
	sas[1].flags |= SA_IS_TUNNEL;
	for (int i = 0; i < 100000; i++) {
		uint8_t plain[64];
		size_t bytes = 2 + (size_t)rand_r(&seed) % 62;

		for (size_t j = 0; j < bytes; j++)
			plain[j] = (uint8_t)rand_r(&seed);
		plain[bytes - 2] = 0;
		plain[bytes - 1] = i % 2 ? 4 : 17;
		assert_int_not_equal(check(&sas[i % 2], plain, bytes, &at, &len), DROP_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_payload_lies_between_header_and_padding),
		cmocka_unit_test(every_pad_length_and_next_header_is_judged),
		cmocka_unit_test(a_pad_length_beyond_the_packet_is_refused),
		cmocka_unit_test(garbage_is_refused_without_reading_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
