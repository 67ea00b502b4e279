#include "tests/unit/bench/cmocka_setup.h"

#include "bench/loadgen/search.h"

#define SENT 100000u

static const struct search_limits usual = {.floor = 1,
					   .ceiling = 1e7,
					   .first = 1000,
					   .resolution = 0.02,
					   .accepted_loss = 0,
					   .attempts = 1};

/* A gateway that loses what is beyond its capacity; returns what the search found. */
static double found_with(const struct search_limits *limits, double capacity, unsigned *trials)
{
	struct search search = search_begin(limits);
	double rate;

	while ((rate = search_rate(&search)) > 0) {
		double over = rate > capacity ? (rate - capacity) / rate : 0;

		assert_true(rate >= limits->floor && rate <= limits->ceiling);
		search_note(&search, SENT, (uint64_t)(over * SENT));
		assert_true(search.trials < 100);
	}
	*trials = search.trials;
	return search_found(&search);
}

static void the_capacity_is_found_from_below_and_from_above(void **state)
{
	static const double capacity[] = {3, 999, 1000, 1500, 123456, 4000000};
	struct search_limits limits = usual;
	unsigned trials;

	(void)state;
	for (size_t i = 0; i < sizeof(capacity) / sizeof(capacity[0]); i++) {
		double found = found_with(&limits, capacity[i], &trials);

		/* SENT tells loss apart to a hundred thousandth */
		assert_true(found <= capacity[i] * 1.0001);
		assert_true(found >= capacity[i] * 0.979);
	}
}

static void loss_that_is_accepted_raises_the_rate(void **state)
{
	struct search_limits limits = usual;
	unsigned trials;
	double found;

	(void)state;
	limits.accepted_loss = 0.1;
	found = found_with(&limits, 90000, &trials);
	assert_true(found <= 100000.0 * 1.0001 && found >= 97900);
}

static void at_the_ceiling_it_ends(void **state)
{
	struct search_limits limits = usual;
	unsigned trials;

	(void)state;
	limits.ceiling = 2000;
	assert_true(found_with(&limits, 1e9, &trials) == 2000);
	assert_int_equal(trials, 3);
}

static void if_not_even_the_floor_passes_nothing_is_found(void **state)
{
	struct search_limits limits = usual;
	unsigned trials;

	(void)state;
	limits.floor = 10;
	assert_true(found_with(&limits, 5, &trials) == 0);
}

static void a_rate_fails_only_when_every_attempt_did(void **state)
{
	struct search_limits limits = usual;
	struct search search;
	double first;

	(void)state;
	limits.attempts = 3;
	search = search_begin(&limits);
	first = search_rate(&search);
	search_note(&search, SENT, 1);
	assert_true(search_rate(&search) == first);
	search_note(&search, SENT, 1);
	assert_true(search_rate(&search) == first);
	search_note(&search, SENT, 0);
	assert_true(search_found(&search) == first);
	assert_true(search_rate(&search) > first);
	/* and the next rate has all its attempts */
	first = search_rate(&search);
	for (int i = 0; i < 3; i++)
		search_note(&search, SENT, 1);
	assert_true(search_rate(&search) < first);
}

static void a_trial_that_sent_nothing_has_failed(void **state)
{
	struct search search = search_begin(&usual);

	(void)state;
	search_note(&search, 0, 0);
	assert_true(search_found(&search) == 0);
	assert_true(search_rate(&search) < usual.first);
}

static void what_is_noted_after_the_end_changes_nothing(void **state)
{
	struct search_limits limits = usual;
	struct search search;

	(void)state;
	limits.ceiling = limits.first;
	search = search_begin(&limits);
	search_note(&search, SENT, 0);
	assert_true(search_rate(&search) == 0);
	search_note(&search, SENT, SENT);
	assert_true(search_found(&search) == limits.first);
	assert_int_equal(search.trials, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_capacity_is_found_from_below_and_from_above),
		cmocka_unit_test(loss_that_is_accepted_raises_the_rate),
		cmocka_unit_test(at_the_ceiling_it_ends),
		cmocka_unit_test(if_not_even_the_floor_passes_nothing_is_found),
		cmocka_unit_test(a_rate_fails_only_when_every_attempt_did),
		cmocka_unit_test(a_trial_that_sent_nothing_has_failed),
		cmocka_unit_test(what_is_noted_after_the_end_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
