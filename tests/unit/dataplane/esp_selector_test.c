/* The selector: only UDP between the SA's addresses and ports, to the last byte. */
#include "dataplane/esp/selector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sa_in ipv4_sa(void)
{
	struct sa_in sa = {.flags = SA_IS_INNER_IPV4};

	memcpy(&sa.inner_remote_port_be16, "\x13\xc6", 2);
	memcpy(&sa.inner_local_port_be16, "\x13\xc4", 2);
	memcpy(sa.inner_remote, "\xc0\x00\x02\x02", 4);
	memcpy(sa.inner_local, "\xc0\x00\x02\x01", 4);
	return sa;
}

static struct sa_in ipv6_sa(void)
{
	struct sa_in sa = ipv4_sa();

	sa.flags = 0;
	memcpy(sa.inner_remote, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02", 16);
	memcpy(sa.inner_local, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
	return sa;
}

static const uint8_t udp[12] = {0x13, 0xc6, 0x13, 0xc4, 0, 12, 0, 0, 'S', 'I', 'P', '!'};

static size_t ipv4_packet(uint8_t *at)
{
	memcpy(at, "\x45\0\0\x20\0\0\x40\0\x40\x11\0\0\xc0\x00\x02\x02\xc0\x00\x02\x01", 20);
	memcpy(at + 20, udp, sizeof(udp));
	return 32;
}

static size_t ipv6_packet(uint8_t *at)
{
	struct sa_in sa = ipv6_sa();

	memcpy(at, "\x60\0\0\0\0\x0c\x11\x40", 8);
	memcpy(at + 8, sa.inner_remote, 16);
	memcpy(at + 24, sa.inner_local, 16);
	memcpy(at + 40, udp, sizeof(udp));
	return 52;
}

static void the_payload_of_a_right_datagram_is_found(void **state)
{
	struct sa_in sa4 = ipv4_sa(), sa6 = ipv6_sa();
	struct slice found = {0}, payload = {0};
	uint8_t packet[64];
	bool is_fragment = true;
	size_t len = ipv4_packet(packet);

	(void)state;
	assert_int_equal(esp_selector_ip(&sa4, slice_make(packet, len), &found, &is_fragment),
			 DROP_NONE);
	assert_false(is_fragment);
	assert_int_equal(esp_selector_udp(&sa4, found, &payload), DROP_NONE);
	assert_true(slice_is_equal(payload, SLICE("SIP!")));
	len = ipv6_packet(packet);
	assert_int_equal(esp_selector_ip(&sa6, slice_make(packet, len), &found, &is_fragment),
			 DROP_NONE);
	assert_false(is_fragment);
	assert_int_equal(esp_selector_udp(&sa6, found, &payload), DROP_NONE);
	assert_true(slice_is_equal(payload, SLICE("SIP!")));
}

static void a_datagram_of_the_other_family_is_refused(void **state)
{
	struct sa_in sa4 = ipv4_sa(), sa6 = ipv6_sa();
	struct slice found;
	uint8_t packet[64];
	bool is_fragment;
	size_t len = ipv4_packet(packet);

	(void)state;
	assert_int_equal(esp_selector_ip(&sa6, slice_make(packet, len), &found, &is_fragment),
			 DROP_esp_selector);
	len = ipv6_packet(packet);
	assert_int_equal(esp_selector_ip(&sa4, slice_make(packet, len), &found, &is_fragment),
			 DROP_esp_selector);
	assert_false(esp_selector_has_hosts(&sa4, false, sa6.inner_remote, sa6.inner_local));
	assert_false(esp_selector_has_hosts(&sa6, true, sa4.inner_remote, sa4.inner_local));
	assert_true(esp_selector_has_hosts(&sa6, false, sa6.inner_remote, sa6.inner_local));
	assert_false(esp_selector_has_hosts(&sa6, false, sa6.inner_local, sa6.inner_remote));
}

static void the_udp_length_fills_the_datagram(void **state)
{
	struct sa_in sa = ipv4_sa();
	struct slice payload;
	uint8_t packet[16] = {0};

	(void)state;
	memcpy(packet, udp, sizeof(udp));
	for (size_t len = 0; len <= sizeof(packet); len++)
		assert_int_equal(esp_selector_udp(&sa, slice_make(packet, len), &payload),
				 len == 12 ? DROP_NONE : DROP_esp_selector);
	packet[5] = 8;
	assert_int_equal(esp_selector_udp(&sa, slice_make(packet, 8), &payload), DROP_NONE);
	assert_int_equal(payload.len, 0);
	packet[5] = 7;
	assert_int_equal(esp_selector_udp(&sa, slice_make(packet, 7), &payload), DROP_esp_selector);
}

static void the_ip_length_fills_the_datagram(void **state)
{
	struct sa_in sa4 = ipv4_sa(), sa6 = ipv6_sa();
	struct slice found;
	uint8_t packet[64] = {0}, *block;
	bool is_fragment;

	(void)state;
	for (size_t len = 0; len <= sizeof(packet); len++) {
		size_t right = ipv4_packet(packet);

		block = malloc(len != 0 ? len : 1);
		assert_non_null(block);
		memcpy(block, packet, len);
		assert_int_equal(
			esp_selector_ip(&sa4, slice_make(block, len), &found, &is_fragment),
			len == right ? DROP_NONE : DROP_esp_selector);
		right = ipv6_packet(packet);
		memcpy(block, packet, len);
		assert_int_equal(
			esp_selector_ip(&sa6, slice_make(block, len), &found, &is_fragment),
			len == right ? DROP_NONE : DROP_esp_selector);
		free(block);
	}
}

static void fragments_of_the_right_hosts_are_told(void **state)
{
	struct sa_in sa4 = ipv4_sa(), sa6 = ipv6_sa();
	struct slice found;
	uint8_t packet[64];
	bool is_fragment = false;
	size_t len = ipv4_packet(packet);

	(void)state;
	packet[7] = 1;
	assert_int_equal(esp_selector_ip(&sa4, slice_make(packet, len), &found, &is_fragment),
			 DROP_NONE);
	assert_true(is_fragment);
	packet[12] ^= 1;
	assert_int_equal(esp_selector_ip(&sa4, slice_make(packet, len), &found, &is_fragment),
			 DROP_esp_selector);
	len = ipv6_packet(packet);
	packet[6] = 44;
	packet[40] = 17;
	assert_int_equal(esp_selector_ip(&sa6, slice_make(packet, len), &found, &is_fragment),
			 DROP_NONE);
	assert_true(is_fragment);
	packet[40] = 6;
	assert_int_equal(esp_selector_ip(&sa6, slice_make(packet, len), &found, &is_fragment),
			 DROP_esp_selector);
	packet[40] = 17;
	packet[5] = 7; /* no room for the fragment header */
	assert_int_equal(esp_selector_ip(&sa6, slice_make(packet, 47), &found, &is_fragment),
			 DROP_esp_selector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_payload_of_a_right_datagram_is_found),
		cmocka_unit_test(a_datagram_of_the_other_family_is_refused),
		cmocka_unit_test(the_udp_length_fills_the_datagram),
		cmocka_unit_test(the_ip_length_fills_the_datagram),
		cmocka_unit_test(fragments_of_the_right_hosts_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
