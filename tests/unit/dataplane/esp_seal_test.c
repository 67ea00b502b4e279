/* esp_seal: the bytes it writes, checked without esp_open, and everything it refuses. */
#include "dataplane/esp/seal.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/dataplane/esp_kit.h"

static struct kit_buffer buffer;

static void begin(struct kit_ends *ends, const struct kit_link *link)
{
	kit_ends_make(ends, NULL);
	kit_ends_link(ends, link);
	kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
}

static uint8_t *data(void)
{
	return rte_pktmbuf_mtod(&buffer.mbuf, uint8_t *);
}

static uint16_t u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* RFC 1071, the slow way. */
static uint32_t words(const uint8_t *at, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? at[i] : (uint32_t)at[i] << 8;
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The checksum over pseudo-header and datagram comes out as all ones. */
static bool udp_checksum_is_right(const uint8_t *ip, const uint8_t *udp, uint32_t udp_len)
{
	bool is_ipv4 = ip[0] >> 4 == 4;

	return folded(words(ip + (is_ipv4 ? 12 : 8), is_ipv4 ? 8 : 32) + 17 + udp_len +
		      words(udp, udp_len)) == 0xffff;
}

static void inner_headers_are_right_in_every_mode(void **state)
{
	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		const struct kit_link *link = &kit_links[i];
		bool is_ipv4 = link->inner_family == 4;
		struct kit_ends ends;
		const struct sa_out *sa;
		const uint8_t *at, *udp;
		uint8_t pseudo[40] = {0};

		begin(&ends, link);
		sa = sa_table_find_out(ends.gateway, ends.handle);
		assert_int_equal(esp_seal_inner(sa, &buffer.mbuf), DROP_NONE);
		assert_int_equal(buffer.mbuf.data_len, KIT_HELLO_BYTES + sa->inner_len);
		at = data();
		udp = at + sa->inner_len - 8;
		assert_int_equal(u16(udp), 5060);
		assert_int_equal(u16(udp + 2), 5062);
		assert_int_equal(u16(udp + 4), KIT_HELLO_BYTES + 8);
		assert_memory_equal(udp + 8, KIT_HELLO, KIT_HELLO_BYTES);
		if (sa->inner_len == 8) {
			/* The pseudo-header is that of the SA's addresses. */
			struct contract_sa contract;

			kit_sa(link, false, &contract);
			pseudo[0] = is_ipv4 ? 0x45 : 0x60;
			memcpy(pseudo + (is_ipv4 ? 12 : 8), contract.inner_local.bytes,
			       is_ipv4 ? 4 : 16);
			memcpy(pseudo + (is_ipv4 ? 16 : 24), contract.inner_remote.bytes,
			       is_ipv4 ? 4 : 16);
			assert_true(udp_checksum_is_right(pseudo, udp, KIT_HELLO_BYTES + 8));
		} else if (is_ipv4) {
			assert_int_equal(u16(at + 2), buffer.mbuf.data_len);
			assert_int_equal(folded(words(at, 20)), 0xffff);
			assert_int_equal(at[1], 24 << 2);
			assert_int_equal(at[9], 17);
			assert_true(udp_checksum_is_right(at, udp, KIT_HELLO_BYTES + 8));
		} else {
			assert_int_equal(u16(at + 4), KIT_HELLO_BYTES + 8);
			assert_int_equal(u16(at), 0x6000 | 24 << 6);
			assert_int_equal(at[6], 17);
			assert_true(udp_checksum_is_right(at, udp, KIT_HELLO_BYTES + 8));
		}
		kit_ends_free(&ends);
	}
}

