#include "controlplane/keyexchange/sa_allocator.h"

#include "tests/unit/shared/sip_check.h"

#define CAPACITY   64
#define LIFETIME_S 3600
#define PERIOD_S   (LIFETIME_S / 200 + 1)

static const uint64_t start = 1700000000;

static struct sa_allocator *make(uint32_t capacity, unsigned workers)
{
	struct sa_allocator *a;

	assert_int_equal(sa_allocator_create(capacity, workers, LIFETIME_S, &a), RESULT_OK);
	return a;
}

static void every_index_is_given_out_once_and_workers_take_turns(void **state)
{
	(void)state;
	struct sa_allocator *a = make(CAPACITY, 3);
	bool is_seen[CAPACITY] = {true};
	struct sa_slot slot;

	for (unsigned n = 0; n < CAPACITY - 1; n++) {
		assert_int_equal(sa_allocator_take(a, start, &slot), RESULT_OK);
		assert_in_range(slot.index, 1, CAPACITY - 1);
		assert_false(is_seen[slot.index]);
		is_seen[slot.index] = true;
		assert_int_equal(slot.worker, n % 3);
		assert_in_range(slot.generation, 1, 255);
		assert_int_equal(sa_slot_spi(&slot), (uint32_t)slot.generation << 24 | slot.index);
	}
	assert_int_equal(sa_allocator_take(a, start, &slot), RESULT_SPACE);
	assert_int_equal(sa_allocator_used(a), CAPACITY - 1);
	sa_allocator_destroy(a);
}

/* One index given and taken for two lifetimes: no SPI twice within one. */
static void an_spi_does_not_come_back_while_its_old_self_may_live(void **state)
{
	(void)state;
	struct sa_allocator *a = make(2, 1);
	uint64_t last_seen[256] = {0};
	struct sa_slot slot;

	for (uint64_t now = start; now < start + 3 * LIFETIME_S; now++) {
		if (sa_allocator_take(a, now, &slot) != RESULT_OK)
			continue;
		if (last_seen[slot.generation])
			assert_true(now - last_seen[slot.generation] > LIFETIME_S);
		last_seen[slot.generation] = now;
		assert_int_equal(sa_allocator_release(a, slot.index, slot.generation, now),
				 RESULT_OK);
	}
	assert_int_not_equal(last_seen[1], 0);
	assert_int_not_equal(last_seen[255], 0);
	sa_allocator_destroy(a);
}

static void an_index_rests_before_it_is_given_out_again(void **state)
{
	(void)state;
	struct sa_allocator *a = make(2, 1);
	struct sa_slot one, two;

	assert_int_equal(sa_allocator_take(a, start, &one), RESULT_OK);
	assert_int_equal(sa_allocator_release(a, one.index, one.generation, start), RESULT_OK);
	assert_int_equal(sa_allocator_take(a, start, &two), RESULT_SPACE);
	assert_int_equal(sa_allocator_take(a, start + PERIOD_S, &two), RESULT_OK);
	assert_int_equal(two.index, one.index);
	assert_int_not_equal(two.generation, one.generation);
	sa_allocator_destroy(a);
}

static void a_clock_set_back_brings_no_spi_back(void **state)
{
	(void)state;
	struct sa_allocator *a = make(2, 1);
	struct sa_slot one, two;

	assert_int_equal(sa_allocator_take(a, start, &one), RESULT_OK);
	assert_int_equal(sa_allocator_release(a, one.index, one.generation, start + PERIOD_S),
			 RESULT_OK);
	assert_int_equal(sa_allocator_take(a, start - 10 * PERIOD_S, &two), RESULT_SPACE);
	assert_int_equal(sa_allocator_take(a, start + 3 * PERIOD_S, &two), RESULT_OK);
	assert_int_not_equal(two.generation, one.generation);
	sa_allocator_destroy(a);
}

