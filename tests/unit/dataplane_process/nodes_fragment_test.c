#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include <rte_mempool.h>

#include "dataplane/drop_reason.h"
#include "dataplane/ip_header.h"
#include "dataplane/nodes/fragment.h"
#include "dataplane/tables/sa_table.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static struct packet *packet_make(struct plane_kit *kit, size_t payload)
{
	struct contract_address from = plane_address("2001:db8::60", 0);
	struct contract_address to = plane_address("2001:db8:1::1", 0);
	static uint8_t bytes[17000];
	size_t header = ip_header_write(bytes, &from, &to, IPPROTO_ESP, 0, (uint16_t)payload);

	return plane_packet(kit->workers[0], bytes, header + payload);
}

static void the_fragments_take_the_packets_place(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	size_t contexts = packet_pool_free_count(worker->packets);
	struct packet *packet = packet_make(kit, 3000), *pieces[IP_FRAGMENTS_MAX];
	uint32_t before = worker->fragment_id;
	size_t count;

	packet->egress.port = 0;
	packet->egress.origin = CONTRACT_ORIGIN_SA;
	packet->egress.sa_handle = 77;
	assert_true(fragment_is_needed(kit->workers[0], packet));
	assert_int_equal(fragment_step(worker, packet, pieces, &count), FRAGMENT_TX);
	assert_int_equal(count, 3);
	assert_int_equal(worker->fragment_id, before + KIT_WORKERS);
	for (size_t i = 0; i < count; i++) {
		struct ip_header header;

		assert_int_equal(pieces[i]->egress.sa_handle, 77);
		assert_false(fragment_is_needed(worker, pieces[i]));
		assert_int_equal(ip_header_parse(rte_pktmbuf_mtod(pieces[i]->mbuf, uint8_t *),
						 pieces[i]->mbuf->data_len, &header),
				 RESULT_OK);
		assert_int_equal(header.fragment_id, worker->fragment_id);
		assert_true(rte_pktmbuf_headroom(pieces[i]->mbuf) >= 14);
		plane_packet_end(worker, pieces[i]);
	}
	assert_int_equal(packet_pool_free_count(worker->packets), contexts);
	assert_int_equal(rte_mempool_in_use_count(worker->small_buffers), 0);
	assert_int_equal(rte_mempool_in_use_count(worker->large_buffers), 0);
}

static void without_buffers_nothing_leaves_and_nothing_is_lost(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit, 3000), *pieces[IP_FRAGMENTS_MAX];
	unsigned left = rte_mempool_avail_count(worker->small_buffers) - 1;
	static struct rte_mbuf *taken[4096];
	size_t count;

	for (unsigned i = 0; i < left; i++) {
		taken[i] = rte_pktmbuf_alloc(worker->small_buffers);
		assert_non_null(taken[i]);
	}
	assert_int_equal(fragment_step(worker, packet, pieces, &count), FRAGMENT_DROP);
	assert_int_equal(packet->drop_reason, DROP_buffers_exhausted);
	assert_int_equal(rte_mempool_avail_count(worker->small_buffers), 1);
	for (unsigned i = 0; i < left; i++)
		rte_pktmbuf_free(taken[i]);
	plane_packet_end(worker, packet);
}

static void what_would_make_too_many_is_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit, 16800), *pieces[IP_FRAGMENTS_MAX];
	size_t count = 0;

	assert_int_equal(fragment_step(kit->workers[0], packet, pieces, &count), FRAGMENT_TX);
	assert_int_equal(count, 14);
	while (count > 0)
		plane_packet_end(kit->workers[0], pieces[--count]);
	packet = packet_make(kit, 16800);
	assert_int_equal(fragment_cut(kit->workers[0], packet, 500, pieces, &count),
			 DROP_packet_too_long);
	plane_packet_end(kit->workers[0], packet);
}

static struct packet *ipv4_make(struct plane_kit *kit, uint16_t len, bool is_df)
{
	struct contract_address from = plane_address("192.0.2.60", 0);
	struct contract_address to = plane_address("198.51.100.1", 0);
	static uint8_t bytes[1600];

	ip_header_write(bytes, &from, &to, IPPROTO_ESP, 0, (uint16_t)(len - 20));
	bytes[6] = is_df ? 0x40 : 0;
	return plane_packet(kit->workers[0], bytes, len);
}

