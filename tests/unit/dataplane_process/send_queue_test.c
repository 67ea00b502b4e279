#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_graph_worker.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include "dataplane/drop_reason.h"
#include "dataplane/graph.h"
#include "dataplane/io/port.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/nodes/tx.h"
#include "dataplane/send_queue.h"
#include "tests/unit/dataplane_process/plane_kit.h"

#define WIRE_PLACES 8 /* what the port takes until somebody reads: one less */
#define WIRE_ROOM   (WIRE_PLACES - 1)
#define PATIENCE    1000
#define WAITING	    256u /* what may wait in a lane: of 1,024 buffers a quarter */

_Static_assert(WAITING <= SEND_WAITING, "a lane has places for them");

struct scene {
	struct plane_kit *kit;
	struct rte_ring *wire; /* the far end of the port */
	uint16_t ethdev;
	struct send_queue queue;
	struct send_way way;
	uint8_t next; /* the first byte of the next frame */
};

static struct scene scene;

static int begin(void **state)
{
	const struct rte_eth_conf conf = {0};
	struct worker *worker;
	struct rte_ring *in;
	int ethdev;

	if (plane_kit_begin(state) != 0)
		return -1;
	scene.kit = *state;
	worker = scene.kit->workers[0];
	in = rte_ring_create("near", WIRE_PLACES, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
	scene.wire = rte_ring_create("far", WIRE_PLACES, 0, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (!in || !scene.wire)
		return -1;
	ethdev = rte_eth_from_rings("test", &in, 1, &scene.wire, 1, 0);
	if (ethdev < 0)
		return -1;
	scene.ethdev = (uint16_t)ethdev;
	if (rte_eth_dev_configure(scene.ethdev, 1, 1, &conf) != 0 ||
	    rte_eth_rx_queue_setup(scene.ethdev, 0, WIRE_PLACES, 0, NULL, worker->small_buffers) !=
		    0 ||
	    rte_eth_tx_queue_setup(scene.ethdev, 0, WIRE_PLACES, 0, NULL) != 0 ||
	    rte_eth_dev_start(scene.ethdev) != 0)
		return -1;
	scene.kit->tables->ports->ports[0].ethdev = scene.ethdev;
	return graph_nodes_register() == RESULT_OK && graph_create(worker) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
	graph_destroy(scene.kit->workers[0]);
	return plane_kit_end(state);
}

static int scene_begin(void **state)
{
	(void)state;
	memset(&scene.queue, 0, sizeof(scene.queue));
	scene.way = (struct send_way){.ethdev = scene.ethdev,
				      .room = WAITING,
				      .now_tsc = 5000000,
				      .patience_tsc = PATIENCE};
	scene.next = 0;
	return 0;
}

static struct rte_mbuf *frame_make(void)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(scene.kit->workers[0]->small_buffers);

	assert_non_null(mbuf);
	*(uint8_t *)rte_pktmbuf_append(mbuf, 60) = scene.next++;
	return mbuf;
}

/* Frames are given to the queue; what it does not take is freed. How many it took. */
static uint16_t put_as(uint16_t count, bool is_urgent)
{
	struct rte_mbuf *mbufs[WAITING + WIRE_PLACES];
	uint16_t taken;

	for (uint16_t i = 0; i < count; i++)
		mbufs[i] = frame_make();
	taken = send_queue_put(&scene.queue, &scene.way, mbufs, count, is_urgent);
	for (uint16_t i = taken; i < count; i++)
		rte_pktmbuf_free(mbufs[i]);
	return taken;
}

static uint16_t put(uint16_t count)
{
	return put_as(count, false);
}

/* So many have come out, the first with this byte, in order. */
static void assert_wire(unsigned count, uint8_t first)
{
	void *mbuf;

	assert_int_equal(rte_ring_count(scene.wire), count);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(rte_ring_dequeue(scene.wire, &mbuf), 0);
		assert_int_equal(*rte_pktmbuf_mtod((struct rte_mbuf *)mbuf, uint8_t *),
				 (uint8_t)(first + i));
		rte_pktmbuf_free(mbuf);
	}
}

