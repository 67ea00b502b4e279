/* esp_open, against packets that esp_seal made and that were then spoilt in every way. */
#include "dataplane/esp/open.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/dataplane/esp_kit.h"

static const char hello[] = "OPTIONS sip:abc.com SIP/2.0\r\n\r\n";
#define HELLO_BYTES (sizeof(hello) - 1)

static struct kit_buffer buffer, copy;

/* Offset of the ESP header in a packet sealed by this link. */
static uint32_t esp_offset(const struct kit_link *link)
{
	uint32_t offset = link->outer_family == 4 ? 20 : 40;

	return link->mode >= CONTRACT_UDP_TUNNEL ? offset + 8 : offset;
}

static uint8_t *data_of(struct kit_buffer *of)
{
	return rte_pktmbuf_mtod(&of->mbuf, uint8_t *);
}

/* Ends with one link, and a packet of the terminal's in `buffer`. */
static void sealed(struct kit_ends *ends, const struct kit_link *link)
{
	kit_ends_make(ends, NULL);
	kit_ends_link(ends, link);
	kit_buffer_fill(&buffer, hello, HELLO_BYTES);
	assert_int_equal(kit_terminal_seal(ends, &buffer), DROP_NONE);
}

static void expect_drop(struct kit_ends *ends, struct kit_buffer *of, enum drop_reason reason)
{
	struct esp_open_packet packet;

	assert_int_equal(kit_gateway_open(ends, of, &packet), ESP_OPEN_DROP);
	assert_string_equal(drop_reason_name(packet.reason), drop_reason_name(reason));
}

/* The inner datagram that a link's terminal sends, with room before a trailer. Returns its length.
 */
static size_t plain_of(const struct kit_ends *ends, uint8_t *plain)
{
	const struct sa_out *sa = sa_table_find_out(ends->terminal, ends->handle);

	kit_buffer_fill(&copy, hello, HELLO_BYTES);
	assert_int_equal(esp_seal_inner(sa, &copy.mbuf), DROP_NONE);
	memcpy(plain, data_of(&copy), copy.mbuf.data_len);
	return copy.mbuf.data_len;
}

/* Pad with 1, 2, 3 ..., to what suits every suite, and put the trailer on. */
static size_t close_plain(uint8_t *plain, size_t len, uint8_t next)
{
	uint8_t pad = (uint8_t)(-(len + 2) & 15);

	for (uint8_t i = 0; i < pad; i++)
		plain[len++] = (uint8_t)(i + 1);
	plain[len++] = pad;
	plain[len++] = next;
	return len;
}

static void every_link_carries_a_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		struct kit_ends ends;
		struct esp_open_packet packet;

		sealed(&ends, &kit_links[i]);
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
		assert_int_equal(packet.sa_handle, ends.handle);
		assert_true(packet.is_first);
		assert_int_equal(buffer.mbuf.data_len, HELLO_BYTES);
		assert_int_equal(buffer.mbuf.pkt_len, HELLO_BYTES);
		assert_memory_equal(data_of(&buffer), hello, HELLO_BYTES);
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
		assert_memory_equal(data_of(&buffer), message, len);
		assert_int_equal(packet.is_first, len == 0);
	}
	kit_ends_free(&ends);
}

static void the_outer_header_may_stand_behind_an_ethernet_header(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;

	(void)state;
	sealed(&ends, &kit_links[0]);
	memset(rte_pktmbuf_prepend(&buffer.mbuf, 14), 0xee, 14);
	buffer.mbuf.l2_len = 14;
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	assert_memory_equal(data_of(&buffer), hello, HELLO_BYTES);
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

		sealed(&ends, link);
		kit_buffer_fill(&copy, data_of(&buffer), buffer.mbuf.data_len);
		window = &sa_table_record(ends.gateway, link->index)->window;
		/* All under the ICV: sequence number, IV, ciphertext, ICV. */
		for (uint32_t at = esp_offset(link) + 4; at < copy.mbuf.data_len; at++) {
			kit_buffer_fill(&buffer, data_of(&copy), copy.mbuf.data_len);
			data_of(&buffer)[at] ^= (uint8_t)(1u << (at % 8));
			assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_DROP);
			assert_true(packet.reason == DROP_esp_icv ||
				    packet.reason == DROP_esp_too_old);
			assert_int_equal(packet.sa_handle, 0);
			assert_int_equal(window->top, 0);
			assert_int_equal(sa_table_find_in(ends.gateway, ends.handle)->packets, 0);
		}
		kit_buffer_fill(&buffer, data_of(&copy), copy.mbuf.data_len);
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
		assert_int_equal(window->top, 1);
		kit_ends_free(&ends);
	}
}