static void ipv4_that_nobody_may_cut_is_cut_here_to_what_every_path_carries(void **state)
{
	static const struct {
		uint16_t len;
		bool is_df, is_needed;
	} rows[] = {{1280, true, false}, {1281, true, true}, {1500, false, false}, {1501, false, true}};
	struct plane_kit *kit = *state;
	struct packet *packet, *pieces[IP_FRAGMENTS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < 4; i++) {
		packet = ipv4_make(kit, rows[i].len, rows[i].is_df);
		assert_int_equal(fragment_is_needed(kit->workers[0], packet), rows[i].is_needed);
		plane_packet_end(kit->workers[0], packet);
	}
	packet = ipv4_make(kit, 1281, true);
	assert_int_equal(fragment_step(kit->workers[0], packet, pieces, &count), FRAGMENT_TX);
	assert_int_equal(count, 2);
	while (count > 0) {
		struct packet *piece = pieces[--count];

		assert_int_equal(rte_pktmbuf_mtod(piece->mbuf, uint8_t *)[6] & 0x40, 0);
		assert_true(piece->mbuf->data_len <= 1280);
		plane_packet_end(kit->workers[0], piece);
	}
}

/* An SA over IPv6 whose path carries that much, or nothing is known of it (0). */
static struct sa_out *sa_make(struct plane_kit *kit, uint32_t index, uint16_t path_bytes)
{
	struct contract_sa sa = plane_sa(index, 1, 0);
	struct sa_out *out;

	assert_int_equal(sa_table_put(kit->tables->sas, &sa), RESULT_OK);
	out = sa_table_find_out(kit->tables->sas, SA_HANDLE(index, 1));
	if (path_bytes != 0)
		out->path_bytes = path_bytes;
	return out;
}

static void what_leaves_by_an_sa_is_cut_to_what_its_path_carries(void **state)
{
	static const uint16_t paths[] = {0, 1280, 1400, 1500};
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];

	for (uint32_t i = 0; i < 4; i++) {
		struct sa_out *out = sa_make(kit, 40 + i, paths[i]);
		uint16_t most = paths[i] != 0 ? paths[i] : 1280;
		struct packet *packet = packet_make(kit, most - 40), *pieces[IP_FRAGMENTS_MAX];
		size_t count = 0;

		packet->egress.origin = CONTRACT_ORIGIN_SA;
		packet->egress.sa_handle = SA_HANDLE(40 + i, 1);
		assert_false(fragment_is_needed(worker, packet));
		assert_int_equal(out->is_path_wanted, most > 1280);
		plane_packet_end(worker, packet);
		packet = packet_make(kit, most - 39);
		packet->egress.origin = CONTRACT_ORIGIN_SA;
		packet->egress.sa_handle = SA_HANDLE(40 + i, 1);
		assert_true(fragment_is_needed(worker, packet));
		assert_int_equal(out->is_path_wanted, 1);
		assert_int_equal(fragment_step(worker, packet, pieces, &count), FRAGMENT_TX);
		assert_int_equal(count, 2);
		assert_in_range(pieces[0]->mbuf->data_len, most - 7, most);
		while (count > 0)
			plane_packet_end(worker, pieces[--count]);
	}
}

static void a_probe_leaves_whole_whatever_is_known_of_its_path(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit, 1460);

	(void)sa_make(kit, 50, 1280);
	packet->egress.origin = CONTRACT_ORIGIN_SA;
	packet->egress.sa_handle = SA_HANDLE(50, 1);
	assert_true(fragment_is_needed(kit->workers[0], packet));
	packet->is_probe = true;
	assert_false(fragment_is_needed(kit->workers[0], packet));
	plane_packet_end(kit->workers[0], packet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fragments_take_the_packets_place),
		cmocka_unit_test(without_buffers_nothing_leaves_and_nothing_is_lost),
		cmocka_unit_test(what_would_make_too_many_is_dropped),
		cmocka_unit_test(ipv4_that_nobody_may_cut_is_cut_here_to_what_every_path_carries),
		cmocka_unit_test(what_leaves_by_an_sa_is_cut_to_what_its_path_carries),
		cmocka_unit_test(a_probe_leaves_whole_whatever_is_known_of_its_path),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