static void outer_headers_are_right_in_every_mode(void **state)
{
	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		const struct kit_link *link = &kit_links[i];
		bool is_ipv4 = link->outer_family == 4, is_udp = link->mode >= CONTRACT_UDP_TUNNEL;
		struct esp_seal_packet packet = {.mbuf = &buffer.mbuf};
		uint32_t ip_len = is_ipv4 ? 20 : 40, len;
		const struct esp_suite *suite;
		struct kit_ends ends;
		const uint8_t *at, *esp;

		begin(&ends, link);
		packet.sa_handle = ends.handle;
		esp_seal_burst(&ends.gateway_seal, &packet, 1);
		assert_int_equal(packet.reason, DROP_NONE);
		assert_int_equal(packet.is_outer_ipv4, is_ipv4);
		assert_int_equal(packet.port, 1);
		assert_int_equal(buffer.mbuf.l2_len, 0);
		assert_int_equal(buffer.mbuf.l3_len, ip_len);
		assert_int_equal(buffer.mbuf.data_len, buffer.mbuf.pkt_len);
		at = data();
		len = buffer.mbuf.data_len;
		if (is_ipv4) {
			assert_int_equal(at[0], 0x45);
			assert_int_equal(at[1], 24 << 2);
			assert_int_equal(u16(at + 2), len);
			assert_int_equal(u16(at + 6), 0x4000);
			assert_int_equal(at[9], is_udp ? 17 : 50);
			assert_int_equal(folded(words(at, 20)), 0xffff);
		} else {
			assert_int_equal(u16(at), 0x6000 | 24 << 6);
			assert_int_equal(u16(at + 4), len - 40);
			assert_int_equal(at[6], is_udp ? 17 : 50);
		}
		esp = at + ip_len;
		if (is_udp) {
			assert_int_equal(u16(esp), 4500);
			assert_int_equal(u16(esp + 2), 31000);
			assert_int_equal(u16(esp + 4), len - ip_len);
			if (is_ipv4)
				assert_int_equal(u16(esp + 6), 0);
			else
				assert_true(udp_checksum_is_right(at, esp, len - ip_len));
			esp += 8;
		}
		/* SPI, number 1, IV 1 where the number is the IV; alignment of what is encrypted. */
		suite = esp_suite_get(kit_links[i].suite);
		assert_memory_equal(esp, &(uint32_t){htonl(ends.handle)}, 4);
		assert_memory_equal(esp + 4, "\0\0\0\1\0\0\0\0\0\0\0\1", suite->iv_bytes == 8 ? 12 : 4);
		assert_int_equal((at + len - esp - 8 - suite->iv_bytes - suite->icv_bytes) %
					 suite->align_bytes,
				 0);
		kit_ends_free(&ends);
	}
}

static void numbers_count_up_and_are_the_iv(void **state)
{
	struct kit_ends ends;
	struct sa_out *sa;

	(void)state;
	begin(&ends, &kit_links[0]);
	sa = sa_table_find_out(ends.terminal, ends.handle);
	for (uint64_t i = 0; i < 100000; i += 1 + i / 10) {
		uint64_t be64;

		atomic_store(&sa->next, i + 0xfffffff0);
		kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
		assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
		be64 = __builtin_bswap64(i + 0xfffffff0);
		assert_memory_equal(data() + 28, &be64, 8);
		assert_memory_equal(data() + 24, (uint8_t *)&be64 + 4, 4);
		/* Reserved in the state before it is used. */
		assert_true(sa_table_record(ends.terminal, 5)->reserved[1] > i + 0xfffffff0);
	}
	kit_ends_free(&ends);
}

static void a_spent_sa_seals_no_more(void **state)
{
	struct kit_ends ends;
	struct contract_sa sa;

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_sa(&kit_links[0], true, &sa);
	sa.hard_packets = 3;
	assert_int_equal(sa_table_put(ends.terminal, &sa), RESULT_OK);
	ends.handle = SA_HANDLE(sa.index, sa.generation);
	for (int i = 0; i < 10; i++) {
		kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
		assert_int_equal(kit_terminal_seal(&ends, &buffer),
				 i < 3 ? DROP_NONE : DROP_esp_exhausted);
	}
	assert_int_equal(sa_table_find_out(ends.terminal, ends.handle)->next, 4);
	assert_true(sa_table_is_spent(ends.terminal, sa.index, 0));
	kit_ends_free(&ends);
}

static void the_end_of_64_bits_is_refused_long_before_it_comes(void **state)
{
	struct kit_ends ends;
	struct sa_out *sa;

	(void)state;
	begin(&ends, &kit_links[0]);
	sa = sa_table_find_out(ends.terminal, ends.handle);
	atomic_store(&sa->next, sa->end - 1);
	assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
	kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
	assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_esp_exhausted);
	assert_true(UINT64_MAX - sa->end >= 1u << 20);
	kit_ends_free(&ends);
}

static void an_sa_that_is_gone_seals_nothing(void **state)
{
	static const uint32_t handles[] = {0, 1, 5, 0x02000005, 0x01000006, 0x01ffffff, 0xffffffff};
	struct kit_ends ends;

	(void)state;
	begin(&ends, &kit_links[0]);
	for (size_t i = 0; i < sizeof(handles) / sizeof(handles[0]); i++) {
		ends.handle = handles[i];
		assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_esp_sa_gone);
	}
	assert_int_equal(sa_table_delete(ends.terminal, 5, 1), RESULT_OK);
	ends.handle = 0x01000005;
	assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_esp_sa_gone);
	assert_memory_equal(data(), KIT_HELLO, KIT_HELLO_BYTES);
	kit_ends_free(&ends);
}

