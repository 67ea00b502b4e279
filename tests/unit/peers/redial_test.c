/* controlplane/peers/redial.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>

#include "controlplane/peers/redial.h"

static void counted(int fd, short what, void *arg)
{
	(void)fd, (void)what;
	++*(int *)arg;
}

static void each_failure_waits_longer_up_to_half_a_minute(void **state)
{
	struct event_base *base = event_base_new();
	struct redial redial;
	int due = 0;

	(void)state;
	assert_int_equal(redial_create(base, counted, &due, &redial), RESULT_OK);
	assert_int_equal(redial.backoff_ms, 500);
	redial_later(&redial);
	assert_int_equal(redial.backoff_ms, 1000);
	for (int i = 0; i < 20; i++)
		redial_later(&redial);
	assert_int_equal(redial.backoff_ms, 30000);
	redial_reset(&redial);
	redial_later(&redial);
	event_base_dispatch(base); /* ends with the last event, in a second at most */
	assert_int_equal(due, 1);
	redial_destroy(&redial);
	event_base_free(base);
}

static void what_is_cancelled_does_not_come(void **state)
{
	struct event_base *base = event_base_new();
	struct redial redial;
	int due = 0;

	(void)state;
	assert_int_equal(redial_create(base, counted, &due, &redial), RESULT_OK);
	redial_later(&redial);
	redial_cancel(&redial);
	event_base_dispatch(base);
	assert_int_equal(due, 0);
	redial_destroy(&redial);
	redial_destroy(&redial);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure_waits_longer_up_to_half_a_minute),
		cmocka_unit_test(what_is_cancelled_does_not_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
