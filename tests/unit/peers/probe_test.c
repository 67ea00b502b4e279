/* controlplane/peers/probe.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controlplane/peers/probe.h"

/* So many turns in a row without an answer; the last one's news. */
static enum probe_news silent(struct probe *probe, unsigned turns)
{
	enum probe_news news = PROBE_NO_NEWS;

	for (unsigned i = 0; i < turns; i++)
		news = probe_turn(probe);
	return news;
}

/* How many answers in a row it takes to be back. */
static unsigned answers_until_back(struct probe *probe)
{
	for (unsigned i = 1; i < 1000; i++) {
		assert_int_equal(probe_turn(probe), PROBE_NO_NEWS);
		if (probe_answer(probe) == PROBE_IS_BACK)
			return i;
	}
	return 0;
}

static void one_that_answers_is_never_lost(void **state)
{
	struct probe probe = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(probe_turn(&probe), PROBE_NO_NEWS);
		if (i % PROBE_LOST_AFTER == 0)
			assert_int_equal(probe_answer(&probe), PROBE_NO_NEWS);
	}
	assert_false(probe.is_lost);
}

static void after_three_in_a_row_it_is_lost_and_that_is_news_once(void **state)
{
	struct probe probe = {0};

	(void)state;
	assert_int_equal(silent(&probe, PROBE_LOST_AFTER), PROBE_NO_NEWS);
	assert_int_equal(probe_turn(&probe), PROBE_IS_LOST);
	assert_true(probe.is_lost);
	assert_int_equal(silent(&probe, 100), PROBE_NO_NEWS);
}

static void it_is_back_only_after_many_in_a_row(void **state)
{
	struct probe probe = {0};

	(void)state;
	silent(&probe, PROBE_LOST_AFTER + 1);
	for (int i = 1; i < PROBE_BACK_AFTER; i++) {
		assert_int_equal(probe_answer(&probe), PROBE_NO_NEWS);
		probe_turn(&probe);
	}
	/* one let pass: it begins anew */
	probe_turn(&probe);
	probe_answer(&probe);
	assert_true(probe.is_lost);
	assert_int_equal(answers_until_back(&probe), PROBE_BACK_AFTER - 1);
	assert_false(probe.is_lost);
}

static void one_that_is_lost_again_soon_waits_twice_as_long_up_to_a_bound(void **state)
{
	struct probe probe = {0};
	unsigned expected = PROBE_BACK_AFTER;

	(void)state;
	for (int i = 0; i < 8; i++) {
		silent(&probe, PROBE_LOST_AFTER + 1);
		probe_answer(&probe);
		assert_int_equal(answers_until_back(&probe), expected - 1);
		expected = expected * 2 > PROBE_BACK_MOST ? PROBE_BACK_MOST : expected * 2;
	}
	for (int i = 0; i < PROBE_SOON; i++) {
		probe_turn(&probe);
		probe_answer(&probe);
	}
	silent(&probe, PROBE_LOST_AFTER + 1);
	probe_answer(&probe);
	assert_int_equal(answers_until_back(&probe), PROBE_BACK_AFTER - 1);
}

static void an_answer_counts_once_and_a_pause_is_no_silence(void **state)
{
	struct probe probe = {0};

	(void)state;
	silent(&probe, PROBE_LOST_AFTER);
	probe_pause(&probe);
	assert_int_equal(silent(&probe, PROBE_LOST_AFTER), PROBE_NO_NEWS);
	assert_int_equal(probe_turn(&probe), PROBE_IS_LOST);
	for (int i = 0; i < 100; i++)
		assert_int_equal(probe_answer(&probe), PROBE_NO_NEWS);
	assert_int_equal(probe.answered, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_answers_is_never_lost),
		cmocka_unit_test(after_three_in_a_row_it_is_lost_and_that_is_news_once),
		cmocka_unit_test(it_is_back_only_after_many_in_a_row),
		cmocka_unit_test(one_that_is_lost_again_soon_waits_twice_as_long_up_to_a_bound),
		cmocka_unit_test(an_answer_counts_once_and_a_pause_is_no_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
