#include "tests/unit/terminal/cmocka_setup.h"

#include <stdbool.h>
#include <stdlib.h>

#include "terminal/esp/window.h"

static bool is_accepted(struct esp_window *window, uint32_t low)
{
	uint64_t sequence;

	if (esp_window_check(window, low, &sequence) != RESULT_OK)
		return false;
	esp_window_mark(window, sequence);
	return true;
}

static void number_zero_is_refused(void **state)
{
	struct esp_window window = {0};

	(void)state;
	assert_false(is_accepted(&window, 0));
	assert_true(is_accepted(&window, 1));
}

static void number_seen_is_refused(void **state)
{
	struct esp_window window = {0};

	(void)state;
	assert_true(is_accepted(&window, 7));
	assert_false(is_accepted(&window, 7));
	assert_true(is_accepted(&window, 5));
	assert_false(is_accepted(&window, 5));
}

static void last_number_in_the_window_passes_and_the_one_left_of_it_does_not(void **state)
{
	struct esp_window window = {0};
	uint64_t sequence;

	(void)state;
	assert_true(is_accepted(&window, 5000));
	assert_int_equal(esp_window_check(&window, 5000 - LIMIT_ESP_WINDOW + 1, &sequence),
			 RESULT_OK);
	assert_int_equal(sequence, 5000 - LIMIT_ESP_WINDOW + 1);
	/* One further left can only mean the next high half, where it is far ahead. */
	assert_int_equal(esp_window_check(&window, 5000 - LIMIT_ESP_WINDOW, &sequence), RESULT_OK);
	assert_int_equal(sequence, (UINT64_C(1) << 32) + 5000 - LIMIT_ESP_WINDOW);
}

static void check_alone_moves_nothing(void **state)
{
	struct esp_window window = {0};
	uint64_t sequence;

	(void)state;
	assert_int_equal(esp_window_check(&window, 100000, &sequence), RESULT_OK);
	assert_int_equal(window.top, 0);
	assert_true(is_accepted(&window, 1));
}

static void high_half_goes_up_once_when_the_low_half_wraps(void **state)
{
	struct esp_window window = {.top = UINT32_MAX - 1};
	uint64_t sequence;

	(void)state;
	assert_true(is_accepted(&window, UINT32_MAX));
	assert_true(is_accepted(&window, 0));
	assert_true(is_accepted(&window, 1));
	assert_int_equal(window.top, (UINT64_C(1) << 32) + 1);
	assert_false(is_accepted(&window, 0));
	/* Behind the wrap and still in the window: the old high half. */
	assert_int_equal(esp_window_check(&window, UINT32_MAX - 100, &sequence), RESULT_OK);
	assert_int_equal(sequence, UINT32_MAX - 100);
	assert_false(is_accepted(&window, UINT32_MAX));
}

static void high_numbers_before_the_first_wrap_are_no_negative_ones(void **state)
{
	struct esp_window window = {0};

	(void)state;
	assert_true(is_accepted(&window, 3));
	assert_false(is_accepted(&window, UINT32_MAX));
}

/* Against a model that remembers every number. */
static void random_arrivals_are_judged_as_by_a_list_of_all_numbers(void **state)
{
	enum { NUMBERS = 40000 };
	static bool is_seen[NUMBERS];
	struct esp_window window = {0};
	uint32_t random = 12345, top = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint32_t centre = 2000 + i / 6, low;
		bool is_right;

		random = random * 1664525 + 1013904223;
		low = centre - 1500 + (random >> 16) % 1600;
		if (low >= NUMBERS || (low < top && top - low >= LIMIT_ESP_WINDOW))
			continue;
		is_right = low != 0 && !is_seen[low];
		assert_int_equal(is_accepted(&window, low), is_right);
		is_seen[low] = true;
		top = low > top ? low : top;
		assert_int_equal(window.top, top);
	}
	assert_true(top > 30000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_zero_is_refused),
		cmocka_unit_test(number_seen_is_refused),
		cmocka_unit_test(last_number_in_the_window_passes_and_the_one_left_of_it_does_not),
		cmocka_unit_test(check_alone_moves_nothing),
		cmocka_unit_test(high_half_goes_up_once_when_the_low_half_wraps),
		cmocka_unit_test(high_numbers_before_the_first_wrap_are_no_negative_ones),
		cmocka_unit_test(random_arrivals_are_judged_as_by_a_list_of_all_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
