/* esp_open and what an authentic packet holds, and where it comes from. */
#include "dataplane/esp/open.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/dataplane/esp_kit.h"

static struct kit_buffer buffer, copy;

static void padding_must_count_up(void **state)
{
	/* trailer and what stands before it, in a packet that is otherwise right */
	static const uint8_t wrong[][4] = {
		{0, 2, 2, 17}, {1, 1, 2, 17}, {2, 1, 2, 17}, {1, 2, 255, 17}, {1, 2, 3, 17}};
	struct kit_ends ends;
	struct esp_open_packet packet;
	uint8_t plain[512];
	size_t len;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[1]);
	len = kit_plain(&ends, plain);
	len -= len % 4;
	plain[4] = 0;
	plain[5] = (uint8_t)len;
	for (uint64_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		memcpy(plain + len, wrong[i], 4);
		kit_terminal_seal_raw(&ends, &buffer, i + 1, plain, len + 4);
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_DROP);
		assert_int_equal(packet.reason, DROP_esp_padding);
		assert_int_equal(packet.sa_handle, ends.handle); /* authentic: a named sender */
	}
	/* As much padding as there may be is right. */
	for (unsigned int i = 0; i < 254; i++)
		plain[len + i] = (uint8_t)(i + 1);
	plain[len + 254] = 254;
	plain[len + 255] = 17;
	kit_terminal_seal_raw(&ends, &buffer, 9, plain, len + 256);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	assert_int_equal(buffer.mbuf.data_len, len - 8);
	/* Nothing but padding. */
	kit_terminal_seal_raw(&ends, &buffer, 10, (const uint8_t[]){1, 2, 2, 17}, 4);
	kit_expect_drop(&ends, &buffer, DROP_esp_selector);
	kit_terminal_seal_raw(&ends, &buffer, 11, (const uint8_t[]){1, 2, 3, 17}, 4);
	kit_expect_drop(&ends, &buffer, DROP_esp_padding);
	kit_ends_free(&ends);
}

static void only_the_modes_next_header_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		const struct kit_link *link = &kit_links[i];
		bool is_tunnel = link->mode == CONTRACT_TUNNEL || link->mode == CONTRACT_UDP_TUNNEL;
		int right = !is_tunnel ? 17 : link->inner_family == 4 ? 4 : 41;
		struct kit_ends ends;
		uint8_t plain[512];
		size_t len;

		kit_sealed(&ends, &buffer, link);
		len = kit_plain(&ends, plain);
		len = kit_plain_close(plain, len, 0);
		for (unsigned int next = 0; next < 256; next++) {
			struct esp_open_packet packet;
			enum drop_reason reason = DROP_esp_next_header;

			plain[len - 1] = (uint8_t)next;
			kit_terminal_seal_raw(&ends, &buffer, next + 1, plain, len);
			kit_gateway_open(&ends, &buffer, &packet);
			if (next == 59)
				reason = DROP_esp_dummy;
			if ((int)next == right)
				reason = DROP_NONE;
			assert_int_equal(packet.reason, reason);
		}
		kit_ends_free(&ends);
	}
}

static void every_byte_of_the_inner_headers_is_looked_at(void **state)
{
	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		const struct kit_link *link = &kit_links[i];
		struct kit_ends ends;
		uint8_t plain[512];
		size_t len, inner_len;
		uint64_t number = 1;
		bool is_ipv4 = link->inner_family == 4;

		kit_sealed(&ends, &buffer, link);
		inner_len = sa_table_find_out(ends.terminal, ends.handle)->inner_len;
		len = kit_plain(&ends, plain);
		len = kit_plain_close(plain, len, inner_len == 8 ? 17 : is_ipv4 ? 4 : 41);
		for (size_t at = 0; at < inner_len; at++) {
			size_t ip_len = inner_len - 8;
			bool is_free = false; /* may differ: class, label, id, ttl, checksums */
			struct esp_open_packet packet;

			if (at < ip_len && is_ipv4)
				is_free = at == 1 || at == 4 || at == 5 || at == 8 || at == 10 ||
					  at == 11;
			else if (at < ip_len)
				is_free = (at >= 1 && at <= 3) || at == 7;
			else
				is_free = at >= ip_len + 6;
			plain[at] ^= 0x10;
			kit_terminal_seal_raw(&ends, &buffer, number++, plain, len);
			plain[at] ^= 0x10;
			kit_gateway_open(&ends, &buffer, &packet);
			if (is_ipv4 && inner_len > 8 && (at == 6 || at == 7))
				assert_int_equal(packet.verdict, ESP_OPEN_FRAGMENT);
			else
				assert_int_equal(packet.reason,
						 is_free ? DROP_NONE : DROP_esp_selector);
		}
		kit_ends_free(&ends);
	}
}

