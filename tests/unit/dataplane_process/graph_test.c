#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_graph_worker.h>
#include <rte_mempool.h>
#include <rte_ring.h>

#include "dataplane/bounds.h"
#include "dataplane/drop_reason.h"
#include "dataplane/graph.h"
#include "dataplane/io/port.h"
#include "dataplane/mbuf_note.h"
#include "tests/unit/dataplane_process/plane_kit.h"

/* No port to poll: the graphs here are fed by rings alone. */
static int begin(void **state)
{
	struct plane_kit *kit;

	if (plane_kit_begin(state) != 0)
		return -1;
	kit = *state;
	kit->tables->ports->count = 0;
	if (graph_nodes_register() != RESULT_OK)
		return -1;
	for (unsigned i = 0; i < KIT_WORKERS; i++)
		if (graph_create(kit->workers[i]) != RESULT_OK)
			return -1;
	return 0;
}

static int end(void **state)
{
	struct plane_kit *kit = *state;

	for (unsigned i = 0; i < KIT_WORKERS; i++)
		graph_destroy(kit->workers[i]);
	return plane_kit_end(state);
}

static uint64_t packets_of(const struct worker *worker, const char *name)
{
	for (unsigned i = 0; i < graph_node_count(); i++)
		if (strcmp(graph_node_name(i), name) == 0)
			return graph_node_packets(worker, i);
	fail_msg("no node %s", name);
	return 0;
}

static void the_graph_can_be_printed(void **state)
{
	struct plane_kit *kit = *state;
	char text[16384] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_int_equal(graph_print(kit->workers[0], out), RESULT_OK);
	fclose(out);
	assert_non_null(strstr(text, "\"sk_rx\"->\"sk_classify\""));
	assert_non_null(strstr(text, "\"sk_rewrite\"->\"sk_esp_seal\""));
}

/* As many as a source takes and more, into a sink that is not there: nothing is lost or leaks. */
static void what_is_put_in_comes_out_or_is_dropped_and_counted(void **state)
{
	struct worker *worker = ((struct plane_kit *)*state)->workers[0];
	const unsigned count = 3 * SOURCE_BURST;
	size_t contexts = packet_pool_free_count(worker->packets);

	for (unsigned i = 0; i < count; i++) {
		struct rte_mbuf *mbuf = rte_pktmbuf_alloc(worker->small_buffers);

		assert_non_null(mbuf);
		mbuf->data_off = PACKET_HEADROOM_BYTES;
		rte_pktmbuf_append(mbuf, 100);
		*mbuf_note(mbuf) = (struct mbuf_note){.kind = MBUF_NOTE_SIP,
						      .origin = CONTRACT_ORIGIN_SA,
						      .sa_handle = 0x01000005};
		assert_int_equal(rte_ring_enqueue(worker->injected, mbuf), 0);
	}
	for (unsigned walk = 0; walk < 3; walk++)
		rte_graph_walk(worker->graph);
	assert_int_equal(packets_of(worker, "sk_inject"), count);
	assert_int_equal(packets_of(worker, "sk_esp_seal"), count);
	assert_int_equal(atomic_load(&worker->drops[DROP_esp_sa_gone]), count);
	assert_int_equal(packet_pool_free_count(worker->packets), contexts);
	assert_int_equal(rte_mempool_in_use_count(worker->small_buffers), 0);
	assert_int_equal(packets_of(((struct plane_kit *)*state)->workers[1], "sk_inject"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_graph_can_be_printed),
		cmocka_unit_test(what_is_put_in_comes_out_or_is_dropped_and_counted),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
