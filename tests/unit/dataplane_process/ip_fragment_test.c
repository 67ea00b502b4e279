#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "dataplane/ip_fragment.h"
#include "dataplane/ip_header.h"
#include "tests/unit/dataplane_process/plane_kit.h"

#define PAYLOAD 5000

/* An ESP packet between these two with a payload that shows where each byte belongs. */
static size_t packet_make(uint8_t *out, const char *from, const char *to, size_t payload)
{
	struct contract_address source = plane_address(from, 0), destination = plane_address(to, 0);
	size_t header =
		ip_header_write(out, &source, &destination, IPPROTO_ESP, 0, (uint16_t)payload);

	for (size_t i = 0; i < payload; i++)
		out[header + i] = (uint8_t)(i * 7 + (i >> 8));
	return header + payload;
}

static void check_pieces(const uint8_t *packet, size_t length, uint16_t mtu)
{
	size_t count = ip_fragment_count(packet, length, mtu), filled = 0;
	size_t header_bytes = packet[0] >> 4 == 4 ? 20 : 40;

	assert_in_range(count, 2, IP_FRAGMENTS_MAX);
	for (size_t i = 0; i < count; i++) {
		uint8_t piece[1500];
		size_t bytes = ip_fragment_write(packet, length, mtu, i, 0xabcd1234, piece);
		struct ip_header header;

		assert_in_range(bytes, 1, mtu);
		assert_int_equal(ip_header_parse(piece, bytes, &header), RESULT_OK);
		assert_int_equal(header.length, bytes);
		assert_int_equal(header.protocol, IPPROTO_ESP);
		assert_true(header.is_fragment);
		assert_int_equal(header.is_first_fragment, i == 0);
		assert_int_equal(header.is_last_fragment, i == count - 1);
		assert_int_equal(header.fragment_offset, filled);
		assert_int_equal(header.fragment_id, packet[0] >> 4 == 4 ? 0x1234u : 0xabcd1234u);
		assert_memory_equal(piece + header.payload, packet + header_bytes + filled,
				    bytes - header.payload);
		filled += bytes - header.payload;
	}
	assert_int_equal(filled, length - header_bytes);
}

static void the_pieces_of_an_ipv6_packet_are_the_packet(void **state)
{
	uint8_t packet[PAYLOAD + 40];

	(void)state;
	for (size_t payload = 1300; payload <= PAYLOAD; payload += 37)
		check_pieces(packet, packet_make(packet, "2001:db8::1", "2001:db8::2", payload),
			     1280);
}

static void the_pieces_of_an_ipv4_packet_are_the_packet(void **state)
{
	uint8_t packet[PAYLOAD + 20];

	(void)state;
	for (size_t payload = 1500; payload <= PAYLOAD; payload += 37)
		check_pieces(packet, packet_make(packet, "192.0.2.1", "192.0.2.2", payload), 1500);
}

static void what_fits_is_one_piece_and_what_is_too_long_is_none(void **state)
{
	static uint8_t packet[40000];

	(void)state;
	assert_int_equal(ip_fragment_count(packet, packet_make(packet, "::1", "::2", 1240), 1280),
			 1);
	assert_int_equal(ip_fragment_count(packet, packet_make(packet, "::1", "::2", 1241), 1280),
			 2);
	assert_int_equal(
		ip_fragment_count(packet, packet_make(packet, "::1", "::2", 1232 * 32), 1280), 32);
	assert_int_equal(
		ip_fragment_count(packet, packet_make(packet, "::1", "::2", 1232 * 32 + 1), 1280),
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pieces_of_an_ipv6_packet_are_the_packet),
		cmocka_unit_test(the_pieces_of_an_ipv4_packet_are_the_packet),
		cmocka_unit_test(what_fits_is_one_piece_and_what_is_too_long_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