static int scene_end(void **state)
{
	void *mbuf;

	(void)state;
	(void)send_queue_forget(&scene.queue);
	while (rte_ring_dequeue(scene.wire, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	assert_int_equal(rte_mempool_in_use_count(scene.kit->workers[0]->small_buffers), 0);
	return 0;
}

static void what_the_port_does_not_take_waits_and_goes_out_first(void **state)
{
	(void)state;
	assert_int_equal(put(WIRE_ROOM + 3), WIRE_ROOM + 3);
	assert_int_equal(send_queue_count(&scene.queue), 3);
	assert_wire(WIRE_ROOM, 0);
	/* the port has room, but those come before */
	assert_int_equal(put(2), 2);
	assert_int_equal(rte_ring_count(scene.wire), 0);
	send_queue_flush(&scene.queue, &scene.way);
	assert_int_equal(send_queue_count(&scene.queue), 0);
	assert_wire(5, WIRE_ROOM);
	assert_int_equal(put(1), 1);
	assert_wire(1, WIRE_ROOM + 5);
}

static void more_than_may_wait_stays_the_callers(void **state)
{
	(void)state;
	assert_int_equal(put(WIRE_ROOM + WAITING + 1), WIRE_ROOM + WAITING);
	assert_int_equal(put(1), 0);
	assert_wire(WIRE_ROOM, 0);
	send_queue_flush(&scene.queue, &scene.way);
	assert_wire(WIRE_ROOM, WIRE_ROOM);
	assert_int_equal(put(WIRE_ROOM + 1), WIRE_ROOM);
}

static void frames_wait_in_order_round_the_end_of_the_row(void **state)
{
	(void)state;
	assert_int_equal(put(WIRE_ROOM + WAITING), WIRE_ROOM + WAITING);
	assert_wire(WIRE_ROOM, 0);
	for (unsigned sent = WIRE_ROOM; sent < 2 * SEND_WAITING; sent += WIRE_ROOM) {
		send_queue_flush(&scene.queue, &scene.way);
		assert_wire(WIRE_ROOM, (uint8_t)sent);
		assert_int_equal(put(WIRE_ROOM), WIRE_ROOM);
	}
	assert_int_equal(send_queue_count(&scene.queue), WAITING);
}

static void a_quarter_of_the_buffers_may_wait(void **state)
{
	const struct worker *worker = scene.kit->workers[0];

	(void)state;
	assert_int_equal(worker->small_buffers->size, 1024);
	assert_int_equal(worker->send_room, WAITING);
}

static void what_is_urgent_has_room_when_others_have_none_and_goes_first(void **state)
{
	uint8_t urgent;

	(void)state;
	assert_int_equal(put(WIRE_ROOM + WAITING), WIRE_ROOM + WAITING);
	assert_int_equal(put(1), 0);
	urgent = scene.next;
	assert_int_equal(put_as(2, true), 2);
	assert_int_equal(send_queue_count(&scene.queue), WAITING + 2);
	assert_wire(WIRE_ROOM, 0);
	send_queue_flush(&scene.queue, &scene.way);
	assert_int_equal(rte_ring_count(scene.wire), WIRE_ROOM);
	for (unsigned i = 0; i < 2; i++) {
		void *mbuf;

		assert_int_equal(rte_ring_dequeue(scene.wire, &mbuf), 0);
		assert_int_equal(*rte_pktmbuf_mtod((struct rte_mbuf *)mbuf, uint8_t *),
				 (uint8_t)(urgent + i));
		rte_pktmbuf_free(mbuf);
	}
	assert_wire(WIRE_ROOM - 2, WIRE_ROOM); /* and then the others, in their order */
	/* The port has room: it need not wait for those that do. */
	urgent = scene.next;
	assert_int_equal(put_as(1, true), 1);
	assert_wire(1, urgent);
	/* Their room, too, has an end. */
	(void)send_queue_forget(&scene.queue);
	assert_int_equal(put_as(WIRE_ROOM + WAITING + 1, true), WIRE_ROOM + WAITING);
}

static void a_port_that_takes_nothing_for_too_long_is_given_no_more_to_wait_for(void **state)
{
	(void)state;
	assert_int_equal(put(WIRE_ROOM + 2), WIRE_ROOM + 2);
	scene.way.now_tsc += PATIENCE;
	assert_false(send_queue_is_stuck(&scene.queue, &scene.way));
	assert_int_equal(put(1), 1);
	scene.way.now_tsc += 1;
	assert_true(send_queue_is_stuck(&scene.queue, &scene.way));
	assert_int_equal(put(1), 0);
	assert_int_equal(send_queue_forget(&scene.queue), 3);
	/* it is tried each time, and nothing waits */
	assert_int_equal(put(2), 0);
	assert_int_equal(send_queue_count(&scene.queue), 0);
	assert_wire(WIRE_ROOM, 0);
}

static void a_port_that_takes_again_is_waited_for_again(void **state)
{
	(void)state;
	assert_int_equal(put(WIRE_ROOM + 2), WIRE_ROOM + 2);
	scene.way.now_tsc += 2 * PATIENCE;
	assert_int_equal(send_queue_forget(&scene.queue), 2);
	assert_wire(WIRE_ROOM, 0);
	assert_int_equal(put(WIRE_ROOM + 2), WIRE_ROOM + 2);
	assert_false(send_queue_is_stuck(&scene.queue, &scene.way));
	/* its patience begins anew with each frame that is taken */
	scene.way.now_tsc += PATIENCE;
	assert_wire(WIRE_ROOM, WIRE_ROOM + 2);
	send_queue_flush(&scene.queue, &scene.way);
	assert_int_equal(send_queue_count(&scene.queue), 0);
	assert_false(send_queue_is_stuck(&scene.queue, &scene.way));
}

/* A frame of the kernel's, which leaves as it is, on its way to the worker. */
static void inject(struct worker *worker)
{
	struct rte_mbuf *mbuf = frame_make();

	*mbuf_note(mbuf) = (struct mbuf_note){.kind = MBUF_NOTE_FRAME};
	assert_int_equal(rte_ring_enqueue(worker->injected, mbuf), 0);
}

static void while_a_frame_waits_one_a_millisecond_is_taken_from_the_control_lcore(void **state)
{
	struct worker *worker = scene.kit->workers[0];

	(void)state;
	worker->now_tsc = 5000000;
	worker->injected_tsc = worker->now_tsc;
	for (unsigned i = 0; i < WIRE_ROOM + 2; i++)
		inject(worker);
	rte_graph_walk(worker->graph);
	assert_int_equal(worker->frames_waiting, 2);
	for (unsigned i = 0; i < 3; i++)
		inject(worker);
	rte_graph_walk(worker->graph);
	assert_int_equal(rte_ring_count(worker->injected), 3);
	worker->now_tsc += worker->patience_tsc / SEND_PATIENCE_MS;
	rte_graph_walk(worker->graph);
	rte_graph_walk(worker->graph);
	assert_int_equal(rte_ring_count(worker->injected), 2);
	assert_int_equal(worker->frames_waiting, 3);
	assert_wire(WIRE_ROOM, 0);
	rte_graph_walk(worker->graph);
	assert_int_equal(worker->frames_waiting, 0);
	assert_int_equal(rte_ring_count(worker->injected), 0);
	assert_wire(5, WIRE_ROOM);
	assert_int_equal(atomic_load(&worker->drops[DROP_port_busy]), 0);
}

static void what_has_waited_too_long_is_dropped_and_counted_and_holds_nobody_up(void **state)
{
	struct worker *worker = scene.kit->workers[0];
	uint64_t before = atomic_load(&worker->drops[DROP_port_busy]);

	(void)state;
	for (unsigned i = 0; i < WIRE_ROOM + 2; i++)
		inject(worker);
	rte_graph_walk(worker->graph);
	worker->now_tsc += worker->patience_tsc + 1;
	inject(worker);
	rte_graph_walk(worker->graph);
	assert_int_equal(worker->frames_waiting, 0);
	assert_int_equal(rte_ring_count(worker->injected), 0);
	assert_int_equal(atomic_load(&worker->drops[DROP_port_busy]) - before, 3);
	assert_wire(WIRE_ROOM, 0);
}

int main(void)
{
#define SCENE(name) cmocka_unit_test_setup_teardown(name, scene_begin, scene_end)
	const struct CMUnitTest tests[] = {
		SCENE(what_the_port_does_not_take_waits_and_goes_out_first),
		SCENE(more_than_may_wait_stays_the_callers),
		SCENE(frames_wait_in_order_round_the_end_of_the_row),
		SCENE(a_quarter_of_the_buffers_may_wait),
		SCENE(what_is_urgent_has_room_when_others_have_none_and_goes_first),
		SCENE(a_port_that_takes_nothing_for_too_long_is_given_no_more_to_wait_for),
		SCENE(a_port_that_takes_again_is_waited_for_again),
		SCENE(while_a_frame_waits_one_a_millisecond_is_taken_from_the_control_lcore),
		SCENE(what_has_waited_too_long_is_dropped_and_counted_and_holds_nobody_up),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
