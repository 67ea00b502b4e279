/* dataplane/nodes: inject.c and the ends that hand a packet to another lcore, and drop.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_mempool.h>
#include <rte_ring.h>

#include "dataplane/drop_reason.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/nodes/drop.h"
#include "dataplane/esp/probe.h"
#include "dataplane/nodes/inject.h"
#include "dataplane/nodes/ring_ends.h"
#include "dataplane/nodes/to_control.h"
#include "dataplane/tables/sa_table.h"
#include "shared/sip/message.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static struct packet *packet_make(struct plane_kit *kit)
{
	return plane_packet(kit->workers[0], "bytes", 5);
}

/* What the step put on the ring, its note read and the mbuf freed. */
static struct mbuf_note note_take(struct rte_ring *ring)
{
	struct mbuf_note note;
	void *mbuf;

	assert_int_equal(rte_ring_dequeue(ring, &mbuf), 0);
	note = *mbuf_note(mbuf);
	rte_pktmbuf_free(mbuf);
	return note;
}

typedef bool end_step(struct worker *worker, struct packet *packet);

/* A full ring takes nothing and the packet is the caller's to drop, for this reason. */
static void check_full(struct plane_kit *kit, end_step *step, struct rte_ring *ring,
		       uint32_t sa_handle, enum drop_reason reason)
{
	struct packet *packet = packet_make(kit);
	void *mbuf;

	while (rte_ring_enqueue(ring, packet->mbuf) == 0)
		continue;
	packet->sa_handle = sa_handle;
	assert_false(step(kit->workers[0], packet));
	assert_int_equal(packet->drop_reason, reason);
	while (rte_ring_dequeue(ring, &mbuf) == 0)
		continue;
	plane_packet_end(kit->workers[0], packet);
}

static void an_exception_goes_up_with_its_port(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit);
	struct mbuf_note note;

	packet->port = 3;
	worker->is_control_due = false;
	assert_true(exception_step(worker, packet));
	packet_put(worker->packets, packet);
	assert_true(worker->is_control_due);
	note = note_take(worker->exceptions);
	assert_int_equal(note.kind, MBUF_NOTE_FRAME);
	assert_int_equal(note.port, 3);
	check_full(kit, exception_step, worker->exceptions, 0, DROP_exception_busy);
}

static bool to_control_is_taken(struct worker *worker, struct packet *packet)
{
	return to_control_step(worker, packet) == TO_CONTROL_TAKEN;
}

static void sip_for_the_gateway_goes_up_with_its_origin(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit);
	struct mbuf_note note;

	packet->origin = CONTRACT_ORIGIN_SA;
	packet->sa_handle = SA_HANDLE(5, 3);
	packet->source = plane_address("2001:db8::10", 5060);
	packet->destination = plane_address("2001:db8::60", 5060);
	packet->outer_source = plane_address("198.51.100.1", 4500);
	atomic_store(&kit->has_controlplane, true);
	assert_int_equal(to_control_step(worker, packet), TO_CONTROL_TAKEN);
	note = note_take(worker->to_control);
	assert_int_equal(note.kind, MBUF_NOTE_SIP);
	assert_int_equal(note.origin, CONTRACT_ORIGIN_SA);
	assert_int_equal(note.sa_handle, SA_HANDLE(5, 3));
	assert_memory_equal(&note.source, &packet->source, sizeof(note.source));
	assert_memory_equal(&note.destination, &packet->destination, sizeof(note.destination));
	assert_memory_equal(&note.outer_source, &packet->outer_source, sizeof(note.source));
	packet_put(worker->packets, packet);
	check_full(kit, to_control_is_taken, worker->to_control, 0, DROP_control_busy);
}

static void strangers_cannot_take_the_room_of_terminals_with_an_sa(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet;

	atomic_store(&kit->has_controlplane, true);
	packet = packet_make(kit);
	packet->origin = CONTRACT_ORIGIN_CLEAR;
	assert_int_equal(to_control_step(worker, packet), TO_CONTROL_TAKEN);
	packet_put(worker->packets, packet);
	assert_int_equal(rte_ring_count(worker->to_control), 0);
	assert_int_equal(note_take(worker->strangers).origin, CONTRACT_ORIGIN_CLEAR);
	/* theirs is full: one through an SA is taken all the same */
	while (rte_ring_enqueue(worker->strangers, kit) == 0)
		;
	packet = packet_make(kit);
	packet->origin = CONTRACT_ORIGIN_CLEAR;
	assert_int_equal(to_control_step(worker, packet), TO_CONTROL_DROP);
	assert_int_equal(packet->drop_reason, DROP_control_busy);
	packet->origin = CONTRACT_ORIGIN_SA;
	assert_int_equal(to_control_step(worker, packet), TO_CONTROL_TAKEN);
	packet_put(worker->packets, packet);
	assert_int_equal(note_take(worker->to_control).origin, CONTRACT_ORIGIN_SA);
	rte_ring_reset(worker->strangers);
}

