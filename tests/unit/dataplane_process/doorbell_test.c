#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataplane/doorbell.h"

static bool rings(const struct doorbell *doorbell)
{
	struct pollfd polled = {.fd = doorbell->fd, .events = POLLIN};

	return poll(&polled, 1, 0) == 1;
}

static void it_wakes_who_waits(void **state)
{
	struct doorbell doorbell;

	(void)state;
	assert_int_equal(doorbell_open(&doorbell), RESULT_OK);
	doorbell_wait_begin(&doorbell);
	assert_false(rings(&doorbell));
	doorbell_ring(&doorbell);
	assert_true(rings(&doorbell));
	doorbell_wait_end(&doorbell);
	assert_false(rings(&doorbell));
	doorbell_close(&doorbell);
}

static void who_is_awake_is_not_disturbed(void **state)
{
	struct doorbell doorbell;

	(void)state;
	assert_int_equal(doorbell_open(&doorbell), RESULT_OK);
	doorbell_ring(&doorbell);
	assert_false(rings(&doorbell));
	doorbell_wait_begin(&doorbell);
	doorbell_wait_end(&doorbell);
	doorbell_ring(&doorbell);
	assert_false(rings(&doorbell));
	doorbell_close(&doorbell);
}

static void two_rings_wake_once(void **state)
{
	struct doorbell doorbell;

	(void)state;
	assert_int_equal(doorbell_open(&doorbell), RESULT_OK);
	doorbell_wait_begin(&doorbell);
	doorbell_ring(&doorbell);
	doorbell_ring(&doorbell);
	doorbell_wait_end(&doorbell);
	assert_false(rings(&doorbell));
	doorbell_close(&doorbell);
	assert_int_equal(doorbell.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_wakes_who_waits),
		cmocka_unit_test(who_is_awake_is_not_disturbed),
		cmocka_unit_test(two_rings_wake_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
