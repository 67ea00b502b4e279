/* Outer headers: what is ESP, what is not, and whatever a stranger may send. */
#include "dataplane/esp/outer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Copied to the end of a heap block, so that a sanitizer sees a read beyond. */
static enum drop_reason find(const uint8_t *bytes, uint32_t len, struct esp_outer *outer)
{
	uint8_t *block = malloc(len != 0 ? len : 1);
	enum drop_reason reason;

	assert_non_null(block);
	memcpy(block, bytes, len);
	reason = esp_outer_find(block, len, outer);
	if (reason == DROP_NONE) {
		assert_true(outer->esp >= block + 20);
		assert_true(outer->len >= ESP_HEADER_BYTES);
		assert_true(outer->esp + outer->len <= block + len);
	}
	free(block);
	return reason;
}

static const uint8_t ipv4_esp[40] = {0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 50, 0, 0,
				     192,  0, 2, 1,  0, 0, 0,	 0, 1,	0,  0, 5};
static const uint8_t ipv6_esp[60] = {0x60, 0, 0, 0, 0, 20, 50, 64, 0x20, 1, [40] = 1, 0, 0, 5};
static const uint8_t ipv4_udp[48] = {0x45, 0,	 0, 48, 0, 0, 0x40, 0, 64, 17,	 0,
				     0,	   192,	 0, 2,	1, 0, 0,    0, 0,  0x79, 0x18,
				     0x11, 0x94, 0, 28, 0, 0, 1,    0, 0,  5};

static void esp_is_found_behind_each_kind_of_header(void **state)
{
	struct esp_outer outer;
	uint8_t bytes[64];

	(void)state;
	memcpy(bytes, ipv4_esp, sizeof(ipv4_esp));
	assert_int_equal(esp_outer_find(bytes, sizeof(ipv4_esp), &outer), DROP_NONE);
	assert_ptr_equal(outer.esp, bytes + 20);
	assert_int_equal(outer.len, 20);
	assert_true(outer.is_ipv4 && !outer.is_in_udp);
	memcpy(bytes, ipv6_esp, sizeof(ipv6_esp));
	assert_int_equal(esp_outer_find(bytes, sizeof(ipv6_esp), &outer), DROP_NONE);
	assert_ptr_equal(outer.esp, bytes + 40);
	assert_int_equal(outer.len, 20);
	assert_true(!outer.is_ipv4 && !outer.is_in_udp);
	memcpy(bytes, ipv4_udp, sizeof(ipv4_udp));
	assert_int_equal(esp_outer_find(bytes, sizeof(ipv4_udp), &outer), DROP_NONE);
	assert_ptr_equal(outer.esp, bytes + 28);
	assert_int_equal(outer.len, 20);
	assert_true(outer.is_ipv4 && outer.is_in_udp);
	assert_memory_equal(&outer.source_port_be16, "\x79\x18", 2);
}

static void bytes_behind_the_datagram_are_left_out(void **state)
{
	struct esp_outer outer;
	uint8_t bytes[100] = {0};

	(void)state;
	memcpy(bytes, ipv4_esp, sizeof(ipv4_esp));
	assert_int_equal(find(bytes, sizeof(bytes), &outer), DROP_NONE);
	assert_int_equal(outer.len, 20);
	/* The UDP length counts, not the IP length. */
	memcpy(bytes, ipv4_udp, sizeof(ipv4_udp));
	bytes[25] = 24;
	assert_int_equal(find(bytes, sizeof(bytes), &outer), DROP_NONE);
	assert_int_equal(outer.len, 16);
}

static void a_cut_packet_is_refused_at_every_length(void **state)
{
	static const struct {
		const uint8_t *bytes;
		uint32_t len;
	} whole[] = {{ipv4_esp, sizeof(ipv4_esp)},
		     {ipv6_esp, sizeof(ipv6_esp)},
		     {ipv4_udp, sizeof(ipv4_udp)}};
	struct esp_outer outer;

	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		for (uint32_t len = 0; len < whole[i].len; len++)
			assert_int_equal(find(whole[i].bytes, len, &outer), DROP_esp_outer_header);
	}
}

static void lengths_in_the_headers_are_held_to(void **state)
{
	struct esp_outer outer;
	uint8_t bytes[60];

	(void)state;
	memcpy(bytes, ipv4_esp, sizeof(ipv4_esp));
	bytes[0] = 0x44; /* header shorter than a header */
	assert_int_equal(find(bytes, 40, &outer), DROP_esp_outer_header);
	bytes[0] = 0x4f; /* longer than the packet */
	assert_int_equal(find(bytes, 40, &outer), DROP_esp_outer_header);
	bytes[0] = 0x46; /* one option */
	assert_int_equal(find(bytes, 40, &outer), DROP_NONE);
	assert_int_equal(outer.len, 16);
	bytes[0] = 0x45;
	bytes[3] = 19; /* total shorter than the header */
	assert_int_equal(find(bytes, 40, &outer), DROP_esp_outer_header);
	for (uint8_t total = 20; total < 28; total++) {
		bytes[3] = total;
		assert_int_equal(find(bytes, 40, &outer), DROP_esp_length);
	}
	bytes[3] = 28;
	assert_int_equal(find(bytes, 40, &outer), DROP_NONE);
	bytes[0] = 0x55;
	assert_int_equal(find(bytes, 40, &outer), DROP_esp_outer_header);
	/* UDP */
	memcpy(bytes, ipv4_udp, sizeof(ipv4_udp));
	bytes[25] = 7;
	assert_int_equal(find(bytes, 48, &outer), DROP_esp_outer_header);
	bytes[25] = 29;
	assert_int_equal(find(bytes, 48, &outer), DROP_esp_outer_header);
	bytes[25] = 8;
	assert_int_equal(find(bytes, 48, &outer), DROP_esp_length);
	bytes[25] = 28;
	bytes[23] = 0x95; /* another port */
	assert_int_equal(find(bytes, 48, &outer), DROP_esp_outer_header);
}

