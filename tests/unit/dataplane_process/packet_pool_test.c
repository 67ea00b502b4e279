#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_mempool.h>

#include "dataplane/bounds.h"
#include "dataplane/packet_pool.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static void the_last_given_back_is_the_first_taken(void **state)
{
	struct packet_pool *pool;
	struct packet *a, *b;

	(void)state;
	assert_int_equal(packet_pool_create(2, 100, 0, &pool), RESULT_OK);
	a = packet_take(pool, NULL);
	b = packet_take(pool, NULL);
	assert_non_null(a);
	assert_non_null(b);
	assert_ptr_not_equal(a->message, b->message);
	assert_ptr_not_equal(a->rules, b->rules);
	assert_null(packet_take(pool, NULL));
	assert_int_equal(packet_pool_free_count(pool), 0);
	packet_put(pool, a);
	packet_put(pool, b);
	assert_ptr_equal(packet_take(pool, NULL), b);
	assert_ptr_equal(packet_take(pool, NULL), a);
	packet_pool_destroy(pool);
}

static void a_context_remembers_nothing_but_its_storage(void **state)
{
	struct packet_pool *pool;
	struct packet *packet;
	struct sip_message *message;

	(void)state;
	assert_int_equal(packet_pool_create(1, 8, 0, &pool), RESULT_OK);
	packet = packet_take(pool, NULL);
	message = packet->message;
	packet->sa_handle = 99;
	packet->egress.port = 3;
	packet->drop_reason = 5;
	packet_put(pool, packet);
	packet = packet_take(pool, NULL);
	assert_ptr_equal(packet->message, message);
	assert_int_equal(packet->sa_handle, 0);
	assert_int_equal(packet->egress.port, 0);
	assert_int_equal(packet->drop_reason, 0);
	packet_pool_destroy(pool);
}

static void output_goes_to_the_smallest_buffer_that_holds_it(void **state)
{
	struct worker *worker = ((struct plane_kit *)*state)->workers[0];
	static const struct {
		size_t needed;
		bool is_large;
	} cases[] = {{1, false}, {2000, false}, {2200, true}, {LIMIT_SIP_MESSAGE_BYTES, true}};

	for (size_t i = 0; i < 4; i++) {
		struct rte_mbuf *output;
		size_t capacity;
		char *at;

		assert_int_equal(
			packet_output_begin(worker, cases[i].needed, &output, &at, &capacity),
			RESULT_OK);
		assert_true(capacity >= cases[i].needed);
		assert_ptr_equal(output->pool,
				 cases[i].is_large ? worker->large_buffers : worker->small_buffers);
		assert_in_range(rte_pktmbuf_headroom(output), PACKET_HEADROOM_BYTES, UINT16_MAX);
		assert_in_range(rte_pktmbuf_tailroom(output),
				cases[i].needed + PACKET_TAILROOM_BYTES, UINT16_MAX);
		packet_output_cancel(output);
	}
}

static void output_longer_than_a_message_is_refused(void **state)
{
	struct worker *worker = ((struct plane_kit *)*state)->workers[0];
	struct rte_mbuf *output;
	size_t capacity;
	char *at;

	assert_int_equal(
		packet_output_begin(worker, LIMIT_SIP_MESSAGE_BYTES + 1, &output, &at, &capacity),
		RESULT_SPACE);
}

static void finished_output_takes_the_packets_place(void **state)
{
	struct worker *worker = ((struct plane_kit *)*state)->workers[0];
	struct packet *packet = plane_packet(worker, "old", 3);
	struct rte_mbuf *output;
	size_t capacity;
	char *at;

	assert_int_equal(packet_output_begin(worker, 3, &output, &at, &capacity), RESULT_OK);
	memcpy(at, "new!", 4);
	packet_output_end(packet, output, 4);
	assert_ptr_equal(packet->mbuf, output);
	assert_int_equal(packet->sip.len, 4);
	assert_memory_equal(packet->sip.at, "new!", 4);
	plane_packet_end(worker, packet);
	assert_int_equal(rte_mempool_in_use_count(worker->small_buffers), 0);
}

static void a_packet_in_pieces_becomes_one(void **state)
{
	struct worker *worker = ((struct plane_kit *)*state)->workers[0];
	struct packet *packet = plane_packet(worker, "one ", 4);
	struct rte_mbuf *second = rte_pktmbuf_alloc(worker->small_buffers);

	memcpy(rte_pktmbuf_append(second, 3), "two", 3);
	assert_int_equal(rte_pktmbuf_chain(packet->mbuf, second), 0);
	assert_int_equal(packet_flatten(worker, packet), RESULT_OK);
	assert_int_equal(packet->mbuf->nb_segs, 1);
	assert_int_equal(packet->mbuf->data_len, 7);
	assert_memory_equal(rte_pktmbuf_mtod(packet->mbuf, char *), "one two", 7);
	plane_packet_end(worker, packet);
	assert_int_equal(rte_mempool_in_use_count(worker->small_buffers), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_given_back_is_the_first_taken),
		cmocka_unit_test(a_context_remembers_nothing_but_its_storage),
		cmocka_unit_test(output_goes_to_the_smallest_buffer_that_holds_it),
		cmocka_unit_test(output_longer_than_a_message_is_refused),
		cmocka_unit_test(finished_output_takes_the_packets_place),
		cmocka_unit_test(a_packet_in_pieces_becomes_one),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
