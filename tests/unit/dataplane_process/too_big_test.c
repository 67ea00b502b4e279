/* ICMP messages about what a path carries: which of them quote a packet of ESP, and whose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "dataplane/too_big.h"
#include "tests/unit/dataplane_process/icmp_kit.h"

static void what_routers_say_is_read(void **state)
{
	(void)state;
	for (int family = 4; family <= 6; family += 2)
		for (int is_in_udp = 0; is_in_udp < 2; is_in_udp++) {
			struct icmp_said said = icmp_said(family, is_in_udp);
			struct too_big too_big;
			uint8_t packet[ICMP_KIT_BYTES];
			size_t length = icmp_write(&said, packet);

			assert_true(too_big_read(packet, length, &too_big));
			assert_int_equal(too_big.path_bytes, 1400);
			assert_int_equal(too_big.quoted_bytes, 1500);
			assert_int_equal(too_big.quote.spi, 0x1234);
			assert_int_equal(too_big.sequence, 77);
			assert_int_equal(too_big.quote.source.family, family);
			assert_memory_equal(too_big.quote.source.bytes, said.source.bytes, 16);
			assert_memory_equal(too_big.quote.destination.bytes,
					    said.destination.bytes, 16);
			assert_int_equal(too_big.quote.source.port, is_in_udp ? 4500 : 0);
			assert_int_equal(too_big.quote.destination.port, is_in_udp ? 31000 : 0);
		}
}

static void the_first_fragment_of_what_we_cut_is_known_and_no_other(void **state)
{
	struct icmp_said said = icmp_said(6, false);
	uint8_t packet[ICMP_KIT_BYTES];
	struct too_big too_big;

	(void)state;
	said.is_fragment = true;
	assert_true(too_big_read(packet, icmp_write(&said, packet), &too_big));
	assert_int_equal(too_big.quote.spi, 0x1234);
	said.fragment_offset = 1232;
	assert_false(too_big_read(packet, icmp_write(&said, packet), &too_big));
	said = icmp_said(4, false);
	said.fragment_offset = 1232;
	assert_false(too_big_read(packet, icmp_write(&said, packet), &too_big));
}

static void a_quote_cut_off_before_the_number_says_nothing(void **state)
{
	(void)state;
	for (int family = 4; family <= 6; family += 2)
		for (int is_in_udp = 0; is_in_udp < 2; is_in_udp++) {
			struct icmp_said said = icmp_said(family, is_in_udp);
			uint8_t packet[ICMP_KIT_BYTES];
			struct too_big too_big;
			size_t needed = (family == 4 ? 20u : 40u) + (is_in_udp ? 8u : 0) + 8;

			for (said.quoted = 0; said.quoted <= needed; said.quoted++)
				assert_int_equal(too_big_read(packet, icmp_write(&said, packet),
							      &too_big),
						 said.quoted == needed);
		}
}

static void a_packet_cut_short_anywhere_is_refused(void **state)
{
	(void)state;
	for (int family = 4; family <= 6; family += 2) {
		struct icmp_said said = icmp_said(family, false);
		uint8_t packet[ICMP_KIT_BYTES];
		struct too_big too_big;
		size_t whole = icmp_write(&said, packet);

		for (size_t length = 0; length < whole; length++)
			assert_false(too_big_read(packet, length, &too_big));
	}
}

static void other_icmp_and_other_packets_say_nothing(void **state)
{
	(void)state;
	for (int family = 4; family <= 6; family += 2) {
		struct icmp_said said = icmp_said(family, false);
		uint8_t packet[ICMP_KIT_BYTES];
		struct too_big too_big;

		said.type = family == 4 ? 11 : 3; /* time exceeded */
		assert_false(too_big_read(packet, icmp_write(&said, packet), &too_big));
		said = icmp_said(family, false);
		said.protocol = IPPROTO_TCP;
		assert_false(too_big_read(packet, icmp_write(&said, packet), &too_big));
		said = icmp_said(family, false);
		said.is_checksum_wrong = true;
		assert_false(too_big_read(packet, icmp_write(&said, packet), &too_big));
	}
	struct icmp_said said = icmp_said(4, false);
	uint8_t packet[ICMP_KIT_BYTES];
	struct too_big too_big;

	said.code = 3; /* port unreachable */
	assert_false(too_big_read(packet, icmp_write(&said, packet), &too_big));
}

static void bytes_of_any_kind_are_survived(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		struct icmp_said said = icmp_said(round % 2 ? 4 : 6, round & 2);
		uint8_t packet[ICMP_KIT_BYTES];
		struct too_big too_big;
		size_t length;

		length = icmp_write(&said, packet);
		for (unsigned i = 0; i < 3; i++) {
			seed = seed * 1664525 + 1013904223;
			packet[(seed >> 8) % length] = (uint8_t)(seed >> 24);
		}
		icmp_sum(packet, length);
		(void)too_big_read(packet, length, &too_big);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_routers_say_is_read),
		cmocka_unit_test(the_first_fragment_of_what_we_cut_is_known_and_no_other),
		cmocka_unit_test(a_quote_cut_off_before_the_number_says_nothing),
		cmocka_unit_test(a_packet_cut_short_anywhere_is_refused),
		cmocka_unit_test(other_icmp_and_other_packets_say_nothing),
		cmocka_unit_test(bytes_of_any_kind_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