static void a_packet_seen_before_is_refused(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;

	(void)state;
	sealed(&ends, &kit_links[1]);
	kit_buffer_fill(&copy, data_of(&buffer), buffer.mbuf.data_len);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	expect_drop(&ends, &copy, DROP_esp_replay);
	kit_ends_free(&ends);
}

static void the_same_packet_twice_in_one_burst_passes_once(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packets[2] = {{.mbuf = &buffer.mbuf}, {.mbuf = &copy.mbuf}};

	(void)state;
	sealed(&ends, &kit_links[1]);
	kit_buffer_fill(&copy, data_of(&buffer), buffer.mbuf.data_len);
	esp_open_burst(&ends.gateway_open, packets, 2);
	assert_int_equal(packets[0].verdict, ESP_OPEN_PASS);
	assert_int_equal(packets[1].verdict, ESP_OPEN_DROP);
	assert_int_equal(packets[1].reason, DROP_esp_replay);
	kit_ends_free(&ends);
}

static void a_packet_behind_the_window_is_refused(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	uint8_t plain[256];
	size_t len;

	(void)state;
	sealed(&ends, &kit_links[1]);
	len = plain_of(&ends, plain);
	kit_buffer_fill(&copy, data_of(&buffer), buffer.mbuf.data_len);
	len = close_plain(plain, len, 17);
	kit_terminal_seal_raw(&ends, &buffer, 1025, plain, len);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	expect_drop(&ends, &copy, DROP_esp_too_old);
	kit_ends_free(&ends);
}

static void numbers_cross_32_bits(void **state)
{
	static const uint64_t numbers[] = {0xfffff000,	0xfffffffe,  0xffffffff,
					   0x100000000, 0x100000001, 0xfffffffd,
					   0x1000003ff, 0x1ffffffff, 0x200000000};
	struct kit_ends ends;
	uint8_t plain[256];
	size_t len;

	(void)state;
	sealed(&ends, &kit_links[7]);
	len = plain_of(&ends, plain);
	len = close_plain(plain, len, 4);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct esp_open_packet packet;

		kit_terminal_seal_raw(&ends, &buffer, numbers[i], plain, len);
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	}
	kit_ends_free(&ends);
}

static void another_workers_packet_is_handed_over_untouched(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	uint16_t len;

	(void)state;
	sealed(&ends, &kit_links[0]);
	kit_buffer_fill(&copy, data_of(&buffer), buffer.mbuf.data_len);
	len = buffer.mbuf.data_len;
	ends.gateway_open.worker = 1;
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_HANDOFF);
	assert_int_equal(packet.worker, 0);
	assert_int_equal(packet.sa_handle, ends.handle);
	assert_int_equal(buffer.mbuf.data_len, len);
	assert_memory_equal(data_of(&buffer), data_of(&copy), len);
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
	sealed(&ends, &kit_links[0]);
	spi = data_of(&buffer) + 20;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		uint32_t be32 = htonl(unknown[i]);

		memcpy(spi, &be32, 4);
		expect_drop(&ends, &buffer, DROP_esp_spi_unknown);
	}
	memcpy(spi, &(uint32_t){htonl(ends.handle)}, 4);
	assert_int_equal(sa_table_delete(ends.gateway, 5, 1), RESULT_OK);
	expect_drop(&ends, &buffer, DROP_esp_spi_stale);
	assert_int_equal(sa_table_reclaim(ends.gateway), 0);
	expect_drop(&ends, &buffer, DROP_esp_spi_stale);
	kit_ends_free(&ends);
}

