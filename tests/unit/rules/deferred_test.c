#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataplane/tables/deferred.h"

struct world {
	struct rte_rcu_qsbr *readers;
	struct deferred *deferred;
	unsigned freed;
};

static void count_free(void *context, void *memory)
{
	struct world *world = context;

	assert_ptr_equal(memory, &world->readers);
	world->freed++;
}

static int world_make(void **state)
{
	size_t bytes = rte_rcu_qsbr_get_memsize(2);
	struct world *world = calloc(1, sizeof(*world));

	world->readers = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
	assert_int_equal(rte_rcu_qsbr_init(world->readers, 2), 0);
	world->deferred = deferred_create(world->readers);
	*state = world;
	return 0;
}

static int world_end(void **state)
{
	struct world *world = *state;

	deferred_destroy(world->deferred);
	free(world->readers);
	free(world);
	return 0;
}

static void put(struct world *world)
{
	assert_int_equal(deferred_reserve(world->deferred, 1), RESULT_OK);
	deferred_put(world->deferred, count_free, world, &world->readers);
}

static void memory_waits_for_every_reader(void **state)
{
	struct world *world = *state;

	for (unsigned thread = 0; thread < 2; thread++) {
		rte_rcu_qsbr_thread_register(world->readers, thread);
		rte_rcu_qsbr_thread_online(world->readers, thread);
	}
	put(world);
	assert_int_equal(deferred_poll(world->deferred), 1);
	rte_rcu_qsbr_quiescent(world->readers, 0);
	assert_int_equal(deferred_poll(world->deferred), 1);
	assert_int_equal(world->freed, 0);
	rte_rcu_qsbr_quiescent(world->readers, 1);
	assert_int_equal(deferred_poll(world->deferred), 0);
	assert_int_equal(world->freed, 1);
}

static void reader_that_sleeps_holds_nothing_up(void **state)
{
	struct world *world = *state;

	rte_rcu_qsbr_thread_register(world->readers, 0);
	rte_rcu_qsbr_thread_online(world->readers, 0);
	rte_rcu_qsbr_thread_offline(world->readers, 0);
	put(world);
	assert_int_equal(deferred_poll(world->deferred), 0);
	assert_int_equal(world->freed, 1);
}

static void waiting_room_grows_and_keeps_order_and_count(void **state)
{
	struct world *world = *state;

	rte_rcu_qsbr_thread_register(world->readers, 0);
	rte_rcu_qsbr_thread_online(world->readers, 0);
	for (unsigned i = 0; i < 1000; i++)
		put(world);
	assert_int_equal(deferred_poll(world->deferred), 1000);
	rte_rcu_qsbr_quiescent(world->readers, 0);
	put(world);
	assert_int_equal(deferred_poll(world->deferred), 1);
	assert_int_equal(world->freed, 1000);
}

static void nothing_is_nothing_to_free(void **state)
{
	struct world *world = *state;

	deferred_put(world->deferred, count_free, world, NULL);
	assert_int_equal(deferred_poll(world->deferred), 0);
	assert_int_equal(world->freed, 0);
}

static void end_frees_what_still_waits(void **state)
{
	struct world *world = *state;

	rte_rcu_qsbr_thread_register(world->readers, 0);
	rte_rcu_qsbr_thread_online(world->readers, 0);
	put(world);
	deferred_destroy(world->deferred);
	world->deferred = NULL;
	assert_int_equal(world->freed, 1);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(memory_waits_for_every_reader),
		WORLD_TEST(reader_that_sleeps_holds_nothing_up),
		WORLD_TEST(waiting_room_grows_and_keeps_order_and_count),
		WORLD_TEST(nothing_is_nothing_to_free),
		WORLD_TEST(end_frees_what_still_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
