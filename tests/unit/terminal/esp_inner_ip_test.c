#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/esp/channel.h"
#include "terminal/esp/inner_ip.h"
#include "tests/unit/hex.h"

/* Headers as scapy writes them before 16 bytes of UDP. */
static const struct {
	const char *from, *to, *header;
	uint8_t protocol;
} cases[] = {
	{"10.0.0.1", "192.0.2.2", "45000024000000004011aec60a000001c0000202", ESP_NEXT_IPV4},
	{"2001:1234::10", "2001:6789::5060",
	 "6000000000101140"
	 "20011234000000000000000000000010"
	 "20016789000000000000000000005060",
	 ESP_NEXT_IPV6},
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static struct sip_address address(const char *text)
{
	struct sip_address address;

	assert_int_equal(sip_address_parse(slice_make(text, strlen(text)), &address), RESULT_OK);
	return address;
}

static void header_is_as_others_write_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		struct sip_address from = address(cases[i].from), to = address(cases[i].to);
		uint8_t out[INNER_IP_HEADER_BYTES], expected[INNER_IP_HEADER_BYTES];
		size_t len;

		assert_int_equal(inner_ip_build(&from, &to, 16, out, &len), RESULT_OK);
		assert_int_equal(len, hex_bytes(cases[i].header, expected));
		assert_memory_equal(out, expected, len);
		assert_int_equal(inner_ip_protocol(&from), cases[i].protocol);
		assert_int_equal(inner_ip_build(&from, &to, 65535, out, &len), RESULT_SPACE);
	}
}

static void packet_is_taken_only_whole_and_between_the_two_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		struct sip_address from = address(cases[i].from), to = address(cases[i].to);
		uint8_t packet[64] = {0};
		size_t header = hex_bytes(cases[i].header, packet), len;
		const uint8_t *udp;

		assert_int_equal(inner_ip_parse(packet, header + 16, &from, &to, &udp, &len),
				 RESULT_OK);
		assert_ptr_equal(udp, packet + header);
		assert_int_equal(len, 16);
		assert_int_equal(inner_ip_parse(packet, header + 15, &from, &to, &udp, &len),
				 RESULT_BAD);
		assert_int_equal(inner_ip_parse(packet, header + 17, &from, &to, &udp, &len),
				 RESULT_BAD);
		assert_int_equal(inner_ip_parse(packet, header - 1, &from, &to, &udp, &len),
				 RESULT_BAD);
		assert_int_equal(inner_ip_parse(packet, header + 16, &to, &from, &udp, &len),
				 RESULT_DENIED);
		packet[i == 0 ? 9 : 6] = 6; /* TCP */
		assert_int_equal(inner_ip_parse(packet, header + 16, &from, &to, &udp, &len),
				 RESULT_BAD);
	}
}

static void ipv4_fragment_options_and_wrong_checksum_are_refused(void **state)
{
	static const char *const headers[] = {
		"450000240000200040118ec60a000001c0000202", /* more fragments */
		"45000024000000014011aec50a000001c0000202", /* an offset */
		"45000024000000004011aec70a000001c0000202", /* checksum */
		"46000024000000004011adc60a000001c0000202", /* options */
		"65000024000000004011aec60a000001c0000202", /* version */
	};
	struct sip_address from = address("10.0.0.1"), to = address("192.0.2.2");

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		uint8_t packet[64] = {0};
		const uint8_t *udp;
		size_t len;

		hex_bytes(headers[i], packet);
		assert_int_equal(inner_ip_parse(packet, 36, &from, &to, &udp, &len), RESULT_BAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_is_as_others_write_it),
		cmocka_unit_test(packet_is_taken_only_whole_and_between_the_two_addresses),
		cmocka_unit_test(ipv4_fragment_options_and_wrong_checksum_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