static void without_a_control_plane_a_request_is_answered_and_the_rest_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit);

	atomic_store(&kit->has_controlplane, false);
	packet->message->is_request = true;
	packet->message->method = SIP_METHOD_REGISTER;
	assert_int_equal(to_control_step(kit->workers[0], packet), TO_CONTROL_DROP);
	packet->is_parsed = true;
	assert_int_equal(to_control_step(kit->workers[0], packet), TO_CONTROL_REPLY);
	assert_int_equal(packet->status, 503);
	packet->message->method = SIP_METHOD_ACK;
	assert_int_equal(to_control_step(kit->workers[0], packet), TO_CONTROL_DROP);
	packet->message->is_request = false;
	packet->message->method = SIP_METHOD_BYE;
	assert_int_equal(to_control_step(kit->workers[0], packet), TO_CONTROL_DROP);
	assert_int_equal(packet->drop_reason, DROP_control_away);
	plane_packet_end(kit->workers[0], packet);
}

static void an_unresolved_packet_goes_to_wait_for_its_neighbour(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit);
	struct mbuf_note note;

	packet->egress.destination = plane_address("fe80::1", 0);
	packet->egress.port = 2;
	assert_true(unresolved_step(worker, packet));
	note = note_take(worker->unresolved);
	assert_int_equal(note.kind, MBUF_NOTE_IP);
	assert_int_equal(note.port, 2);
	assert_memory_equal(&note.destination, &packet->egress.destination,
			    sizeof(note.destination));
	packet_put(worker->packets, packet);
	check_full(kit, unresolved_step, worker->unresolved, 0, DROP_unresolved_busy);
}

static void esp_goes_to_the_worker_that_owns_its_sa(void **state)
{
	struct plane_kit *kit = *state;
	struct contract_sa sa = plane_sa(8, 1, 1);
	struct packet *packet = packet_make(kit);

	assert_int_equal(sa_table_put(kit->tables->sas, &sa), RESULT_OK);
	packet->sa_handle = SA_HANDLE(8, 1);
	packet->port = 4;
	assert_true(handoff_step(kit->workers[0], packet));
	packet_put(kit->workers[0]->packets, packet);
	assert_int_equal(rte_ring_count(kit->workers[0]->handoff), 0);
	assert_int_equal(note_take(kit->workers[1]->handoff).port, 4);
	check_full(kit, handoff_step, kit->workers[1]->handoff, SA_HANDLE(8, 1), DROP_handoff_busy);
}

/* What would come back to the same worker for ever, or go to none. */
static void esp_that_nobody_else_owns_is_dropped(void **state)
{
	struct plane_kit *kit = *state;
	struct contract_sa sa = plane_sa(9, 1, 0);
	struct packet *packet = packet_make(kit);

	assert_int_equal(sa_table_put(kit->tables->sas, &sa), RESULT_OK);
	packet->sa_handle = SA_HANDLE(9, 1);
	assert_false(handoff_step(kit->workers[0], packet));
	assert_int_equal(packet->drop_reason, DROP_esp_spi_stale);
	plane_packet_end(kit->workers[0], packet);
}

static void what_control_sends_goes_the_way_its_note_says(void **state)
{
	struct plane_kit *kit = *state;
	static const struct {
		uint8_t kind, origin;
		enum inject_edge edge;
	} ways[] = {
		{MBUF_NOTE_SIP, CONTRACT_ORIGIN_SA, INJECT_ESP_SEAL},
		{MBUF_NOTE_SIP, CONTRACT_ORIGIN_CLEAR, INJECT_CLEAR_OUT},
		{MBUF_NOTE_FRAME, 0, INJECT_TX},
		{MBUF_NOTE_IP, 0, INJECT_TX},
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct packet *packet = packet_make(kit);
		struct contract_address to = plane_address("2001:db8::10", 40000);

		*mbuf_note(packet->mbuf) = (struct mbuf_note){.kind = ways[i].kind,
							      .origin = ways[i].origin,
							      .port = 1,
							      .sa_handle = 99,
							      .destination = to};
		assert_int_equal(inject_step(kit->workers[0], packet), ways[i].edge);
		assert_int_equal(packet->egress.port, 1);
		assert_int_equal(packet->egress.sa_handle, 99);
		assert_memory_equal(&packet->egress.destination, &to, sizeof(to));
		assert_int_equal(packet->is_framed, ways[i].kind == MBUF_NOTE_FRAME);
		plane_packet_end(kit->workers[0], packet);
	}
}

