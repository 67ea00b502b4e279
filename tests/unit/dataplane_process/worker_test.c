#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_rcu_qsbr.h>
#include <rte_ring.h>

#include "dataplane/graph.h"
#include "dataplane/io/port.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/worker.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static void a_worker_has_all_it_needs(void **state)
{
	const struct plane_kit *kit = *state;

	for (unsigned i = 0; i < KIT_WORKERS; i++) {
		const struct worker *worker = kit->workers[i];

		assert_int_equal(worker->id, i);
		assert_int_equal(worker->lcore, i + 1);
		assert_int_equal(worker->sibling_count, KIT_WORKERS);
		assert_true(rte_pktmbuf_data_room_size(worker->large_buffers) >=
			    LIMIT_SIP_MESSAGE_BYTES + PACKET_HEADROOM_BYTES +
				    PACKET_TAILROOM_BYTES);
		assert_true(rte_pktmbuf_priv_size(worker->small_buffers) >=
			    sizeof(struct mbuf_note));
	}
	assert_int_not_equal(kit->workers[0]->fragment_id % KIT_WORKERS,
			     kit->workers[1]->fragment_id % KIT_WORKERS);
}

/* Running, with its naps, it lets RCU pass, wakes the control lcore, and stops when told to. */
static void the_loop_runs_lets_readers_pass_and_ends(void **state)
{
	struct plane_kit *kit = *state;
	struct worker *worker = kit->workers[0];
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(worker->small_buffers);
	uint64_t token;

	kit->tables->ports->count = 0;
	worker->is_idle_backed_off = true;
	assert_int_equal(graph_nodes_register(), RESULT_OK);
	assert_int_equal(graph_create(worker), RESULT_OK);
	rte_pktmbuf_append(mbuf, 60);
	*mbuf_note(mbuf) = (struct mbuf_note){.kind = MBUF_NOTE_SIP, .origin = CONTRACT_ORIGIN_SA};
	assert_int_equal(rte_ring_enqueue(worker->injected, mbuf), 0);
	assert_int_equal(rte_eal_remote_launch(worker_run, worker, worker->lcore), 0);
	for (unsigned i = 0; i < 1000 && rte_ring_count(worker->injected) > 0; i++)
		usleep(1000);
	assert_int_equal(rte_ring_count(worker->injected), 0);
	token = rte_rcu_qsbr_start(kit->rcu);
	for (unsigned i = 0; i < 1000 && rte_rcu_qsbr_check(kit->rcu, token, false) != 1; i++)
		usleep(1000);
	assert_int_equal(rte_rcu_qsbr_check(kit->rcu, token, false), 1);
	atomic_store_explicit(&worker->is_stopping, true, memory_order_release);
	assert_int_equal(rte_eal_wait_lcore(worker->lcore), 0);
	assert_true(worker->now_s > 1600000000);
	assert_int_equal(atomic_load(&worker->frames_taken), 1);
	assert_true(atomic_load(&worker->busy_cycles) > 0);
	assert_true(atomic_load(&worker->busy_cycles) < atomic_load(&worker->all_cycles));
	graph_destroy(worker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_has_all_it_needs),
		cmocka_unit_test(the_loop_runs_lets_readers_pass_and_ends),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
