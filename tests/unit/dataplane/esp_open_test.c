/* esp_open, against packets that esp_seal made and that were then spoilt in every way. */
#include "dataplane/esp/open.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/dataplane/esp_kit.h"

static struct kit_buffer buffer, copy;

static void every_link_carries_a_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		struct kit_ends ends;
		struct esp_open_packet packet;

		kit_sealed(&ends, &buffer, &kit_links[i]);
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
		assert_int_equal(packet.sa_handle, ends.handle);
		assert_true(packet.is_first);
		assert_int_equal(buffer.mbuf.data_len, KIT_HELLO_BYTES);
		assert_int_equal(buffer.mbuf.pkt_len, KIT_HELLO_BYTES);
		assert_memory_equal(kit_data(&buffer), KIT_HELLO, KIT_HELLO_BYTES);
		kit_ends_free(&ends);
	}
}

static void every_length_of_message_passes(void **state)
{
	struct kit_ends ends;
	static uint8_t message[16384];

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_ends_link(&ends, &kit_links[10]);
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 31);
	for (size_t len = 0; len <= sizeof(message); len += len < 600 ? 1 : 1223) {
		struct esp_open_packet packet;

		kit_buffer_fill(&buffer, message, len);
		assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
		assert_int_equal(buffer.mbuf.data_len, len);
		assert_memory_equal(kit_data(&buffer), message, len);
		assert_int_equal(packet.is_first, len == 0);
	}
	kit_ends_free(&ends);
}

static void the_outer_header_may_stand_behind_an_ethernet_header(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[0]);
	memset(rte_pktmbuf_prepend(&buffer.mbuf, 14), 0xee, 14);
	buffer.mbuf.l2_len = 14;
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	assert_memory_equal(kit_data(&buffer), KIT_HELLO, KIT_HELLO_BYTES);
	kit_ends_free(&ends);
}

static void any_flipped_bit_is_refused_and_moves_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		const struct kit_link *link = &kit_links[i];
		struct kit_ends ends;
		struct esp_open_packet packet;
		const struct replay_window *window;

		kit_sealed(&ends, &buffer, link);
		kit_buffer_fill(&copy, kit_data(&buffer), buffer.mbuf.data_len);
		window = &sa_table_record(ends.gateway, link->index)->window;
		/* All under the ICV: sequence number, IV, ciphertext, ICV. */
		for (uint32_t at = kit_esp_offset(link) + 4; at < copy.mbuf.data_len; at++) {
			kit_buffer_fill(&buffer, kit_data(&copy), copy.mbuf.data_len);
			kit_data(&buffer)[at] ^= (uint8_t)(1u << (at % 8));
			assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_DROP);
			assert_true(packet.reason == DROP_esp_icv ||
				    packet.reason == DROP_esp_too_old);
			assert_int_equal(packet.sa_handle, 0);
			assert_int_equal(window->top, 0);
			assert_int_equal(sa_table_find_in(ends.gateway, ends.handle)->packets, 0);
		}
		kit_buffer_fill(&buffer, kit_data(&copy), copy.mbuf.data_len);
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
		assert_int_equal(window->top, 1);
		kit_ends_free(&ends);
	}
}

static void another_workers_packet_is_handed_over_untouched(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	uint16_t len;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[0]);
	kit_buffer_fill(&copy, kit_data(&buffer), buffer.mbuf.data_len);
	len = buffer.mbuf.data_len;
	ends.gateway_open.worker = 1;
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_HANDOFF);
	assert_int_equal(packet.worker, 0);
	assert_int_equal(packet.sa_handle, ends.handle);
	assert_int_equal(buffer.mbuf.data_len, len);
	assert_memory_equal(kit_data(&buffer), kit_data(&copy), len);
	ends.gateway_open.worker = 0;
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	kit_ends_free(&ends);
}

static void unknown_and_stale_spis_are_told_apart(void **state)
{
	static const uint32_t unknown[] = {0,	       5,	   255,	      0x01000006,
					   0x02000005, 0x01000040, 0xffffffff};
	struct kit_ends ends;
	uint8_t *spi;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[0]);
	spi = kit_data(&buffer) + 20;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		uint32_t be32 = htonl(unknown[i]);

		memcpy(spi, &be32, 4);
		kit_expect_drop(&ends, &buffer, DROP_esp_spi_unknown);
	}
	memcpy(spi, &(uint32_t){htonl(ends.handle)}, 4);
	assert_int_equal(sa_table_delete(ends.gateway, 5, 1), RESULT_OK);
	kit_expect_drop(&ends, &buffer, DROP_esp_spi_stale);
	assert_int_equal(sa_table_reclaim(ends.gateway), 0);
	kit_expect_drop(&ends, &buffer, DROP_esp_spi_stale);
	kit_ends_free(&ends);
}

