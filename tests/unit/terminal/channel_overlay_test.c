#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/channel/overlay.h"

static struct overlay a, b;

static int names(void **state)
{
	(void)state;
	return overlay_of(SLICE("user-a@abc.com"), &a) == RESULT_OK &&
			       overlay_of(SLICE("user-b@xyz.com"), &b) == RESULT_OK
		       ? 0
		       : -1;
}

static void a_name_always_has_the_same_addresses(void **state)
{
	struct overlay again;

	(void)state;
	assert_int_equal(overlay_of(SLICE("user-a@abc.com"), &again), RESULT_OK);
	assert_memory_equal(again.ipv6.bytes, a.ipv6.bytes, 16);
	assert_memory_equal(again.ipv4.bytes, a.ipv4.bytes, 4);
	assert_memory_not_equal(a.ipv6.bytes, b.ipv6.bytes, 16);
	assert_memory_not_equal(a.ipv4.bytes, b.ipv4.bytes, 4);
}

/* The values stand in docs/protocol.md 6.5, made there by Python. */
static void addresses_are_those_of_the_protocol(void **state)
{
	char text[SIP_ADDRESS_CHARS];
	struct writer w = writer_make(text, sizeof(text));

	(void)state;
	sip_address_write_bare(&a.ipv6, &w);
	assert_true(slice_is_equal(slice_make(w.at, w.len),
				   SLICE("fd73:656b:6973:f0e9:7842:6c6a:ca84:71cc")));
	w = writer_make(text, sizeof(text));
	sip_address_write_bare(&a.ipv4, &w);
	assert_true(slice_is_equal(slice_make(w.at, w.len), SLICE("100.104.31.229")));
}

static void packet_ipv4(uint8_t *packet, size_t len)
{
	memset(packet, 0, len);
	packet[0] = 0x45;
	packet[3] = (uint8_t)len;
	memcpy(packet + 12, a.ipv4.bytes, 4);
	memcpy(packet + 16, b.ipv4.bytes, 4);
}

static void packet_ipv6(uint8_t *packet, size_t len)
{
	memset(packet, 0, len);
	packet[0] = 0x60;
	packet[5] = (uint8_t)(len - 40);
	memcpy(packet + 8, a.ipv6.bytes, 16);
	memcpy(packet + 24, b.ipv6.bytes, 16);
}

static void packets_between_two_names_are_known(void **state)
{
	uint8_t packet[64];
	unsigned version;

	(void)state;
	packet_ipv4(packet, 28);
	assert_true(overlay_is_between(&a, &b, packet, 28, &version));
	assert_int_equal(version, 4);
	packet_ipv6(packet, 48);
	assert_true(overlay_is_between(&a, &b, packet, 48, &version));
	assert_int_equal(version, 6);
}

static void another_source_or_destination_is_refused(void **state)
{
	static const size_t places[] = {8, 23, 24, 39};
	uint8_t packet[64];
	unsigned version;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		packet_ipv6(packet, 48);
		packet[places[i]] ^= 1;
		assert_false(overlay_is_between(&a, &b, packet, 48, &version));
		assert_int_equal(version, 6);
	}
	for (size_t at = 12; at < 20; at++) {
		packet_ipv4(packet, 28);
		packet[at] ^= 1;
		assert_false(overlay_is_between(&a, &b, packet, 28, &version));
		assert_int_equal(version, 4);
	}
	packet_ipv6(packet, 48);
	assert_false(overlay_is_between(&b, &a, packet, 48, &version));
}

static void a_length_that_lies_is_refused(void **state)
{
	uint8_t packet[64];
	unsigned version;

	(void)state;
	packet_ipv6(packet, 48);
	assert_false(overlay_is_between(&a, &b, packet, 47, &version));
	assert_false(overlay_is_between(&a, &b, packet, 49, &version));
	assert_false(overlay_is_between(&a, &b, packet, 39, &version));
	packet_ipv4(packet, 28);
	assert_false(overlay_is_between(&a, &b, packet, 27, &version));
	assert_false(overlay_is_between(&a, &b, packet, 29, &version));
	assert_false(overlay_is_between(&a, &b, packet, 19, &version));
}

static void what_is_no_ip_has_no_version(void **state)
{
	const uint8_t packet[] = {0x50, 0};
	unsigned version = 9;

	(void)state;
	assert_false(overlay_is_between(&a, &b, packet, sizeof(packet), &version));
	assert_int_equal(version, 0);
	assert_false(overlay_is_between(&a, &b, packet, 0, &version));
	assert_int_equal(version, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_always_has_the_same_addresses),
		cmocka_unit_test(addresses_are_those_of_the_protocol),
		cmocka_unit_test(packets_between_two_names_are_known),
		cmocka_unit_test(another_source_or_destination_is_refused),
		cmocka_unit_test(a_length_that_lies_is_refused),
		cmocka_unit_test(what_is_no_ip_has_no_version),
	};

	return cmocka_run_group_tests(tests, names, NULL);
}
