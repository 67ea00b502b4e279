#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataplane/sa_sweep.h"
#include "dataplane/tables/sa_table.h"
#include "tests/unit/dataplane_process/plane_kit.h"

#define ROOM 64

struct told {
	uint32_t index[ROOM];
	unsigned count;
	unsigned visits[ROOM];
	uint32_t half[ROOM];
	unsigned half_count;
};

static void spent(void *context, const struct contract_sa *sa)
{
	struct told *told = context;

	told->index[told->count++] = sa->index;
}

static void half_spent(void *context, uint32_t index, uint8_t generation)
{
	struct told *told = context;

	(void)generation;
	told->half[told->half_count++] = index;
}

static void visited(void *context, uint32_t index)
{
	struct told *told = context;

	if (index < ROOM)
		told->visits[index]++;
}

static void sas_past_their_time_are_found_within_a_round(void **state)
{
	struct plane_kit *kit = *state;
	struct sa_table *sas = kit->tables->sas;
	struct sa_sweep sweep = {0};
	struct told told = {0};
	const struct sa_sweep_events events = {&told, spent, half_spent, visited};

	for (uint32_t index = 1; index <= 6; index++) {
		struct contract_sa sa = plane_sa(index, 1, 0);

		sa.hard_expiry_s = index % 2 ? 1000 : 2000;
		assert_int_equal(sa_table_put(sas, &sa), RESULT_OK);
	}
	for (uint64_t ms = 0; ms < SA_SWEEP_STEPS * SA_SWEEP_STEP_MS; ms += SA_SWEEP_STEP_MS)
		sa_sweep_do(&sweep, sas, 999000 + ms % 1000, &events);
	assert_int_equal(told.count, 0);
	for (uint64_t ms = 0; ms <= SA_SWEEP_STEPS * SA_SWEEP_STEP_MS; ms += SA_SWEEP_STEP_MS)
		sa_sweep_do(&sweep, sas, 1000000 + ms, &events);
	assert_int_equal(told.count, 3);
	assert_int_equal(sas->live, 3);
	for (unsigned i = 0; i < told.count; i++)
		assert_int_equal(told.index[i] % 2, 1);
	for (uint32_t index = 1; index <= 6; index++)
		assert_in_range(told.visits[index], index % 2 ? 1 : 2, index % 2 ? 1 : 3);
}

/* Again in each round, for who was told may not have heard. */
static void a_peers_sa_that_is_half_spent_is_told_in_each_round(void **state)
{
	struct plane_kit *kit = *state;
	struct sa_table *sas = kit->tables->sas;
	struct sa_sweep sweep = {0};
	struct told told = {0};
	const struct sa_sweep_events events = {&told, spent, half_spent, visited};

	for (uint32_t index = 11; index <= 13; index++) {
		struct contract_sa sa = plane_sa(index, 1, 0);

		sa.owner_kind = index == 13 ? CONTRACT_OWNER_TERMINAL : CONTRACT_OWNER_PEER;
		sa.hard_packets = 1000;
		assert_int_equal(sa_table_put(sas, &sa), RESULT_OK);
	}
	atomic_store(&sas->out[11].next, 500);
	atomic_store(&sas->out[12].next, 501);
	atomic_store(&sas->out[13].next, 501);
	for (uint64_t ms = 0; ms < 2 * SA_SWEEP_STEPS * SA_SWEEP_STEP_MS; ms += SA_SWEEP_STEP_MS)
		sa_sweep_do(&sweep, sas, 1000 + ms, &events);
	assert_int_equal(told.count, 0);
	/* a round is a little less than its steps */
	assert_in_range(told.half_count, 2, 3);
	for (unsigned i = 0; i < told.half_count; i++)
		assert_int_equal(told.half[i], 12);
	for (uint32_t index = 11; index <= 13; index++)
		assert_int_equal(sa_table_delete(sas, index, 1), RESULT_OK);
}

/* Called every 200 ms, as when nothing happens, a round takes no longer. */
static void steps_that_were_slept_through_are_made_up_for(void **state)
{
	struct plane_kit *kit = *state;
	struct sa_table *sas = kit->tables->sas;
	struct sa_sweep sweep = {.due_ms = 5000};
	struct told told = {0};
	const struct sa_sweep_events events = {&told, spent, half_spent, visited};
	struct contract_sa sa = plane_sa(sas->capacity - 1, 1, 0);

	sa.hard_expiry_s = 4;
	assert_int_equal(sa_table_put(sas, &sa), RESULT_OK);
	for (uint64_t ms = 5000; ms <= 5000 + SA_SWEEP_STEPS * SA_SWEEP_STEP_MS;
	     ms += 2 * SA_SWEEP_STEP_MS)
		sa_sweep_do(&sweep, sas, ms, &events);
	assert_int_equal(told.count, 1);
	assert_int_equal(told.index[0], sas->capacity - 1);
}

static void it_does_not_look_more_often_than_it_has_to(void **state)
{
	struct plane_kit *kit = *state;
	struct sa_sweep sweep = {0};
	struct told told = {0};
	const struct sa_sweep_events events = {&told, spent, half_spent, visited};
	uint32_t next;

	sa_sweep_do(&sweep, kit->tables->sas, 1000, &events);
	next = sweep.next;
	sa_sweep_do(&sweep, kit->tables->sas, 1000 + SA_SWEEP_STEP_MS - 1, &events);
	assert_int_equal(sweep.next, next);
	sa_sweep_do(&sweep, kit->tables->sas, 1000 + SA_SWEEP_STEP_MS, &events);
	assert_int_not_equal(sweep.next, next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sas_past_their_time_are_found_within_a_round),
		cmocka_unit_test(a_peers_sa_that_is_half_spent_is_told_in_each_round),
		cmocka_unit_test(steps_that_were_slept_through_are_made_up_for),
		cmocka_unit_test(it_does_not_look_more_often_than_it_has_to),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
