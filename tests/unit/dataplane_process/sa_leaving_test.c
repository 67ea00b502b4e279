#include "dataplane/sa_leaving.h"

#include <rte_rcu_qsbr.h>
#include <rte_ring.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/tables/sa_table.h"

struct fixture {
	struct sa_leaving leaving;
	struct sa_table *sas;
	struct rte_ring *ring;
	struct rte_rcu_qsbr *readers; /* one worker, online */
	unsigned gone;
	uint32_t last_gone;
};

static void count_gone(void *context, const struct contract_sa *sa)
{
	struct fixture *f = context;

	f->gone++;
	f->last_gone = sa->index;
}

static void fixture_make(struct fixture *f)
{
	const struct sa_table_config config = {.capacity = 2 * SA_LEAVING_MAX, .workers = 1};

	memset(f, 0, sizeof(*f));
	assert_int_equal(sa_table_create(&config, &f->sas), RESULT_OK);
	assert_int_equal(posix_memalign((void **)&f->ring, RTE_CACHE_LINE_SIZE,
					(size_t)rte_ring_get_memsize(64)),
			 0);
	assert_int_equal(rte_ring_init(f->ring, "injected", 64, RING_F_SP_ENQ | RING_F_SC_DEQ), 0);
	assert_int_equal(posix_memalign((void **)&f->readers, RTE_CACHE_LINE_SIZE,
					rte_rcu_qsbr_get_memsize(1)),
			 0);
	assert_int_equal(rte_rcu_qsbr_init(f->readers, 1), 0);
	assert_int_equal(rte_rcu_qsbr_thread_register(f->readers, 0), 0);
	rte_rcu_qsbr_thread_online(f->readers, 0);
}

static void fixture_end(struct fixture *f)
{
	sa_table_destroy(f->sas);
	free(f->ring);
	free(f->readers);
}

static void put(struct fixture *f, uint32_t index)
{
	struct contract_sa sa = {
		.index = index,
		.generation = 1,
		.directions = CONTRACT_SA_IN | CONTRACT_SA_OUT,
		.suite = CONTRACT_SUITE_AES_128_GCM_16,
		.mode = CONTRACT_TRANSPORT,
		.level = 3,
		.owner_kind = CONTRACT_OWNER_TERMINAL,
		.spi_out = 0x1000 + index,
		.inner_local = {.family = 4, .port = 5060, .bytes = {192, 0, 2, 1}},
		.inner_remote = {.family = 4, .port = 5060, .bytes = {192, 0, 2, 2}},
		.outer_local = {.family = 4, .bytes = {192, 0, 2, 1}},
		.outer_remote = {.family = 4, .bytes = {192, 0, 2, 2}},
	};

	assert_int_equal(sa_table_put(f->sas, &sa), RESULT_OK);
}

static enum result order(struct fixture *f, uint32_t index, uint8_t generation)
{
	return sa_leaving_order(&f->leaving, f->sas, f->ring, index, generation);
}

static unsigned act(struct fixture *f)
{
	return sa_leaving_do(&f->leaving, f->sas, f->readers, count_gone, f);
}

static void sa_goes_after_what_was_sent_on_it_has_passed_through_the_worker(void **state)
{
	struct fixture f;
	void *message = &f, *taken;

	(void)state;
	fixture_make(&f);
	put(&f, 5);
	assert_int_equal(rte_ring_enqueue(f.ring, message), 0);
	assert_int_equal(order(&f, 5, 1), RESULT_OK);
	/* The answer is in the ring. */
	assert_int_equal(act(&f), 1);
	/* The worker has taken it, and is at it. */
	assert_int_equal(rte_ring_dequeue(f.ring, &taken), 0);
	assert_int_equal(act(&f), 1);
	assert_non_null(sa_table_find_out(f.sas, SA_HANDLE(5, 1)));
	/* It has been through. */
	rte_rcu_qsbr_quiescent(f.readers, 0);
	assert_int_equal(act(&f), 0);
	assert_null(sa_table_find_out(f.sas, SA_HANDLE(5, 1)));
	assert_int_equal(f.gone, 1);
	assert_int_equal(f.last_gone, 5);
	fixture_end(&f);
}

static void what_is_sent_afterwards_does_not_hold_it_back(void **state)
{
	struct fixture f;
	void *message = &f;

	(void)state;
	fixture_make(&f);
	put(&f, 5);
	assert_int_equal(order(&f, 5, 1), RESULT_OK);
	assert_int_equal(rte_ring_enqueue(f.ring, message), 0);
	assert_int_equal(act(&f), 1);
	rte_rcu_qsbr_quiescent(f.readers, 0);
	assert_int_equal(act(&f), 0);
	assert_int_equal(f.gone, 1);
	fixture_end(&f);
}

static void only_a_live_sa_can_be_ordered_and_only_once(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	put(&f, 5);
	assert_int_equal(order(&f, 6, 1), RESULT_NOT_FOUND);
	assert_int_equal(order(&f, 5, 2), RESULT_NOT_FOUND);
	assert_int_equal(order(&f, 5, 1), RESULT_OK);
	assert_int_equal(order(&f, 5, 1), RESULT_NOT_FOUND);
	fixture_end(&f);
}

static void sa_that_went_by_itself_is_not_told_again(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	put(&f, 5);
	assert_int_equal(order(&f, 5, 1), RESULT_OK);
	assert_int_equal(sa_table_delete(f.sas, 5, 1), RESULT_OK);
	assert_int_equal(act(&f), 1); /* the token is taken */
	rte_rcu_qsbr_quiescent(f.readers, 0);
	assert_int_equal(act(&f), 0);
	assert_int_equal(f.gone, 0);
	fixture_end(&f);
}

static void more_than_fit_are_refused_and_places_come_back(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	for (uint32_t i = 1; i <= SA_LEAVING_MAX + 1; i++)
		put(&f, i);
	for (unsigned round = 0; round < 3; round++) {
		unsigned wanted = round == 0 ? SA_LEAVING_MAX : 0;

		for (uint32_t i = 1; i <= wanted; i++)
			assert_int_equal(order(&f, i, 1), RESULT_OK);
		if (round == 0)
			assert_int_equal(order(&f, SA_LEAVING_MAX + 1, 1), RESULT_SPACE);
		while (act(&f) > 0)
			rte_rcu_qsbr_quiescent(f.readers, 0);
	}
	assert_int_equal(f.gone, SA_LEAVING_MAX);
	assert_int_equal(order(&f, SA_LEAVING_MAX + 1, 1), RESULT_OK);
	fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sa_goes_after_what_was_sent_on_it_has_passed_through_the_worker),
		cmocka_unit_test(what_is_sent_afterwards_does_not_hold_it_back),
		cmocka_unit_test(only_a_live_sa_can_be_ordered_and_only_once),
		cmocka_unit_test(sa_that_went_by_itself_is_not_told_again),
		cmocka_unit_test(more_than_fit_are_refused_and_places_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
