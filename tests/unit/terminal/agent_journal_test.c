#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/agent/journal.h"

static void add(struct journal *journal, const char *name)
{
	journal_add_take(journal, json_pack("{s:s}", "event", name));
}

static json_int_t number_of(const json_t *event)
{
	return json_integer_value(json_object_get(event, "number"));
}

static void wait_returns_each_event_once_and_in_order(void **state)
{
	struct journal journal = {0};

	(void)state;
	add(&journal, "ringing");
	add(&journal, "message");
	add(&journal, "ringing");
	assert_int_equal(number_of(journal_wait_view(&journal, "ringing")), 1);
	assert_int_equal(number_of(journal_wait_view(&journal, "ringing")), 3);
	assert_null(journal_wait_view(&journal, "ringing"));
	/* the message came before what was waited for last */
	assert_null(journal_wait_view(&journal, "message"));
	add(&journal, "message");
	assert_int_equal(number_of(journal_wait_view(&journal, "message")), 4);
	journal_clear(&journal);
}

static void oldest_events_are_overwritten(void **state)
{
	struct journal journal = {0};

	(void)state;
	add(&journal, "first");
	for (unsigned i = 0; i < JOURNAL_EVENTS; i++)
		add(&journal, "other");
	assert_null(journal_get_view(&journal, 1));
	assert_null(journal_get_view(&journal, 0));
	assert_null(journal_get_view(&journal, JOURNAL_EVENTS + 2));
	assert_int_equal(number_of(journal_get_view(&journal, 2)), 2);
	assert_null(journal_wait_view(&journal, "first"));
	assert_int_equal(number_of(journal_wait_view(&journal, "other")), 2);
	journal_clear(&journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wait_returns_each_event_once_and_in_order),
		cmocka_unit_test(oldest_events_are_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
