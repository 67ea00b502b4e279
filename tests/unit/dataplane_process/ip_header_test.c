#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "dataplane/ip_header.h"
#include "tests/unit/dataplane_process/plane_kit.h"

/* At the end of its own allocation, so that a sanitizer sees a look beyond it. */
static enum result parse(const uint8_t *at, size_t length, struct ip_header *header)
{
	uint8_t *copy = malloc(length ? length : 1);
	enum result result;

	assert_non_null(copy);
	memcpy(copy, at, length);
	result = ip_header_parse(copy, length, header);
	free(copy);
	return result;
}

static size_t udp4(uint8_t *out, enum plane_flaw flaw)
{
	struct contract_address from = plane_address("192.0.2.10", 5060);
	struct contract_address to = plane_address("192.0.2.60", 5060);

	return plane_udp(out, &from, &to, "payload", 7, flaw) - 14;
}

static size_t udp6(uint8_t *out, enum plane_flaw flaw)
{
	struct contract_address from = plane_address("2001:db8::10", 5060);
	struct contract_address to = plane_address("2001:db8::60", 5060);

	return plane_udp(out, &from, &to, "payload", 7, flaw) - 14;
}

static void an_ipv4_packet_is_taken_apart(void **state)
{
	uint8_t frame[256];
	size_t length = udp4(frame, FLAW_NONE);
	struct contract_address from = plane_address("192.0.2.10", 0);
	struct ip_header header;

	(void)state;
	assert_int_equal(parse(frame + 14, length, &header), RESULT_OK);
	assert_int_equal(header.protocol, IPPROTO_UDP);
	assert_int_equal(header.payload, 20);
	assert_int_equal(header.length, length);
	assert_false(header.is_fragment);
	assert_false(header.has_options);
	assert_memory_equal(&header.source, &from, sizeof(from));
}

static void an_ipv6_packet_is_taken_apart(void **state)
{
	uint8_t frame[256];
	size_t length = udp6(frame, FLAW_NONE);
	struct contract_address to = plane_address("2001:db8::60", 0);
	struct ip_header header;

	(void)state;
	assert_int_equal(parse(frame + 14, length, &header), RESULT_OK);
	assert_int_equal(header.protocol, IPPROTO_UDP);
	assert_int_equal(header.payload, 40);
	assert_true(header.is_first_fragment && header.is_last_fragment);
	assert_memory_equal(&header.destination, &to, sizeof(to));
}

static void options_and_extension_headers_are_seen_and_passed(void **state)
{
	uint8_t frame[256];
	struct ip_header header;
	size_t length = udp4(frame, FLAW_OPTIONS);

	(void)state;
	assert_int_equal(parse(frame + 14, length, &header), RESULT_OK);
	assert_true(header.has_options);
	assert_int_equal(header.payload, 28);
	length = udp6(frame, FLAW_OPTIONS);
	assert_int_equal(parse(frame + 14, length, &header), RESULT_OK);
	assert_true(header.has_options);
	assert_int_equal(header.protocol, IPPROTO_UDP);
	assert_int_equal(header.payload, 48);
}

static void padding_behind_the_packet_is_no_part_of_it(void **state)
{
	uint8_t frame[256] = {0};
	size_t length = udp4(frame, FLAW_NONE);
	struct ip_header header;

	(void)state;
	assert_int_equal(parse(frame + 14, length + 20, &header), RESULT_OK);
	assert_int_equal(header.length, length);
}

static void packets_cut_short_are_refused_at_every_length(void **state)
{
	uint8_t frame[256];
	struct ip_header header;
	size_t length = udp4(frame, FLAW_OPTIONS);

	(void)state;
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(parse(frame + 14, cut, &header), RESULT_BAD);
	length = udp6(frame, FLAW_OPTIONS);
	for (size_t cut = 0; cut < length; cut++)
		assert_int_equal(parse(frame + 14, cut, &header), RESULT_BAD);
}