static void only_the_agreed_encapsulation_is_taken(void **state)
{
	struct kit_ends ends;
	uint8_t packet[256];
	uint16_t len;

	(void)state;
	/* UDP agreed, plain ESP sent: cut the UDP header out. */
	kit_sealed(&ends, &buffer, &kit_links[7]);
	len = (uint16_t)(buffer.mbuf.data_len - 8);
	memcpy(packet, kit_data(&buffer), 20);
	memcpy(packet + 20, kit_data(&buffer) + 28, len - 20u);
	memcpy(packet + 2, &(uint16_t){htons(len)}, 2);
	packet[9] = 50;
	kit_buffer_fill(&buffer, packet, len);
	kit_expect_drop(&ends, &buffer, DROP_esp_encapsulation);
	kit_ends_free(&ends);
	/* Plain ESP agreed, UDP sent: put one in. */
	kit_sealed(&ends, &buffer, &kit_links[0]);
	len = (uint16_t)(buffer.mbuf.data_len + 8);
	memcpy(packet, kit_data(&buffer), 20);
	memcpy(packet + 2, &(uint16_t){htons(len)}, 2);
	packet[9] = 17;
	memcpy(packet + 20, (uint16_t[]){htons(4500), htons(4500), htons((uint16_t)(len - 20)), 0},
	       8);
	memcpy(packet + 28, kit_data(&buffer) + 20, len - 28u);
	kit_buffer_fill(&buffer, packet, len);
	kit_expect_drop(&ends, &buffer, DROP_esp_encapsulation);
	kit_ends_free(&ends);
}

static void a_packet_in_two_buffers_is_refused(void **state)
{
	struct kit_ends ends;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[0]);
	buffer.mbuf.nb_segs = 2;
	kit_expect_drop(&ends, &buffer, DROP_esp_uncontiguous);
	buffer.mbuf.nb_segs = 1;
	buffer.mbuf.l2_len = 100;
	buffer.mbuf.data_len = 99;
	kit_expect_drop(&ends, &buffer, DROP_esp_outer_header);
	kit_ends_free(&ends);
}

static void lengths_that_no_sender_makes_are_refused(void **state)
{
	struct kit_ends ends;
	uint16_t whole;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[0]);
	whole = buffer.mbuf.data_len;
	for (uint16_t len = 28; len < whole; len++) {
		bool is_possible = len >= 20 + 16 + 4 + 16 && (len - 20 - 32) % 4 == 0;

		memcpy(kit_data(&buffer) + 2, &(uint16_t){htons(len)}, 2);
		kit_buffer_fill(&copy, kit_data(&buffer), whole);
		kit_expect_drop(&ends, &copy, is_possible ? DROP_esp_icv : DROP_esp_length);
	}
	kit_ends_free(&ends);
}

static void counters_count_what_was_authentic(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	const struct sa_in *sa;

	(void)state;
	kit_sealed(&ends, &buffer, &kit_links[0]);
	sa = sa_table_find_in(ends.gateway, ends.handle);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	assert_int_equal(sa->packets, 1);
	assert_int_equal(sa->bytes, 16 + (KIT_HELLO_BYTES + 8 + 2 + 3) / 4 * 4 + 16);
	assert_int_equal(sa->last_s, ends.gateway_open.now_s);
	kit_ends_free(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_carries_a_message),
		cmocka_unit_test(every_length_of_message_passes),
		cmocka_unit_test(the_outer_header_may_stand_behind_an_ethernet_header),
		cmocka_unit_test(any_flipped_bit_is_refused_and_moves_nothing),
		cmocka_unit_test(another_workers_packet_is_handed_over_untouched),
		cmocka_unit_test(unknown_and_stale_spis_are_told_apart),
		cmocka_unit_test(only_the_agreed_encapsulation_is_taken),
		cmocka_unit_test(a_packet_in_two_buffers_is_refused),
		cmocka_unit_test(lengths_that_no_sender_makes_are_refused),
		cmocka_unit_test(counters_count_what_was_authentic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
