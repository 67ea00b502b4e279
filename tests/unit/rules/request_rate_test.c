#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/request_rate.h"

/* How many of count requests at one time pass. */
static unsigned taken(struct request_rate rate, unsigned count, uint64_t now_ms)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < count; i++)
		passed += request_rate_take(rate, 10, now_ms);
	return passed;
}

static void second_gives_its_number_and_no_more(void **state)
{
	uint64_t tokens = 0, since_ms = 0;
	struct request_rate rate = {&tokens, &since_ms};

	(void)state;
	assert_int_equal(taken(rate, 100, 1000000), 10);
	assert_int_equal(taken(rate, 100, 1000099), 0);
	assert_int_equal(taken(rate, 100, 1000100), 1);
	assert_int_equal(taken(rate, 100, 1000600), 5);
	assert_int_equal(taken(rate, 100, 9000000), 10);
}

static void steady_sender_at_the_rate_is_never_held_up(void **state)
{
	uint64_t tokens = 0, since_ms = 0;
	struct request_rate rate = {&tokens, &since_ms};

	(void)state;
	for (uint64_t now_ms = 1000; now_ms < 100000; now_ms += 100)
		assert_true(request_rate_take(rate, 10, now_ms));
}

static void clock_that_goes_back_gives_nothing_away(void **state)
{
	uint64_t tokens = 0, since_ms = 0;
	struct request_rate rate = {&tokens, &since_ms};

	(void)state;
	assert_int_equal(taken(rate, 100, 1000000), 10);
	assert_int_equal(taken(rate, 100, 999000), 0);
}

static void without_a_limit_everything_passes(void **state)
{
	uint64_t tokens = 0, since_ms = 0;
	struct request_rate rate = {&tokens, &since_ms};

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		assert_true(request_rate_take(rate, 0, 5));
	assert_int_equal(since_ms, 0);
}

static void ack_cancel_and_responses_are_not_counted(void **state)
{
	struct sip_message message = {.is_request = true, .method = SIP_METHOD_INVITE};

	(void)state;
	assert_true(request_rate_is_counted(&message));
	message.method = SIP_METHOD_ACK;
	assert_false(request_rate_is_counted(&message));
	message.method = SIP_METHOD_CANCEL;
	assert_false(request_rate_is_counted(&message));
	message = (struct sip_message){.method = SIP_METHOD_INVITE};
	assert_false(request_rate_is_counted(&message));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(second_gives_its_number_and_no_more),
		cmocka_unit_test(steady_sender_at_the_rate_is_never_held_up),
		cmocka_unit_test(clock_that_goes_back_gives_nothing_away),
		cmocka_unit_test(without_a_limit_everything_passes),
		KIT_TEST(ack_cancel_and_responses_are_not_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