static void without_room_nothing_is_written_and_no_number_used(void **state)
{
	(void)state;
	for (size_t i = 0; i < kit_link_count; i++) {
		struct kit_ends ends;
		const struct esp_suite *suite;
		const struct sa_out *sa;
		uint16_t head, tail;

		begin(&ends, &kit_links[i]);
		sa = sa_table_find_out(ends.terminal, ends.handle);
		suite = esp_suite_get(sa->suite);
		head = (uint16_t)(sa->inner_len + 8 + suite->iv_bytes + sa->outer[0].len);
		tail = (uint16_t)((-(KIT_HELLO_BYTES + sa->inner_len + 2) & (suite->align_bytes - 1)) +
				  2 + suite->icv_bytes);
		assert_true(head <= ESP_SEAL_HEADROOM - 18 && tail <= ESP_SEAL_TAILROOM);
		for (uint16_t room = 0; room <= head; room++) {
			kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
			buffer.mbuf.buf_addr = buffer.bytes + KIT_HEADROOM - room;
			buffer.mbuf.data_off = room;
			assert_int_equal(kit_terminal_seal(&ends, &buffer),
					 room < head ? DROP_esp_no_room : DROP_NONE);
		}
		for (uint16_t room = 0; room <= tail; room++) {
			kit_buffer_fill(&buffer, KIT_HELLO, KIT_HELLO_BYTES);
			buffer.mbuf.buf_len = (uint16_t)(KIT_HEADROOM + KIT_HELLO_BYTES + room);
			buffer.bytes[KIT_HEADROOM + KIT_HELLO_BYTES + room] = 0xa5;
			assert_int_equal(kit_terminal_seal(&ends, &buffer),
					 room < tail ? DROP_esp_no_room : DROP_NONE);
			assert_int_equal(buffer.bytes[KIT_HEADROOM + KIT_HELLO_BYTES + room], 0xa5);
		}
		assert_int_equal(sa->next, 3);
		kit_ends_free(&ends);
	}
}

static void what_ip_cannot_carry_is_refused(void **state)
{
	static struct rte_mbuf mbuf;
	static uint8_t bytes[65535];
	struct esp_seal_packet packet = {.mbuf = &mbuf};
	struct kit_ends ends;

	(void)state;
	begin(&ends, &kit_links[10]);
	packet.sa_handle = ends.handle;
	for (uint32_t len = 65300; len < 65400; len++) {
		uint32_t total = 48 + 16 + (len + 48 + 2 + 3) / 4 * 4 + 16;

		mbuf.buf_addr = bytes;
		mbuf.buf_len = 65535;
		mbuf.data_off = 112;
		mbuf.nb_segs = 1;
		mbuf.data_len = (uint16_t)len;
		mbuf.pkt_len = len;
		esp_seal_burst(&ends.gateway_seal, &packet, 1);
		assert_int_equal(packet.reason, total > 65535 ? DROP_esp_too_long : DROP_NONE);
	}
	mbuf.nb_segs = 2;
	esp_seal_burst(&ends.gateway_seal, &packet, 1);
	assert_int_equal(packet.reason, DROP_esp_uncontiguous);
	assert_int_equal(esp_seal_inner(sa_table_find_out(ends.gateway, ends.handle), &mbuf),
			 DROP_esp_uncontiguous);
	kit_ends_free(&ends);
}

static void a_ready_inner_datagram_is_sealed_as_it_is(void **state)
{
	struct kit_ends ends;
	struct esp_seal_packet packet = {.mbuf = &buffer.mbuf, .is_inner_datagram = true};
	struct esp_open_packet opened = {.mbuf = &buffer.mbuf};
	uint8_t fragment[100];

	(void)state;
	begin(&ends, &kit_links[7]);
	assert_int_equal(
		esp_seal_inner(sa_table_find_out(ends.terminal, ends.handle), &buffer.mbuf),
		DROP_NONE);
	data()[6] = 0x20; /* more fragments */
	memcpy(fragment, data(), buffer.mbuf.data_len);
	packet.sa_handle = ends.handle;
	esp_seal_burst(&ends.terminal_seal, &packet, 1);
	assert_int_equal(packet.reason, DROP_NONE);
	esp_open_burst(&ends.gateway_open, &opened, 1);
	assert_int_equal(opened.verdict, ESP_OPEN_FRAGMENT);
	assert_memory_equal(data(), fragment, buffer.mbuf.data_len);
	kit_ends_free(&ends);
}

