#include "controlplane/store/keeper_jobs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void note(void *arg, enum result result)
{
	*(enum result *)arg = result;
}

static void jobs_are_taken_in_the_order_they_came(void **state)
{
	enum result said[3] = {RESULT_OK, RESULT_OK, RESULT_OK};
	struct job_list list, others;

	(void)state;
	job_list_init(&list);
	assert_null(job_list_take(&list));
	for (int i = 0; i < 3; i++)
		job_list_add(&list, job_make(NULL, note, &said[i]));
	job_finish(job_list_take(&list), RESULT_IO);
	assert_int_equal(said[0], RESULT_IO);
	job_list_move(&list, &others);
	assert_int_equal(list.count, 0);
	assert_int_equal(others.count, 2);
	assert_null(job_list_take(&list));
	job_finish(job_list_take(&others), RESULT_BAD);
	assert_int_equal(said[1], RESULT_BAD);
	assert_int_equal(said[2], RESULT_OK);
	job_finish(job_list_take(&others), RESULT_SPACE);
	assert_int_equal(said[2], RESULT_SPACE);
	assert_null(job_list_take(&others));
}

static void list_that_was_emptied_takes_more(void **state)
{
	enum result said = RESULT_OK;
	struct job_list list, none;

	(void)state;
	job_list_init(&list);
	job_list_move(&list, &none);
	assert_null(job_list_take(&none));
	for (int i = 0; i < 2; i++) {
		job_list_add(&list, job_make(NULL, note, &said));
		assert_int_equal(list.count, 1);
		job_finish(job_list_take(&list), RESULT_STALE);
		assert_int_equal(list.count, 0);
	}
	assert_int_equal(said, RESULT_STALE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_are_taken_in_the_order_they_came),
		cmocka_unit_test(list_that_was_emptied_takes_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
