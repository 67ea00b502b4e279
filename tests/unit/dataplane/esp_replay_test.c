/* The replay window against a model that remembers everything, and against RFC 4303's own cases. */
#include "dataplane/esp/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define W LIMIT_ESP_WINDOW

static struct replay_window window;

static void take(uint64_t number)
{
	assert_int_equal(replay_check(&window, number), RESULT_OK);
	replay_update(&window, number);
}

static uint64_t inferred(uint32_t low)
{
	uint64_t number = UINT64_MAX;

	assert_int_equal(replay_infer(&window, low, &number), RESULT_OK);
	return number;
}

static void number_zero_is_never_taken(void **state)
{
	(void)state;
	replay_init(&window);
	assert_int_equal(replay_check(&window, 0), RESULT_STALE);
	take(5);
	assert_int_equal(replay_check(&window, 0), RESULT_STALE);
}

static void the_window_is_1024_wide_and_no_wider(void **state)
{
	(void)state;
	for (uint64_t top = 1; top < 5000; top += 37) {
		replay_init(&window);
		take(top);
		for (uint64_t number = 1; number < top; number++)
			assert_int_equal(replay_check(&window, number),
					 top - number < W ? RESULT_OK : RESULT_STALE);
		assert_int_equal(replay_check(&window, top), RESULT_EXISTS);
		assert_int_equal(replay_check(&window, top + 1), RESULT_OK);
	}
}

static void checking_moves_nothing(void **state)
{
	struct replay_window before;

	(void)state;
	replay_init(&window);
	take(100);
	memcpy(&before, &window, sizeof(window));
	for (uint64_t number = 0; number < 10000; number += 7)
		(void)!replay_check(&window, number);
	for (uint32_t low = 0; low < UINT32_MAX - 70000; low += 65537)
		inferred(low);
	assert_memory_equal(&before, &window, sizeof(window));
}

static void every_advance_clears_just_what_it_passes(void **state)
{
	(void)state;
	for (uint64_t advance = 1; advance < 3 * W; advance++) {
		const uint64_t top = 100000 + advance * 13;

		replay_init(&window);
		for (uint64_t number = top - W + 1; number <= top; number++)
			replay_update(&window, number);
		take(top + advance);
		for (uint64_t number = top - W; number <= top + advance; number++) {
			enum result expected = RESULT_OK;

			if (top + advance - number >= W)
				expected = RESULT_STALE;
			else if (number <= top || number == top + advance)
				expected = RESULT_EXISTS;
			assert_int_equal(replay_check(&window, number), expected);
		}
	}
}

/* Random numbers around a moving top, near a 2^32 boundary, against a list of all that was taken.
 */
static void a_long_random_run_agrees_with_a_model(void **state)
{
	const uint64_t base = UINT64_C(0x2fffff000);
	const uint64_t span = 20000;
	uint8_t *taken = calloc(span + 10000, 1);
	uint64_t top = 0;
	unsigned int seed = 4711;

	(void)state;
	assert_non_null(taken);
	replay_init(&window);
	take(base - 5000); /* far jump from 0 */
	top = base - 5000;
	for (uint64_t i = 0; i < 400000; i++) {
		uint64_t center = base + i * span / 400000;
		uint64_t number = center + (uint64_t)(rand_r(&seed) % 3000) - 2500;
		enum result expected = RESULT_OK;

		if (number <= base - 5000)
			continue;
		if (number <= top)
			expected = top - number >= W		   ? RESULT_STALE
				   : taken[number - (base - 5000)] ? RESULT_EXISTS
								   : RESULT_OK;
		assert_int_equal(replay_check(&window, number), expected);
		/* The high half is found for all in the window and ahead of it. */
		if (expected != RESULT_STALE)
			assert_int_equal(inferred((uint32_t)number), number);
		if (expected != RESULT_OK || rand_r(&seed) % 4 == 0)
			continue;
		replay_update(&window, number);
		taken[number - (base - 5000)] = 1;
		if (number > top)
			top = number;
	}
	assert_int_equal(window.top, top);
	free(taken);
}

