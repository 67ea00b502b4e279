#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/esp/inner_udp.h"
#include "tests/unit/hex.h"

static struct sip_address address(const char *text)
{
	struct sip_address address;

	assert_int_equal(sip_address_parse_port(slice_make(text, strlen(text)), &address),
			 RESULT_OK);
	return address;
}

/* Bytes as scapy builds them, odd and even, over both families. */
static void datagram_has_the_checksum_that_others_compute(void **state)
{
	static const struct {
		const char *from, *to, *payload, *datagram;
	} cases[] = {
		{"[2001:1234::10]:5060", "[2001:6789::5060]:5060", "OPTIONS",
		 "13c413c4000f88304f5054494f4e53"},
		{"192.0.2.1:5060", "192.0.2.2:5060", "OPTIONS ",
		 "13c413c400100e3a4f5054494f4e5320"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_address from = address(cases[i].from), to = address(cases[i].to);
		uint8_t expected[64], out[64];
		size_t len, expected_len = hex_bytes(cases[i].datagram, expected);

		assert_int_equal(
			inner_udp_build(&from, &to,
					slice_make(cases[i].payload, strlen(cases[i].payload)), out,
					expected_len, &len),
			RESULT_OK);
		assert_int_equal(len, expected_len);
		assert_memory_equal(out, expected, len);
	}
}

static void datagram_longer_than_its_room_is_not_written(void **state)
{
	struct sip_address from = address("192.0.2.1:5060"), to = address("192.0.2.2:5060");
	uint8_t out[16];
	size_t len;

	(void)state;
	assert_int_equal(inner_udp_build(&from, &to, SLICE("123456789"), out, sizeof(out), &len),
			 RESULT_SPACE);
}

static void datagram_is_taken_only_whole_and_between_the_right_ports(void **state)
{
	uint8_t datagram[64];
	size_t len = hex_bytes("13c413c400100e3a4f5054494f4e5320", datagram);
	struct slice payload;

	(void)state;
	assert_int_equal(inner_udp_parse(datagram, len, 5060, 5060, &payload), RESULT_OK);
	assert_true(slice_is_equal(payload, SLICE("OPTIONS ")));
	assert_int_equal(inner_udp_parse(datagram, len, 5061, 5060, &payload), RESULT_DENIED);
	assert_int_equal(inner_udp_parse(datagram, len, 5060, 5061, &payload), RESULT_DENIED);
	assert_int_equal(inner_udp_parse(datagram, len - 1, 5060, 5060, &payload), RESULT_BAD);
	assert_int_equal(inner_udp_parse(datagram, len + 1, 5060, 5060, &payload), RESULT_BAD);
	assert_int_equal(inner_udp_parse(datagram, 7, 5060, 5060, &payload), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagram_has_the_checksum_that_others_compute),
		cmocka_unit_test(datagram_longer_than_its_room_is_not_written),
		cmocka_unit_test(datagram_is_taken_only_whole_and_between_the_right_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