static void in_transport_mode_the_outer_addresses_are_the_sas(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct kit_link *link = &kit_links[i];
		bool is_ipv4 = link->outer_family == 4;

		for (uint32_t at = is_ipv4 ? 12 : 8; at < (is_ipv4 ? 20u : 40u); at++) {
			struct kit_ends fresh;

			kit_sealed(&fresh, &buffer, link);
			kit_data(&buffer)[at] ^= 1;
			kit_expect_drop(&fresh, &buffer, DROP_esp_selector);
			kit_ends_free(&fresh);
		}
	}
}

static void in_tunnel_mode_a_moved_outer_source_is_told_once_a_second(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	const struct kit_link *link = &kit_links[7];
	bool expected[] = {true, false, true};

	(void)state;
	kit_sealed(&ends, &buffer, link);
	for (int i = 0; i < 3; i++) {
		kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
		assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
		memcpy(kit_data(&buffer) + 12, (uint8_t[]){198, 51, 100, 9}, 4);
		memcpy(kit_data(&buffer) + 20, &(uint16_t){htons(40000)}, 2);
		ends.gateway_open.now_s += i == 2;
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
		assert_int_equal(packet.is_moved, expected[i]);
		if (!packet.is_moved)
			continue;
		assert_true(packet.is_outer_ipv4);
		assert_int_equal(packet.outer_port_be16, htons(40000));
		assert_memory_equal(packet.outer_source, ((uint8_t[]){198, 51, 100, 9}), 4);
	}
	kit_ends_free(&ends);
}

static void neither_a_known_source_nor_an_old_packet_counts_as_moved(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[7]);
	/* The gateway knows the terminal at port 31000, the packets come from 4500. */
	memcpy(kit_data(&buffer) + 20, &(uint16_t){htons(31000)}, 2);
	kit_buffer_fill(&copy, kit_data(&buffer), buffer.mbuf.data_len);
	kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
	assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
	memcpy(kit_data(&buffer) + 20, &(uint16_t){htons(31000)}, 2);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	assert_false(packet.is_moved);
	kit_data(&copy)[13] ^= 1;
	assert_int_equal(kit_gateway_open(&ends, &copy, &packet), ESP_OPEN_PASS);
	assert_false(packet.is_moved);
	kit_ends_free(&ends);
}

static void an_inner_fragment_is_left_to_be_put_together(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	const struct sa_in *sa;
	uint8_t plain[512], whole[512];
	size_t len, whole_len;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[7]);
	whole_len = len = kit_plain(&ends, plain);
	memcpy(whole, plain, len);
	plain[6] = 0x20;
	len = kit_plain_close(plain, len, 4);
	kit_terminal_seal_raw(&ends, &buffer, 1, plain, len);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_FRAGMENT);
	assert_int_equal(buffer.mbuf.data_len, whole_len);
	assert_memory_equal(kit_data(&buffer), plain, whole_len);
	/* Put together, it passes the same checks. */
	sa = sa_table_find_in(ends.gateway, packet.sa_handle);
	assert_int_equal(esp_open_inner(sa, &buffer.mbuf), DROP_esp_selector);
	kit_buffer_fill(&buffer, whole, whole_len);
	assert_int_equal(esp_open_inner(sa, &buffer.mbuf), DROP_NONE);
	assert_int_equal(buffer.mbuf.data_len, KIT_HELLO_BYTES);
	kit_ends_free(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(padding_must_count_up),
		cmocka_unit_test(only_the_modes_next_header_is_taken),
		cmocka_unit_test(every_byte_of_the_inner_headers_is_looked_at),
		cmocka_unit_test(in_transport_mode_the_outer_addresses_are_the_sas),
		cmocka_unit_test(in_tunnel_mode_a_moved_outer_source_is_told_once_a_second),
		cmocka_unit_test(neither_a_known_source_nor_an_old_packet_counts_as_moved),
		cmocka_unit_test(an_inner_fragment_is_left_to_be_put_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
