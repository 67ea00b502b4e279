#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/event_ring.h"
#include "tests/unit/event_taken.h"

static void give(struct event_ring *ring, uint32_t sa_index)
{
	struct contract_event *event = event_ring_begin(ring, CONTRACT_EVENT_DIALOG_START);

	assert_non_null(event);
	event->sa_index = sa_index;
	event_ring_commit(ring);
}

static void events_come_out_in_their_order(void **state)
{
	struct contract_event event;
	struct event_ring *ring;

	(void)state;
	assert_int_equal(event_ring_create(4, &ring), RESULT_OK);
	assert_false(event_taken(ring, &event));
	for (uint32_t round = 0; round < 10; round++) {
		give(ring, 2 * round);
		give(ring, 2 * round + 1);
		assert_true(event_taken(ring, &event));
		assert_int_equal(event.sa_index, 2 * round);
		assert_true(event_taken(ring, &event));
		assert_int_equal(event.sa_index, 2 * round + 1);
	}
	assert_false(event_taken(ring, &event));
	event_ring_destroy(ring);
}

static void what_finds_no_room_is_counted_and_told_in_the_next_one(void **state)
{
	struct contract_event event;
	struct event_ring *ring;

	(void)state;
	assert_int_equal(event_ring_create(2, &ring), RESULT_OK);
	give(ring, 1);
	give(ring, 2);
	assert_null(event_ring_begin(ring, CONTRACT_EVENT_DIALOG_START));
	assert_null(event_ring_begin(ring, CONTRACT_EVENT_DIALOG_START));
	assert_null(event_ring_begin(ring, CONTRACT_EVENT_DIALOG_START));
	assert_true(event_taken(ring, &event));
	assert_int_equal(event.lost, 0);
	give(ring, 3);
	assert_true(event_taken(ring, &event));
	assert_true(event_taken(ring, &event));
	assert_int_equal(event.sa_index, 3);
	assert_int_equal(event.lost, 3);
	event_ring_destroy(ring);
}

static void refusals_leave_half_of_the_room_to_the_rest(void **state)
{
	struct event_ring *ring;

	(void)state;
	assert_int_equal(event_ring_create(4, &ring), RESULT_OK);
	for (int i = 0; i < 2; i++) {
		assert_non_null(event_ring_begin(ring, CONTRACT_EVENT_SENDER_MISMATCH));
		event_ring_commit(ring);
	}
	assert_null(event_ring_begin(ring, CONTRACT_EVENT_REFUSED));
	assert_null(event_ring_begin(ring, CONTRACT_EVENT_ROUTE_SECURITY));
	assert_null(event_ring_begin(ring, CONTRACT_EVENT_RESPONSE_SERIES));
	assert_null(event_ring_begin(ring, CONTRACT_EVENT_MALFORMED));
	assert_null(event_ring_begin(ring, CONTRACT_EVENT_UNREGISTERED));
	give(ring, 1);
	assert_non_null(event_ring_begin(ring, CONTRACT_EVENT_SA_FIRST_PACKET));
	event_ring_commit(ring);
	assert_null(event_ring_begin(ring, CONTRACT_EVENT_DIALOG_END));
	event_ring_destroy(ring);
}

static void a_slot_holds_nothing_of_the_event_before(void **state)
{
	struct contract_event event;
	struct event_ring *ring;

	(void)state;
	assert_int_equal(event_ring_create(1, &ring), RESULT_OK);
	strcpy(event_ring_begin(ring, CONTRACT_EVENT_DIALOG_START)->caller, "user-a@abc.com");
	event_ring_commit(ring);
	assert_true(event_taken(ring, &event));
	assert_string_equal(event.caller, "user-a@abc.com");
	give(ring, 1);
	assert_true(event_taken(ring, &event));
	assert_string_equal(event.caller, "");
	event_ring_destroy(ring);
}

static void a_size_that_is_no_power_of_two_is_refused(void **state)
{
	struct event_ring *ring = NULL;

	(void)state;
	assert_int_equal(event_ring_create(0, &ring), RESULT_BAD);
	assert_int_equal(event_ring_create(3, &ring), RESULT_BAD);
	assert_null(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_out_in_their_order),
		cmocka_unit_test(what_finds_no_room_is_counted_and_told_in_the_next_one),
		cmocka_unit_test(refusals_leave_half_of_the_room_to_the_rest),
		cmocka_unit_test(a_slot_holds_nothing_of_the_event_before),
		cmocka_unit_test(a_size_that_is_no_power_of_two_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
