/* dataplane/nodes/inner_fragment.c and inner_reassemble.c: what one cuts the other puts together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_mempool.h>

#include "dataplane/bounds.h"
#include "dataplane/drop_reason.h"
#include "dataplane/esp/seal.h"
#include "dataplane/nodes/inner_fragment.h"
#include "dataplane/nodes/inner_reassemble.h"
#include "dataplane/sa_tag.h"
#include "tests/unit/dataplane_process/plane_kit.h"

/* The SA of the test that runs: each is another, for an index rests before it comes again. */
static uint32_t handle = SA_HANDLE(20, 1);

/* A tunnel whose two ends have the same inner addresses: what it cuts it may also take. */
static void tunnel_put(struct plane_kit *kit, const char *inner)
{
	struct contract_sa sa = plane_sa(SA_INDEX(++handle), 1, 0);

	sa.mode = CONTRACT_UDP_TUNNEL;
	sa.inner_local = plane_address(inner, 5060);
	sa.inner_remote = sa.inner_local;
	sa.outer_local.port = sa.outer_remote.port = 4500;
	assert_int_equal(sa_table_put(kit->tables->sas, &sa), RESULT_OK);
}

static void tunnel_end(struct plane_kit *kit)
{
	assert_int_equal(sa_table_delete(kit->tables->sas, SA_INDEX(handle), 1), RESULT_OK);
	sa_table_reclaim(kit->tables->sas);
}

static uint8_t message[LIMIT_SIP_MESSAGE_BYTES];

static struct packet *packet_make(struct plane_kit *kit, size_t len)
{
	struct packet *packet;

	for (size_t i = 0; i < len; i++)
		message[i] = (uint8_t)(i * 7 + len);
	packet = plane_packet(kit->workers[0], message, len);
	packet->egress.sa_handle = handle;
	return packet;
}

static void every_length_comes_out_whole_and_no_piece_is_too_long(void **state)
{
	static const char *const inner[] = {"192.0.2.60", "2001:db8::60"};
	static const size_t lengths[] = {1100, 1101, 1300, 2300, 9000, LIMIT_SIP_MESSAGE_BYTES};
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];

	for (size_t i = 0; i < 12; i++) {
		size_t len = lengths[i / 2], count = 0;
		struct packet *packet, *pieces[IP_FRAGMENTS_MAX];
		const struct sa_out *sa;
		uint32_t most;

		tunnel_put(kit, inner[i % 2]);
		sa = sa_table_find_out(kit->tables->sas, handle);
		most = esp_seal_inner_most(sa, PATH_MTU_BYTES);
		packet = packet_make(kit, len);
		assert_int_equal(inner_fragment_is_needed(worker, packet),
				 len + sa->inner_len > most);
		assert_int_equal(inner_fragment_step(worker, packet, pieces, &count),
				 INNER_FRAGMENT_SEAL);
		assert_true(count >= (len + most - 1) / most);
		/* The last first: order must not matter. */
		while (count > 0) {
			struct packet *piece = pieces[--count];
			enum inner_reassemble_edge edge;

			assert_true(piece->is_inner && piece->mbuf->data_len <= most);
			assert_false(inner_fragment_is_needed(worker, piece));
			assert_int_equal(piece->egress.sa_handle, handle);
			piece->sa_handle = handle;
			if (len + sa->inner_len <= most) {
				plane_packet_end(worker, piece); /* no fragment: esp_open takes it */
				continue;
			}
			edge = inner_reassemble_step(worker, piece);
			assert_int_equal(edge, count > 0 ? INNER_REASSEMBLE_KEPT
							 : INNER_REASSEMBLE_SIP);
			if (edge == INNER_REASSEMBLE_KEPT) {
				packet_put(worker->packets, piece);
				continue;
			}
			assert_int_equal(piece->sip.len, len);
			assert_memory_equal(piece->sip.at, message, len);
			assert_int_equal(*sa_tag(piece->mbuf, worker->sa_tag_offset), handle);
			assert_int_equal(piece->origin, CONTRACT_ORIGIN_SA);
			plane_packet_end(worker, piece);
		}
		tunnel_end(kit);
	}
	assert_int_equal(rte_mempool_in_use_count(worker->small_buffers), 0);
	assert_int_equal(rte_mempool_in_use_count(worker->large_buffers), 0);
}