static void the_high_half_follows_rfc_4303_a2(void **state)
{
	uint64_t number;

	(void)state;
	/* Case A, the window within one subspace. */
	replay_init(&window);
	replay_update(&window, UINT64_C(0x500002000));
	assert_int_equal(inferred(0x2000 - W + 1), UINT64_C(0x500002000) - W + 1);
	assert_int_equal(inferred(0x2000 - W), UINT64_C(0x600002000) - W);
	assert_int_equal(inferred(0x2001), UINT64_C(0x500002001));
	assert_int_equal(inferred(UINT32_MAX), UINT64_C(0x5ffffffff));
	assert_int_equal(inferred(0), UINT64_C(0x600000000));
	/* Case B, the window reaches back over the boundary. */
	replay_init(&window);
	replay_update(&window, UINT64_C(0x500000010));
	assert_int_equal(inferred(0x10), UINT64_C(0x500000010));
	assert_int_equal(inferred(0), UINT64_C(0x500000000));
	assert_int_equal(inferred(UINT32_MAX), UINT64_C(0x4ffffffff));
	assert_int_equal(inferred((uint32_t)0x10 - W + 1), UINT64_C(0x500000010) - W + 1);
	assert_int_equal(inferred((uint32_t)0x10 - W), UINT64_C(0x500000010) - W + (1ull << 32));
	/* The boundary between the cases. */
	replay_init(&window);
	replay_update(&window, UINT64_C(0x500000000) + W - 1);
	assert_int_equal(inferred(0), UINT64_C(0x500000000));
	assert_int_equal(inferred(UINT32_MAX), UINT64_C(0x5ffffffff));
	replay_init(&window);
	replay_update(&window, UINT64_C(0x500000000) + W - 2);
	assert_int_equal(inferred(0), UINT64_C(0x500000000));
	assert_int_equal(inferred(UINT32_MAX), UINT64_C(0x4ffffffff));
	/* Nothing before the first subspace, nothing after the last. */
	replay_init(&window);
	assert_int_equal(inferred(1), 1);
	assert_int_equal(replay_infer(&window, UINT32_MAX, &number), RESULT_STALE);
	replay_update(&window, UINT64_C(0xffffffff00002000));
	assert_int_equal(inferred(0x2001), UINT64_C(0xffffffff00002001));
	assert_int_equal(replay_infer(&window, 5, &number), RESULT_STALE);
}

static void the_last_number_of_all_can_be_taken(void **state)
{
	(void)state;
	replay_init(&window);
	take(UINT64_MAX - 1500);
	take(UINT64_MAX);
	assert_int_equal(replay_check(&window, UINT64_MAX), RESULT_EXISTS);
	take(UINT64_MAX - 1);
	assert_int_equal(replay_check(&window, UINT64_MAX - W), RESULT_STALE);
	assert_int_equal(replay_recover(&window), RESULT_OK);
}

static void a_sound_window_is_recovered_as_it_is(void **state)
{
	struct replay_window before;

	(void)state;
	replay_init(&window);
	assert_int_equal(replay_recover(&window), RESULT_OK);
	for (uint64_t number = 1; number < 5000; number += number % 5 + 1)
		replay_update(&window, number);
	memcpy(&before, &window, sizeof(window));
	assert_int_equal(replay_recover(&window), RESULT_OK);
	assert_memory_equal(&before, &window, sizeof(window));
}

static void a_damaged_window_is_not_recovered(void **state)
{
	struct replay_window sound;

	(void)state;
	memset(&window, 0, sizeof(window));
	assert_int_equal(replay_recover(&window), RESULT_BAD);
	replay_init(&window);
	for (uint64_t number = 1; number < 3000; number += 3)
		replay_update(&window, number);
	memcpy(&sound, &window, sizeof(window));
	for (size_t bit = 0; bit < 64; bit++) {
		window.top ^= UINT64_C(1) << bit;
		assert_int_equal(replay_recover(&window), RESULT_BAD);
		window.top = sound.top;
		window.sum ^= UINT64_C(1) << bit;
		assert_int_equal(replay_recover(&window), RESULT_BAD);
		window.sum = sound.sum;
		for (size_t word = 0; word < REPLAY_WORDS; word++) {
			window.bits[word] ^= UINT64_C(1) << bit;
			assert_int_equal(replay_recover(&window), RESULT_BAD);
			window.bits[word] = sound.bits[word];
		}
	}
	assert_int_equal(replay_recover(&window), RESULT_OK);
}

static void a_window_closed_in_mid_update_takes_nothing_up_to_its_highest_number(void **state)
{
	(void)state;
	replay_init(&window);
	take(2000);
	window.updating = 2500;
	window.bits[3] ^= 1;
	assert_int_equal(replay_recover(&window), RESULT_OK);
	assert_int_equal(window.updating, 0);
	for (uint64_t number = 0; number <= 2500; number++)
		assert_int_not_equal(replay_check(&window, number), RESULT_OK);
	take(2501);
	assert_int_equal(replay_recover(&window), RESULT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_zero_is_never_taken),
		cmocka_unit_test(the_window_is_1024_wide_and_no_wider),
		cmocka_unit_test(checking_moves_nothing),
		cmocka_unit_test(every_advance_clears_just_what_it_passes),
		cmocka_unit_test(a_long_random_run_agrees_with_a_model),
		cmocka_unit_test(the_high_half_follows_rfc_4303_a2),
		cmocka_unit_test(the_last_number_of_all_can_be_taken),
		cmocka_unit_test(a_sound_window_is_recovered_as_it_is),
		cmocka_unit_test(a_damaged_window_is_not_recovered),
		cmocka_unit_test(
			a_window_closed_in_mid_update_takes_nothing_up_to_its_highest_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