static void only_the_agreed_encapsulation_is_taken(void **state)
{
	struct kit_ends ends;
	uint8_t packet[256];
	uint16_t len;

	(void)state;
	/* UDP agreed, plain ESP sent: cut the UDP header out. */
	sealed(&ends, &kit_links[7]);
	len = (uint16_t)(buffer.mbuf.data_len - 8);
	memcpy(packet, data_of(&buffer), 20);
	memcpy(packet + 20, data_of(&buffer) + 28, len - 20u);
	memcpy(packet + 2, &(uint16_t){htons(len)}, 2);
	packet[9] = 50;
	kit_buffer_fill(&buffer, packet, len);
	expect_drop(&ends, &buffer, DROP_esp_encapsulation);
	kit_ends_free(&ends);
	/* Plain ESP agreed, UDP sent: put one in. */
	sealed(&ends, &kit_links[0]);
	len = (uint16_t)(buffer.mbuf.data_len + 8);
	memcpy(packet, data_of(&buffer), 20);
	memcpy(packet + 2, &(uint16_t){htons(len)}, 2);
	packet[9] = 17;
	memcpy(packet + 20, (uint16_t[]){htons(4500), htons(4500), htons((uint16_t)(len - 20)), 0},
	       8);
	memcpy(packet + 28, data_of(&buffer) + 20, len - 28u);
	kit_buffer_fill(&buffer, packet, len);
	expect_drop(&ends, &buffer, DROP_esp_encapsulation);
	kit_ends_free(&ends);
}

static void a_packet_in_two_buffers_is_refused(void **state)
{
	struct kit_ends ends;

	(void)state;
	sealed(&ends, &kit_links[0]);
	buffer.mbuf.nb_segs = 2;
	expect_drop(&ends, &buffer, DROP_esp_uncontiguous);
	buffer.mbuf.nb_segs = 1;
	buffer.mbuf.l2_len = 100;
	buffer.mbuf.data_len = 99;
	expect_drop(&ends, &buffer, DROP_esp_outer_header);
	kit_ends_free(&ends);
}

static void lengths_that_no_sender_makes_are_refused(void **state)
{
	struct kit_ends ends;
	uint16_t whole;

	(void)state;
	sealed(&ends, &kit_links[0]);
	whole = buffer.mbuf.data_len;
	for (uint16_t len = 28; len < whole; len++) {
		bool is_possible = len >= 20 + 16 + 4 + 16 && (len - 20 - 32) % 4 == 0;

		memcpy(data_of(&buffer) + 2, &(uint16_t){htons(len)}, 2);
		kit_buffer_fill(&copy, data_of(&buffer), whole);
		expect_drop(&ends, &copy, is_possible ? DROP_esp_icv : DROP_esp_length);
	}
	kit_ends_free(&ends);
}

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
	sealed(&ends, &kit_links[1]);
	len = plain_of(&ends, plain);
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
	expect_drop(&ends, &buffer, DROP_esp_selector);
	kit_terminal_seal_raw(&ends, &buffer, 11, (const uint8_t[]){1, 2, 3, 17}, 4);
	expect_drop(&ends, &buffer, DROP_esp_padding);
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

		sealed(&ends, link);
		len = plain_of(&ends, plain);
		len = close_plain(plain, len, 0);
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

		sealed(&ends, link);
		inner_len = sa_table_find_out(ends.terminal, ends.handle)->inner_len;
		len = plain_of(&ends, plain);
		len = close_plain(plain, len, inner_len == 8 ? 17 : is_ipv4 ? 4 : 41);
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

			sealed(&fresh, link);
			data_of(&buffer)[at] ^= 1;
			expect_drop(&fresh, &buffer, DROP_esp_selector);
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
	sealed(&ends, link);
	for (int i = 0; i < 3; i++) {
		kit_buffer_fill(&buffer, hello, HELLO_BYTES);
		assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
		memcpy(data_of(&buffer) + 12, (uint8_t[]){198, 51, 100, 9}, 4);
		memcpy(data_of(&buffer) + 20, &(uint16_t){htons(40000)}, 2);
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
	sealed(&ends, &kit_links[7]);
	/* The gateway knows the terminal at port 31000, the packets come from 4500. */
	memcpy(data_of(&buffer) + 20, &(uint16_t){htons(31000)}, 2);
	kit_buffer_fill(&copy, data_of(&buffer), buffer.mbuf.data_len);
	kit_buffer_fill(&buffer, hello, HELLO_BYTES);
	assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
	memcpy(data_of(&buffer) + 20, &(uint16_t){htons(31000)}, 2);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	assert_false(packet.is_moved);
	data_of(&copy)[13] ^= 1;
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
	sealed(&ends, &kit_links[7]);
	whole_len = len = plain_of(&ends, plain);
	memcpy(whole, plain, len);
	plain[6] = 0x20;
	len = close_plain(plain, len, 4);
	kit_terminal_seal_raw(&ends, &buffer, 1, plain, len);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_FRAGMENT);
	assert_int_equal(buffer.mbuf.data_len, whole_len);
	assert_memory_equal(data_of(&buffer), plain, whole_len);
	/* Put together, it passes the same checks. */
	sa = sa_table_find_in(ends.gateway, packet.sa_handle);
	assert_int_equal(esp_open_inner(sa, &buffer.mbuf), DROP_esp_selector);
	kit_buffer_fill(&buffer, whole, whole_len);
	assert_int_equal(esp_open_inner(sa, &buffer.mbuf), DROP_NONE);
	assert_int_equal(buffer.mbuf.data_len, HELLO_BYTES);
	kit_ends_free(&ends);
}