static void transport_mode_is_left_to_be_cut_after_sealing(void **state)
{
	struct plane_kit *kit = *state;
	struct contract_sa sa = plane_sa(SA_INDEX(++handle), 1, 0);
	struct packet *packet = packet_make(kit, 9000);

	assert_int_equal(sa_table_put(kit->tables->sas, &sa), RESULT_OK);
	assert_false(inner_fragment_is_needed(kit->workers[0], packet));
	tunnel_end(kit);
	/* Of an SA that is gone sealing tells. */
	assert_false(inner_fragment_is_needed(kit->workers[0], packet));
	plane_packet_end(kit->workers[0], packet);
}

static void an_sa_that_went_meanwhile_loses_its_message_by_name(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit, 3000), *pieces[IP_FRAGMENTS_MAX];
	size_t count = 0;

	assert_int_equal(inner_fragment_step(worker, packet, pieces, &count), INNER_FRAGMENT_DROP);
	assert_int_equal(packet->drop_reason, DROP_esp_sa_gone);
	plane_packet_end(worker, packet);
	tunnel_put(kit, "192.0.2.60");
	packet = packet_make(kit, 3000);
	assert_int_equal(inner_fragment_step(worker, packet, pieces, &count), INNER_FRAGMENT_SEAL);
	tunnel_end(kit);
	for (size_t i = 0; i < count; i++) {
		pieces[i]->sa_handle = handle;
		if (i + 1 < count) {
			assert_int_equal(inner_reassemble_step(worker, pieces[i]),
					 INNER_REASSEMBLE_KEPT);
			packet_put(worker->packets, pieces[i]);
			continue;
		}
		assert_int_equal(inner_reassemble_step(worker, pieces[i]), INNER_REASSEMBLE_DROP);
		assert_int_equal(pieces[i]->drop_reason, DROP_esp_sa_gone);
		plane_packet_end(worker, pieces[i]);
	}
}

static void pieces_that_overlap_or_are_no_ip_are_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet, *pieces[IP_FRAGMENTS_MAX];
	size_t count = 0;

	tunnel_put(kit, "2001:db8::60");
	packet = packet_make(kit, 3000);
	assert_int_equal(inner_fragment_step(worker, packet, pieces, &count), INNER_FRAGMENT_SEAL);
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++)
		pieces[i]->sa_handle = handle;
	packet = plane_packet(worker, rte_pktmbuf_mtod(pieces[0]->mbuf, void *),
			      pieces[0]->mbuf->data_len);
	packet->sa_handle = handle;
	assert_int_equal(inner_reassemble_step(worker, packet), INNER_REASSEMBLE_KEPT);
	packet_put(worker->packets, packet);
	assert_int_equal(inner_reassemble_step(worker, pieces[0]), INNER_REASSEMBLE_DROP);
	assert_int_equal(pieces[0]->drop_reason, DROP_fragment_overlap);
	rte_pktmbuf_mtod(pieces[1]->mbuf, uint8_t *)[0] = 0;
	assert_int_equal(inner_reassemble_step(worker, pieces[1]), INNER_REASSEMBLE_DROP);
	assert_int_equal(pieces[1]->drop_reason, DROP_ip_header);
	for (size_t i = 0; i < count; i++)
		plane_packet_end(worker, pieces[i]);
	tunnel_end(kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_comes_out_whole_and_no_piece_is_too_long),
		cmocka_unit_test(transport_mode_is_left_to_be_cut_after_sealing),
		cmocka_unit_test(an_sa_that_went_meanwhile_loses_its_message_by_name),
		cmocka_unit_test(pieces_that_overlap_or_are_no_ip_are_dropped),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