static void a_question_about_a_path_is_one_that_every_worker_knows_again(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	uint8_t room[200] = {0}, *at;
	struct packet *packet = plane_packet(worker, room, sizeof(room));
	uint32_t asked_by = 0;

	*mbuf_note(packet->mbuf) = (struct mbuf_note){
		.kind = MBUF_NOTE_PATH, .sa_handle = SA_HANDLE(9, 1), .path_bytes = 1500};
	assert_int_equal(inject_step(worker, packet), INJECT_ESP_SEAL);
	assert_true(packet->is_probe && packet->is_inner);
	assert_int_equal(packet->egress.origin, CONTRACT_ORIGIN_SA);
	assert_int_equal(packet->egress.sa_handle, SA_HANDLE(9, 1));
	assert_int_equal(packet->mbuf->data_len, sizeof(room));
	at = rte_pktmbuf_mtod(packet->mbuf, uint8_t *);
	at[ESP_PROBE_LABEL_BYTES] = 1; /* as the terminal turns it into its answer */
	assert_int_equal(esp_probe_path_answered(kit->workers[1]->tables->sas->engine,
						 slice_make(at, ESP_PROBE_BYTES), worker->now_s,
						 &asked_by),
			 1500);
	assert_int_equal(asked_by, SA_HANDLE(9, 1));
	plane_packet_end(worker, packet);
}

static void what_the_control_plane_lets_in_goes_to_be_parsed(void **state)
{
	struct plane_kit *kit = *state;
	struct packet *packet = packet_make(kit);
	struct mbuf_note *note = mbuf_note(packet->mbuf);

	*note = (struct mbuf_note){.kind = MBUF_NOTE_ENTER,
				   .origin = CONTRACT_ORIGIN_PEER,
				   .peer_index = 7,
				   .source = plane_address("2001:db8::10", 40000),
				   .destination = plane_address("2001:db8::60", 5061)};
	assert_int_equal(inject_step(kit->workers[0], packet), INJECT_SIP_PARSE);
	assert_int_equal(packet->origin, CONTRACT_ORIGIN_PEER);
	assert_int_equal(packet->peer_index, 7);
	assert_false(packet->is_proved);
	assert_int_equal(packet->source.port, 40000);
	assert_int_equal(packet->destination.port, 5061);
	assert_int_equal(packet->sip.len, 5);
	assert_memory_equal(packet->sip.at, "bytes", 5);
	note->origin = CONTRACT_ORIGIN_CLEAR;
	note->port = 3;
	assert_int_equal(inject_step(kit->workers[0], packet), INJECT_SIP_PARSE);
	assert_int_equal(packet->origin, CONTRACT_ORIGIN_CLEAR);
	assert_true(packet->is_proved);
	assert_int_equal(packet->port, 3);
	plane_packet_end(kit->workers[0], packet);
}

static void what_leaves_over_tls_goes_up_with_its_peer(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit);
	struct mbuf_note note;

	packet->egress.peer_index = 7;
	atomic_store(&kit->has_controlplane, false);
	assert_false(to_peer_tls_step(worker, packet));
	assert_int_equal(packet->drop_reason, DROP_control_away);
	atomic_store(&kit->has_controlplane, true);
	assert_true(to_peer_tls_step(worker, packet));
	packet_put(worker->packets, packet);
	note = note_take(worker->to_control);
	assert_int_equal(note.origin, CONTRACT_ORIGIN_PEER);
	assert_int_equal(note.peer_index, 7);
	check_full(kit, to_peer_tls_step, worker->to_control, 0, DROP_control_busy);
}

static void what_is_dropped_is_counted_and_freed(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct packet *packet = packet_make(kit);

	packet->drop_reason = DROP_esp_icv;
	drop_step(worker, packet);
	packet_put(worker->packets, packet);
	assert_int_equal(atomic_load(&worker->drops[DROP_esp_icv]), 1);
	assert_int_equal(atomic_load(&kit->workers[1]->drops[DROP_esp_icv]), 0);
	assert_int_equal(rte_mempool_in_use_count(worker->small_buffers), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exception_goes_up_with_its_port),
		cmocka_unit_test(sip_for_the_gateway_goes_up_with_its_origin),
		cmocka_unit_test(strangers_cannot_take_the_room_of_terminals_with_an_sa),
		cmocka_unit_test(
			without_a_control_plane_a_request_is_answered_and_the_rest_dropped),
		cmocka_unit_test(an_unresolved_packet_goes_to_wait_for_its_neighbour),
		cmocka_unit_test(esp_goes_to_the_worker_that_owns_its_sa),
		cmocka_unit_test(esp_that_nobody_else_owns_is_dropped),
		cmocka_unit_test(what_control_sends_goes_the_way_its_note_says),
		cmocka_unit_test(
			a_question_about_a_path_is_one_that_every_worker_knows_again),
		cmocka_unit_test(what_the_control_plane_lets_in_goes_to_be_parsed),
		cmocka_unit_test(what_leaves_over_tls_goes_up_with_its_peer),
		cmocka_unit_test(what_is_dropped_is_counted_and_freed),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