static void a_bench_sa_takes_the_same_packet_again(void **state)
{
	struct kit_ends ends;
	struct contract_sa sa;
	struct esp_open_packet packet;

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_sa(&kit_links[0], false, &sa);
	sa.is_replay_checked = 0;
	assert_int_equal(sa_table_put(ends.gateway, &sa), RESULT_OK);
	kit_sa(&kit_links[0], true, &sa);
	assert_int_equal(sa_table_put(ends.terminal, &sa), RESULT_OK);
	ends.handle = SA_HANDLE(sa.index, sa.generation);
	kit_buffer_fill(&buffer, hello, HELLO_BYTES);
	assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
	kit_buffer_fill(&copy, data_of(&buffer), buffer.mbuf.data_len);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	assert_int_equal(kit_gateway_open(&ends, &copy, &packet), ESP_OPEN_PASS);
	kit_ends_free(&ends);
}

static void counters_count_what_was_authentic(void **state)
{
	struct kit_ends ends;
	struct esp_open_packet packet;
	const struct sa_in *sa;

	(void)state;
	sealed(&ends, &kit_links[0]);
	sa = sa_table_find_in(ends.gateway, ends.handle);
	assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	assert_int_equal(sa->packets, 1);
	assert_int_equal(sa->bytes, 16 + (HELLO_BYTES + 8 + 2 + 3) / 4 * 4 + 16);
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
		cmocka_unit_test(a_packet_seen_before_is_refused),
		cmocka_unit_test(the_same_packet_twice_in_one_burst_passes_once),
		cmocka_unit_test(a_packet_behind_the_window_is_refused),
		cmocka_unit_test(numbers_cross_32_bits),
		cmocka_unit_test(another_workers_packet_is_handed_over_untouched),
		cmocka_unit_test(unknown_and_stale_spis_are_told_apart),
		cmocka_unit_test(only_the_agreed_encapsulation_is_taken),
		cmocka_unit_test(a_packet_in_two_buffers_is_refused),
		cmocka_unit_test(lengths_that_no_sender_makes_are_refused),
		cmocka_unit_test(padding_must_count_up),
		cmocka_unit_test(only_the_modes_next_header_is_taken),
		cmocka_unit_test(every_byte_of_the_inner_headers_is_looked_at),
		cmocka_unit_test(in_transport_mode_the_outer_addresses_are_the_sas),
		cmocka_unit_test(in_tunnel_mode_a_moved_outer_source_is_told_once_a_second),
		cmocka_unit_test(neither_a_known_source_nor_an_old_packet_counts_as_moved),
		cmocka_unit_test(an_inner_fragment_is_left_to_be_put_together),
		cmocka_unit_test(a_bench_sa_takes_the_same_packet_again),
		cmocka_unit_test(counters_count_what_was_authentic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
