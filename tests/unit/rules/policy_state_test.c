#include "dataplane/rules/policy_state.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void worker_s_state_is_its_own(void **state)
{
	struct policy_state *one = NULL, *two = NULL;

	(void)state;
	assert_int_equal(policy_state_create(0, 11, &one), RESULT_OK);
	assert_int_equal(policy_state_create(1, 12, &two), RESULT_OK);
	for (unsigned i = 0; i < PRINT_WORDS; i++)
		assert_memory_not_equal(one->key.word[i], two->key.word[i],
					sizeof(one->key.word[i]));
	assert_int_equal(two->scanner, 1);
	assert_int_equal(two->seed, 12);
	assert_true(buckets_take(one->buckets, 1, 1, 60, 1000));
	assert_false(buckets_take(one->buckets, 1, 1, 60, 1000));
	assert_true(buckets_take(two->buckets, 1, 1, 60, 1000));
	policy_state_destroy(one);
	policy_state_destroy(two);
	policy_state_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worker_s_state_is_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
