/* Following the other end of a channel: only to where it answers from. */
#include "tests/unit/terminal/channel_bench.h"

#include "terminal/channel/control.h"
#include "terminal/channel/path.h"

#define NOW 1000000

static struct path path_of(uint8_t last)
{
	struct sip_address address = address_of(last);
	struct path path;

	path_begin(&path, &address);
	return path;
}

/* Asks at an address, and has the question answered. */
static void ask(struct path *path, uint8_t last, uint64_t now_ms,
		uint8_t answer[CONTROL_PATH_BYTES])
{
	struct sip_address there = address_of(last), here = address_of(1);
	struct path peer = path_of(1);
	uint8_t question[CONTROL_PATH_BYTES];

	assert_int_equal(path_ask(path, &there, now_ms, question), RESULT_OK);
	assert_int_equal(question[0], CONTROL_ASK);
	assert_int_equal(path_take(&peer, &here, question, sizeof(question), answer), PATH_ASKED);
	assert_false(path_is_elsewhere(&peer, &here));
}

static void who_answers_from_there_is_followed(void **state)
{
	struct path path = path_of(2);
	struct sip_address there = address_of(3), before = address_of(2);
	uint8_t answer[CONTROL_PATH_BYTES], none[CONTROL_PATH_BYTES];

	(void)state;
	assert_true(path_is_elsewhere(&path, &there));
	before.port = 4500;
	assert_true(path_is_elsewhere(&path, &before)); /* the same host by another way */
	before.port = 0;
	ask(&path, 3, NOW, answer);
	assert_true(path_is_elsewhere(&path, &there)); /* asked is not followed */
	assert_int_equal(path_take(&path, &there, answer, sizeof(answer), none), PATH_FOLLOWED);
	assert_false(path_is_elsewhere(&path, &there));
	assert_true(path_is_elsewhere(&path, &before));
	/* The answer is good once. */
	assert_int_equal(path_take(&path, &there, answer, sizeof(answer), none), PATH_NOTHING);
}

static void an_answer_from_elsewhere_or_to_another_question_moves_nothing(void **state)
{
	struct path path = path_of(2);
	struct sip_address before = address_of(2), there = address_of(3), third = address_of(4);
	uint8_t answer[CONTROL_PATH_BYTES], none[CONTROL_PATH_BYTES];

	(void)state;
	ask(&path, 3, NOW, answer);
	assert_int_equal(path_take(&path, &before, answer, sizeof(answer), none), PATH_NOTHING);
	assert_int_equal(path_take(&path, &third, answer, sizeof(answer), none), PATH_NOTHING);
	for (size_t len = 0; len < sizeof(answer); len++)
		assert_int_equal(path_take(&path, &there, answer, len, none), PATH_NOTHING);
	answer[8] ^= 1;
	assert_int_equal(path_take(&path, &there, answer, sizeof(answer), none), PATH_NOTHING);
	answer[8] ^= 1;
	answer[0] = 77;
	assert_int_equal(path_take(&path, &there, answer, sizeof(answer), none), PATH_NOTHING);
	assert_false(path_is_elsewhere(&path, &before));
}

static void nobody_is_followed_who_was_not_asked(void **state)
{
	const uint8_t answer[CONTROL_PATH_BYTES] = {CONTROL_HERE};
	struct path path = path_of(2);
	struct sip_address there = address_of(3);
	uint8_t none[CONTROL_PATH_BYTES];

	(void)state;
	assert_int_equal(path_take(&path, &there, answer, sizeof(answer), none), PATH_NOTHING);
}

static void questions_are_few_and_one_cookie_is_of_one_address(void **state)
{
	struct path path = path_of(2);
	struct sip_address there = address_of(3), third = address_of(4);
	uint8_t first[CONTROL_PATH_BYTES], again[CONTROL_PATH_BYTES];

	(void)state;
	assert_int_equal(path_ask(&path, &there, NOW, first), RESULT_OK);
	assert_int_equal(path_ask(&path, &third, NOW + PATH_AGAIN_MS - 1, again), RESULT_NOT_FOUND);
	assert_int_equal(path_ask(&path, &there, NOW + PATH_AGAIN_MS, again), RESULT_OK);
	assert_memory_equal(first, again, sizeof(first));
	assert_int_equal(path_ask(&path, &third, NOW + 2 * PATH_AGAIN_MS, again), RESULT_OK);
	assert_memory_not_equal(first, again, sizeof(first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_answers_from_there_is_followed),
		cmocka_unit_test(an_answer_from_elsewhere_or_to_another_question_moves_nothing),
		cmocka_unit_test(nobody_is_followed_who_was_not_asked),
		cmocka_unit_test(questions_are_few_and_one_cookie_is_of_one_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