static void wrong_versions_lengths_and_checksums_are_refused(void **state)
{
	uint8_t frame[256];
	struct ip_header header;
	size_t length = udp4(frame, FLAW_IP_CHECKSUM);

	(void)state;
	assert_int_equal(parse(frame + 14, length, &header), RESULT_BAD);
	length = udp4(frame, FLAW_NONE);
	frame[14] = 0x44;
	assert_int_equal(parse(frame + 14, length, &header), RESULT_BAD);
	frame[14] = 0x55;
	assert_int_equal(parse(frame + 14, length, &header), RESULT_BAD);
}

/* A chain that leads out of the packet, and one without end. */
static void chains_of_extension_headers_are_bounded(void **state)
{
	uint8_t packet[40 + 10 * 8] = {0x60};
	struct ip_header header;

	(void)state;
	packet[5] = 10 * 8;
	packet[6] = IPPROTO_DSTOPTS;
	for (size_t i = 0; i < 10; i++)
		packet[40 + 8 * i] = IPPROTO_DSTOPTS;
	packet[40 + 8 * 7] = IPPROTO_UDP;
	assert_int_equal(parse(packet, sizeof(packet), &header), RESULT_OK);
	packet[40 + 8 * 7] = IPPROTO_DSTOPTS;
	packet[40 + 8 * 8] = IPPROTO_UDP;
	assert_int_equal(parse(packet, sizeof(packet), &header), RESULT_BAD);
	packet[41] = 200;
	assert_int_equal(parse(packet, sizeof(packet), &header), RESULT_BAD);
}

static void fragments_are_known_for_what_they_are(void **state)
{
	uint8_t packet[48 + 16] = {0x60};
	uint8_t frame[256];
	struct ip_header header;
	size_t length = udp4(frame, FLAW_NONE);

	(void)state;
	packet[5] = 24;
	packet[6] = IPPROTO_FRAGMENT;
	packet[40] = IPPROTO_ESP;
	packet[42] = 0x05;
	packet[43] = 0xa9; /* offset 1448, more */
	packet[47] = 9;
	assert_int_equal(parse(packet, sizeof(packet), &header), RESULT_OK);
	assert_true(header.is_fragment);
	assert_false(header.is_first_fragment);
	assert_false(header.is_last_fragment);
	assert_int_equal(header.fragment_offset, 1448);
	assert_int_equal(header.fragment_id, 9);
	assert_int_equal(header.protocol, IPPROTO_ESP);
	frame[14 + 6] = 0x20;
	ip_header_checksum_set(frame + 14);
	assert_int_equal(parse(frame + 14, length, &header), RESULT_OK);
	assert_true(header.is_fragment && header.is_first_fragment);
	assert_false(header.is_last_fragment);
}

static void udp_checksums_are_checked(void **state)
{
	struct contract_address from = plane_address("192.0.2.10", 0);
	struct contract_address to = plane_address("192.0.2.60", 0);
	struct contract_address from6 = plane_address("2001:db8::10", 0);
	struct contract_address to6 = plane_address("2001:db8::60", 0);
	uint8_t frame[256];

	(void)state;
	udp4(frame, FLAW_NONE);
	assert_true(ip_udp_is_intact(&from, &to, frame + 34, 15));
	udp4(frame, FLAW_CHECKSUM);
	assert_false(ip_udp_is_intact(&from, &to, frame + 34, 15));
	frame[34 + 6] = frame[34 + 7] = 0;
	assert_true(ip_udp_is_intact(&from, &to, frame + 34, 15));
	udp6(frame, FLAW_NONE);
	assert_true(ip_udp_is_intact(&from6, &to6, frame + 54, 15));
	frame[54 + 6] = frame[54 + 7] = 0;
	assert_false(ip_udp_is_intact(&from6, &to6, frame + 54, 15));
}

