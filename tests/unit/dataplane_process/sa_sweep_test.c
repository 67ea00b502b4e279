#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataplane/sa_sweep.h"
#include "dataplane/tables/sa_table.h"
#include "tests/unit/dataplane_process/plane_kit.h"

struct told {
	uint32_t index[64];
	unsigned count;
	unsigned visits[64];
};

static void spent(void *context, const struct contract_sa *sa)
{
	struct told *told = context;

	told->index[told->count++] = sa->index;
}

static void visited(void *context, uint32_t index)
{
	struct told *told = context;

	told->visits[index]++;
}

static void sas_past_their_time_are_found_within_a_round(void **state)
{
	struct plane_kit *kit = *state;
	struct sa_table *sas = kit->tables->sas;
	struct sa_sweep sweep = {0};
	struct told told = {0};

	for (uint32_t index = 1; index <= 6; index++) {
		struct contract_sa sa = plane_sa(index, 1, 0);

		sa.hard_expiry_s = index % 2 ? 1000 : 2000;
		assert_int_equal(sa_table_put(sas, &sa), RESULT_OK);
	}
	for (uint64_t ms = 0; ms < SA_SWEEP_STEPS * SA_SWEEP_STEP_MS; ms += SA_SWEEP_STEP_MS)
		sa_sweep_do(&sweep, sas, 999000 + ms % 1000, spent, visited, &told);
	assert_int_equal(told.count, 0);
	for (uint64_t ms = 0; ms <= SA_SWEEP_STEPS * SA_SWEEP_STEP_MS; ms += SA_SWEEP_STEP_MS)
		sa_sweep_do(&sweep, sas, 1000000 + ms, spent, visited, &told);
	assert_int_equal(told.count, 3);
	assert_int_equal(sas->live, 3);
	for (unsigned i = 0; i < told.count; i++)
		assert_int_equal(told.index[i] % 2, 1);
	for (uint32_t index = 1; index <= 6; index++)
		assert_in_range(told.visits[index], index % 2 ? 1 : 2, index % 2 ? 1 : 3);
}

static void it_does_not_look_more_often_than_it_has_to(void **state)
{
	struct plane_kit *kit = *state;
	struct sa_sweep sweep = {0};
	struct told told = {0};
	uint32_t next;

	sa_sweep_do(&sweep, kit->tables->sas, 1000, spent, visited, &told);
	next = sweep.next;
	sa_sweep_do(&sweep, kit->tables->sas, 1000 + SA_SWEEP_STEP_MS - 1, spent, visited, &told);
	assert_int_equal(sweep.next, next);
	sa_sweep_do(&sweep, kit->tables->sas, 1000 + SA_SWEEP_STEP_MS, spent, visited, &told);
	assert_int_not_equal(sweep.next, next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sas_past_their_time_are_found_within_a_round),
		cmocka_unit_test(it_does_not_look_more_often_than_it_has_to),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