static void the_first_index_is_chosen_and_all_are_given_out(void **state)
{
	(void)state;
	static const uint32_t numbers[] = {0, 1, 40, CAPACITY - 2, CAPACITY - 1, UINT32_MAX};
	struct sa_slot slot;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct sa_allocator *a = make(CAPACITY, 1);
		uint32_t expected = numbers[i] % (CAPACITY - 1) + 1;

		sa_allocator_begin_at(a, numbers[i]);
		for (unsigned n = 0; n < CAPACITY - 1; n++) {
			assert_int_equal(sa_allocator_take(a, start, &slot), RESULT_OK);
			assert_int_equal(slot.index, expected);
			expected = expected == CAPACITY - 1 ? 1 : expected + 1;
		}
		assert_int_equal(sa_allocator_take(a, start, &slot), RESULT_SPACE);
		/* given back, they come in the order in which they rested */
		assert_int_equal(sa_allocator_release(a, 7, slot.generation, start), RESULT_OK);
		assert_int_equal(sa_allocator_take(a, start + PERIOD_S, &slot), RESULT_OK);
		assert_int_equal(slot.index, 7);
		sa_allocator_destroy(a);
	}
}

static void only_what_was_given_out_is_taken_back(void **state)
{
	(void)state;
	struct sa_allocator *a = make(CAPACITY, 1);
	struct sa_slot slot;

	assert_int_equal(sa_allocator_take(a, start, &slot), RESULT_OK);
	assert_int_equal(sa_allocator_release(a, 0, 1, start), RESULT_NOT_FOUND);
	assert_int_equal(sa_allocator_release(a, CAPACITY, 1, start), RESULT_NOT_FOUND);
	assert_int_equal(sa_allocator_release(a, slot.index, 0, start), RESULT_NOT_FOUND);
	assert_int_equal(sa_allocator_release(a, slot.index, (uint8_t)(slot.generation ^ 1), start),
			 RESULT_NOT_FOUND);
	assert_int_equal(sa_allocator_release(a, slot.index, slot.generation, start), RESULT_OK);
	assert_int_equal(sa_allocator_release(a, slot.index, slot.generation, start),
			 RESULT_NOT_FOUND);
	assert_int_equal(sa_allocator_used(a), 0);
	sa_allocator_destroy(a);
}

static void what_outlived_us_is_adopted(void **state)
{
	(void)state;
	struct sa_allocator *a = make(4, 1);
	struct sa_slot slot;

	assert_int_equal(sa_allocator_adopt(a, 2, 77), RESULT_OK);
	assert_int_equal(sa_allocator_adopt(a, 2, 78), RESULT_EXISTS);
	assert_int_equal(sa_allocator_adopt(a, 0, 1), RESULT_BAD);
	assert_int_equal(sa_allocator_adopt(a, 4, 1), RESULT_BAD);
	assert_int_equal(sa_allocator_adopt(a, 1, 0), RESULT_BAD);
	for (unsigned n = 0; n < 2; n++) {
		assert_int_equal(sa_allocator_take(a, start, &slot), RESULT_OK);
		assert_int_not_equal(slot.index, 2);
	}
	assert_int_equal(sa_allocator_take(a, start, &slot), RESULT_SPACE);
	assert_int_equal(sa_allocator_release(a, 2, 77, start), RESULT_OK);
	sa_allocator_destroy(a);
}

static void settings_out_of_range_are_refused(void **state)
{
	(void)state;
	struct sa_allocator *a;

	assert_int_equal(sa_allocator_create(1, 1, 1, &a), RESULT_BAD);
	assert_int_equal(sa_allocator_create((1u << 24) + 1, 1, 1, &a), RESULT_BAD);
	assert_int_equal(sa_allocator_create(2, 0, 1, &a), RESULT_BAD);
	assert_int_equal(sa_allocator_create(2, 256, 1, &a), RESULT_BAD);
	assert_int_equal(sa_allocator_create(2, 1, 0, &a), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_index_is_given_out_once_and_workers_take_turns),
		cmocka_unit_test(an_spi_does_not_come_back_while_its_old_self_may_live),
		cmocka_unit_test(an_index_rests_before_it_is_given_out_again),
		cmocka_unit_test(a_clock_set_back_brings_no_spi_back),
		cmocka_unit_test(the_first_index_is_chosen_and_all_are_given_out),
		cmocka_unit_test(only_what_was_given_out_is_taken_back),
		cmocka_unit_test(what_outlived_us_is_adopted),
		cmocka_unit_test(settings_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