/* RFC 768 and RFC 8200 8.1 word by word: all ones where the datagram's checksum is right. */
static uint32_t sum_of_all(const struct contract_address *from, const struct contract_address *to,
			   const uint8_t *udp, size_t length)
{
	size_t bytes = from->family == 4 ? 4 : 16;
	uint32_t sum = IPPROTO_UDP + (uint32_t)length;

	for (size_t i = 0; i < bytes; i += 2)
		sum += (uint32_t)(from->bytes[i] << 8 | from->bytes[i + 1]) +
		       (uint32_t)(to->bytes[i] << 8 | to->bytes[i + 1]);
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? udp[i] : (uint32_t)udp[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void udp_headers_are_written_with_their_checksum(void **state)
{
	static const char *const pairs[][2] = {{"192.0.2.10", "192.0.2.60"},
					       {"2001:db8::10", "2001:db8:ffff:fffe::60"}};
	uint8_t udp[8 + 1500];

	(void)state;
	for (size_t pair = 0; pair < 2; pair++) {
		struct contract_address from = plane_address(pairs[pair][0], 5060);
		struct contract_address to = plane_address(pairs[pair][1], 0xabcd);

		for (uint16_t length = 8; length <= sizeof(udp); length++) {
			for (size_t i = 0; i < sizeof(udp); i++)
				udp[i] = (uint8_t)(length * 7 + i * i);
			ip_udp_write(udp, &from, &to, length);
			assert_int_equal(udp[0] << 8 | udp[1], 5060);
			assert_int_equal(udp[2] << 8 | udp[3], 0xabcd);
			assert_int_equal(udp[4] << 8 | udp[5], length);
			assert_int_equal(sum_of_all(&from, &to, udp, length), 0xffff);
			assert_true(ip_udp_is_intact(&from, &to, udp, length));
		}
	}
}

/* Its payload is one that brings the sum of all else to all ones. */
static void a_checksum_of_nothing_is_written_as_all_ones(void **state)
{
	struct contract_address from = plane_address("192.0.2.10", 5060);
	struct contract_address to = plane_address("192.0.2.60", 5060);
	uint8_t udp[10] = {0};
	uint32_t missing;

	(void)state;
	ip_udp_write(udp, &from, &to, sizeof(udp));
	missing = (uint32_t)(udp[6] << 8 | udp[7]);
	udp[8] = (uint8_t)(missing >> 8);
	udp[9] = (uint8_t)missing;
	ip_udp_write(udp, &from, &to, sizeof(udp));
	assert_int_equal(udp[6] << 8 | udp[7], 0xffff);
	assert_true(ip_udp_is_intact(&from, &to, udp, sizeof(udp)));
}

/* RFC 1071's own words: a header with its checksum set sums up to all ones. */
static void written_headers_parse_to_what_was_written(void **state)
{
	struct contract_address from = plane_address("192.0.2.10", 0);
	struct contract_address to = plane_address("192.0.2.60", 0);
	uint8_t packet[20 + 4] = {0};
	struct ip_header header;

	(void)state;
	assert_int_equal(ip_header_write(packet, &from, &to, IPPROTO_UDP, 46, 4), 20);
	assert_int_equal(packet[1], 46 << 2);
	assert_int_equal(parse(packet, sizeof(packet), &header), RESULT_OK);
	assert_memory_equal(&header.destination, &to, sizeof(to));
	assert_int_equal(header.length, 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_packet_is_taken_apart),
		cmocka_unit_test(an_ipv6_packet_is_taken_apart),
		cmocka_unit_test(options_and_extension_headers_are_seen_and_passed),
		cmocka_unit_test(padding_behind_the_packet_is_no_part_of_it),
		cmocka_unit_test(packets_cut_short_are_refused_at_every_length),
		cmocka_unit_test(wrong_versions_lengths_and_checksums_are_refused),
		cmocka_unit_test(chains_of_extension_headers_are_bounded),
		cmocka_unit_test(fragments_are_known_for_what_they_are),
		cmocka_unit_test(udp_checksums_are_checked),
		cmocka_unit_test(udp_headers_are_written_with_their_checksum),
		cmocka_unit_test(a_checksum_of_nothing_is_written_as_all_ones),
		cmocka_unit_test(written_headers_parse_to_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
