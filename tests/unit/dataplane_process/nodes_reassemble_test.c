#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>

#include "dataplane/drop_reason.h"
#include "dataplane/ip_fragment.h"
#include "dataplane/nodes/reassemble.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static size_t frame_make(uint8_t *frame, uint8_t protocol, size_t payload)
{
	struct contract_address from = plane_address("2001:db8::10", 0);
	struct contract_address to = plane_address("2001:db8::60", 0);
	static uint8_t bytes[4096];

	for (size_t i = 0; i < payload; i++)
		bytes[i] = (uint8_t)(i * 3);
	return plane_ip(frame, &from, &to, protocol, bytes, payload);
}

/* The frame's fragment `index` as a packet of its own. */
static struct packet *piece_make(struct plane_kit *kit, const uint8_t *frame, size_t length,
				 size_t index, uint32_t id)
{
	uint8_t piece[1500];
	struct packet *packet;
	size_t bytes;

	memcpy(piece, frame, 14);
	bytes = ip_fragment_write(frame + 14, length - 14, 1280, index, id, piece + 14);
	packet = plane_packet(kit->workers[0], piece, bytes + 14);
	packet->l3_offset = 14;
	return packet;
}

static void the_last_piece_becomes_the_whole_frame(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	uint8_t frame[4096];
	size_t length = frame_make(frame, IPPROTO_ESP, 2000);
	struct packet *first = piece_make(kit, frame, length, 0, 5);
	struct packet *second = piece_make(kit, frame, length, 1, 5);

	assert_int_equal(reassemble_step(worker, second), REASSEMBLE_KEPT);
	packet_put(worker->packets, second);
	assert_int_equal(reassemble_step(worker, first), REASSEMBLE_CLASSIFY);
	assert_int_equal(first->mbuf->data_len, length);
	assert_memory_equal(rte_pktmbuf_mtod(first->mbuf, uint8_t *), frame, length);
	plane_packet_end(worker, first);
}

static void a_first_piece_without_all_of_esps_head_is_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	uint8_t frame[4096], piece[256];
	struct packet *packet;

	frame_make(frame, IPPROTO_ESP, 2000);
	/* A first fragment of eight bytes. */
	memcpy(piece, frame, 14 + 40);
	piece[14 + 4] = 0;
	piece[14 + 5] = 16;
	piece[14 + 6] = IPPROTO_FRAGMENT;
	memcpy(piece + 54, "\x32\0\0\1\0\0\0\x9", 8);
	memcpy(piece + 62, frame + 54, 8);
	packet = plane_packet(worker, piece, 70);
	packet->l3_offset = 14;
	assert_int_equal(reassemble_step(worker, packet), REASSEMBLE_DROP);
	assert_int_equal(packet->drop_reason, DROP_fragment_first);
	plane_packet_end(worker, packet);
}

static void what_does_not_fit_together_is_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	uint8_t frame[4096];
	size_t length = frame_make(frame, IPPROTO_ESP, 2000);
	struct packet *packet = piece_make(kit, frame, length, 1, 6);

	assert_int_equal(reassemble_step(worker, packet), REASSEMBLE_KEPT);
	packet_put(worker->packets, packet);
	packet = piece_make(kit, frame, length, 1, 6);
	assert_int_equal(reassemble_step(worker, packet), REASSEMBLE_DROP);
	assert_int_equal(packet->drop_reason, DROP_fragment_overlap);
	plane_packet_end(worker, packet);
}

static void what_is_given_up_is_counted(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	uint64_t before = atomic_load(&worker->drops[DROP_fragment_late]);
	uint8_t frame[4096];
	size_t length = frame_make(frame, IPPROTO_ESP, 2000);

	for (uint32_t id = 100; id < 110; id++) {
		struct packet *packet = piece_make(kit, frame, length, 1, id);

		assert_int_equal(reassemble_step(worker, packet), REASSEMBLE_KEPT);
		packet_put(worker->packets, packet);
	}
	assert_int_equal(atomic_load(&worker->drops[DROP_fragment_late]), before + 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_piece_becomes_the_whole_frame),
		cmocka_unit_test(a_first_piece_without_all_of_esps_head_is_dropped),
		cmocka_unit_test(what_does_not_fit_together_is_dropped),
		cmocka_unit_test(what_is_given_up_is_counted),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