static void a_burst_of_many_sas_seals_each_by_its_own(void **state)
{
	static struct kit_buffer buffers[ESP_BURST];
	struct esp_seal_packet packets[ESP_BURST];
	struct kit_ends ends;

	(void)state;
	kit_ends_make(&ends, NULL);
	for (size_t i = 0; i < kit_link_count; i++)
		kit_ends_link(&ends, &kit_links[i]);
	for (size_t i = 0; i < ESP_BURST; i++) {
		const struct kit_link *link = &kit_links[i % kit_link_count];

		kit_buffer_fill(&buffers[i], KIT_HELLO, KIT_HELLO_BYTES - i % 7);
		packets[i] = (struct esp_seal_packet){
			.mbuf = &buffers[i].mbuf,
			.sa_handle =
				i % 9 == 8 ? 0x63000001 : SA_HANDLE(link->index, link->generation)};
	}
	esp_seal_burst(&ends.terminal_seal, packets, ESP_BURST);
	for (size_t i = 0; i < ESP_BURST; i++) {
		struct esp_open_packet opened;

		if (i % 9 == 8) {
			assert_int_equal(packets[i].reason, DROP_esp_sa_gone);
			continue;
		}
		assert_int_equal(packets[i].reason, DROP_NONE);
		assert_int_equal(kit_gateway_open(&ends, &buffers[i], &opened), ESP_OPEN_PASS);
		assert_int_equal(opened.sa_handle, packets[i].sa_handle);
		assert_int_equal(buffers[i].mbuf.data_len, KIT_HELLO_BYTES - i % 7);
	}
	kit_ends_free(&ends);
}

#define THREADS 4
#define EACH	20000

struct sealer {
	pthread_t thread;
	const struct sa_table *table;
	uint32_t handle;
	uint64_t numbers[EACH];
};

static void *seal_many(void *arg)
{
	struct sealer *sealer = arg;
	struct kit_buffer *own = malloc(sizeof(*own));
	struct esp_seal seal = {.table = sealer->table};

	if (own == NULL || esp_engine_create_direct(&seal.engine) != RESULT_OK)
		abort();
	for (int i = 0; i < EACH; i++) {
		struct esp_seal_packet packet = {.mbuf = &own->mbuf, .sa_handle = sealer->handle};

		kit_buffer_fill(own, KIT_HELLO, KIT_HELLO_BYTES);
		esp_seal_burst(&seal, &packet, 1);
		memcpy(&sealer->numbers[i], rte_pktmbuf_mtod_offset(&own->mbuf, uint8_t *, 28), 8);
		sealer->numbers[i] = __builtin_bswap64(sealer->numbers[i]);
	}
	esp_engine_destroy(seal.engine);
	free(own);
	return NULL;
}

static void workers_sealing_together_never_share_a_number(void **state)
{
	static struct sealer sealers[THREADS];
	static uint8_t is_used[THREADS * EACH + 1];
	struct kit_ends ends;

	(void)state;
	begin(&ends, &kit_links[0]);
	for (int i = 0; i < THREADS; i++) {
		sealers[i].table = ends.terminal;
		sealers[i].handle = ends.handle;
		assert_int_equal(pthread_create(&sealers[i].thread, NULL, seal_many, &sealers[i]),
				 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(sealers[i].thread, NULL);
	for (int i = 0; i < THREADS; i++) {
		for (int j = 0; j < EACH; j++) {
			uint64_t number = sealers[i].numbers[j];

			assert_in_range(number, 1, THREADS * EACH);
			assert_false(is_used[number]);
			is_used[number] = 1;
		}
	}
	kit_ends_free(&ends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inner_headers_are_right_in_every_mode),
		cmocka_unit_test(outer_headers_are_right_in_every_mode),
		cmocka_unit_test(numbers_count_up_and_are_the_iv),
		cmocka_unit_test(a_spent_sa_seals_no_more),
		cmocka_unit_test(the_end_of_64_bits_is_refused_long_before_it_comes),
		cmocka_unit_test(an_sa_that_is_gone_seals_nothing),
		cmocka_unit_test(without_room_nothing_is_written_and_no_number_used),
		cmocka_unit_test(what_ip_cannot_carry_is_refused),
		cmocka_unit_test(a_ready_inner_datagram_is_sealed_as_it_is),
		cmocka_unit_test(a_burst_of_many_sas_seals_each_by_its_own),
		cmocka_unit_test(workers_sealing_together_never_share_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