static void fragments_are_for_another_step(void **state)
{
	struct esp_outer outer;
	uint8_t bytes[68];

	(void)state;
	memcpy(bytes, ipv4_esp, sizeof(ipv4_esp));
	for (unsigned int bit = 0; bit < 16; bit++) {
		unsigned int word = 1u << bit;
		bool is_fragment = (word & 0x3fff) != 0;

		bytes[6] = (uint8_t)(word >> 8);
		bytes[7] = (uint8_t)word;
		assert_int_equal(find(bytes, 40, &outer),
				 is_fragment ? DROP_esp_fragment : DROP_NONE);
	}
	/* IPv6 with a fragment header: one that fragments nothing is passed over. */
	memcpy(bytes, ipv6_esp, 40);
	memset(bytes + 40, 0, 8);
	memcpy(bytes + 48, ipv6_esp + 40, 20);
	bytes[5] = 28;
	bytes[6] = 44;
	bytes[40] = 50;
	assert_int_equal(find(bytes, 68, &outer), DROP_NONE);
	assert_int_equal(outer.len, 20);
	bytes[43] = 1;
	assert_int_equal(find(bytes, 68, &outer), DROP_esp_fragment);
	bytes[43] = 0;
	bytes[42] = 1;
	assert_int_equal(find(bytes, 68, &outer), DROP_esp_fragment);
	bytes[42] = 0;
	bytes[40] = 44; /* and another behind it */
	assert_int_equal(find(bytes, 68, &outer), DROP_esp_outer_header);
	bytes[5] = 7;
	assert_int_equal(find(bytes, 68, &outer), DROP_esp_outer_header);
}

static void nothing_else_stands_before_esp(void **state)
{
	struct esp_outer outer;
	uint8_t bytes[60];

	(void)state;
	for (unsigned int protocol = 0; protocol < 256; protocol++) {
		if (protocol == 50 || protocol == 17)
			continue;
		memcpy(bytes, ipv4_esp, sizeof(ipv4_esp));
		bytes[9] = (uint8_t)protocol;
		assert_int_equal(find(bytes, 40, &outer), DROP_esp_outer_header);
		memcpy(bytes, ipv6_esp, sizeof(ipv6_esp));
		bytes[6] = (uint8_t)protocol;
		if (protocol != 44)
			assert_int_equal(find(bytes, 60, &outer), DROP_esp_outer_header);
	}
}

static void keepalives_and_ike_are_told_apart_from_esp(void **state)
{
	struct esp_outer outer;
	uint8_t bytes[48];

	(void)state;
	memcpy(bytes, ipv4_udp, sizeof(ipv4_udp));
	memset(bytes + 28, 0, 4);
	assert_int_equal(find(bytes, 48, &outer), DROP_esp_non_esp_marker);
	memset(bytes + 28, 0xff, 4);
	assert_int_equal(find(bytes, 48, &outer), DROP_NONE);
	bytes[25] = 9;
	assert_int_equal(find(bytes, 48, &outer), DROP_esp_keepalive);
	bytes[28] = 0xfe;
	assert_int_equal(find(bytes, 48, &outer), DROP_esp_length);
}

static void garbage_never_reads_beyond_its_end(void **state)
{
	unsigned int seed = 99, found = 0;
	uint8_t bytes[80];
	struct esp_outer outer;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		uint32_t len = (uint32_t)rand_r(&seed) % (sizeof(bytes) + 1);

		for (uint32_t j = 0; j < len; j++)
			bytes[j] = (uint8_t)rand_r(&seed);
		if (len > 9 && i % 4 != 0) {
			bytes[0] = i % 2 ? 0x45 : 0x60;
			bytes[2] = bytes[4] = 0;
			bytes[6] = i % 2 ? 0 : 50;
			bytes[7] = 0;
			bytes[9] = i % 3 ? 50 : 17;
		}
		found += find(bytes, len, &outer) == DROP_NONE;
	}
	assert_true(found > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(esp_is_found_behind_each_kind_of_header),
		cmocka_unit_test(bytes_behind_the_datagram_are_left_out),
		cmocka_unit_test(a_cut_packet_is_refused_at_every_length),
		cmocka_unit_test(lengths_in_the_headers_are_held_to),
		cmocka_unit_test(fragments_are_for_another_step),
		cmocka_unit_test(nothing_else_stands_before_esp),
		cmocka_unit_test(keepalives_and_ike_are_told_apart_from_esp),
		cmocka_unit_test(garbage_never_reads_beyond_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
