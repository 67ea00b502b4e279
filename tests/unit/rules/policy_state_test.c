#include "dataplane/rules/policy_state.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void worker_s_state_is_its_own(void **state)
{
	struct policy_state *one = NULL, *two = NULL;
	IMB_MGR *mb = alloc_mb_mgr(0);

	(void)state;
	init_mb_mgr_auto(mb, NULL);
	assert_int_equal(policy_state_create(0, 11, mb, &one), RESULT_OK);
	assert_int_equal(policy_state_create(1, 12, mb, &two), RESULT_OK);
	assert_memory_not_equal(one->key.block, two->key.block, sizeof(one->key.block));
	assert_int_equal(two->scanner, 1);
	assert_int_equal(two->seed, 12);
	assert_true(buckets_take(one->buckets, 1, 1, 60, 1000));
	assert_false(buckets_take(one->buckets, 1, 1, 60, 1000));
	assert_true(buckets_take(two->buckets, 1, 1, 60, 1000));
	policy_state_destroy(one);
	policy_state_destroy(two);
	policy_state_destroy(NULL);
	free_mb_mgr(mb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worker_s_state_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
