/* Two ends that renew the keys of a channel, on a bench: what each says, takes and makes of it. */
#include "tests/unit/terminal/channel_bench.h"

#include "terminal/channel/renewal.h"

#define NOW 1000000

struct pair {
	struct renewal caller, callee;
};

static int begin(void **state)
{
	static struct pair pair;
	const struct keys keys = {{{1, 2, 3}}, {4, 5, 6}};

	renewal_begin(&pair.caller, &keys, SUITE_AES_128_GCM_16, true, NOW);
	renewal_begin(&pair.callee, &keys, SUITE_AES_128_GCM_16, false, NOW);
	*state = &pair;
	return 0;
}

static int end(void **state)
{
	struct pair *pair = *state;

	renewal_end(&pair->caller);
	renewal_end(&pair->callee);
	return 0;
}

static struct renewal_message said(struct renewal *renewal, uint64_t now_ms)
{
	struct renewal_message message;

	assert_int_equal(renewal_say(renewal, 0, now_ms, &message), RESULT_OK);
	return message;
}

static enum result take(struct renewal *renewal, const struct renewal_message *message,
			struct renewal_sas *sas, struct renewal_message *answer)
{
	return renewal_take(renewal, message->bytes, message->len, true, NOW, sas, answer);
}

/* One renewal without mishap; returns the caller's SAs, which must fit the callee's. */
static struct renewal_sas renew(struct pair *pair)
{
	struct renewal_message asked, answered, none;
	struct renewal_sas a, b;

	renewal_want(&pair->caller);
	asked = said(&pair->caller, NOW);
	assert_int_equal(take(&pair->callee, &asked, &b, &answered), RESULT_OK);
	assert_int_equal(take(&pair->caller, &answered, &a, &none), RESULT_OK);
	assert_int_equal(none.len, 0);
	assert_int_equal(a.spi_in, b.spi_out);
	assert_int_equal(a.spi_out, b.spi_in);
	assert_memory_equal(a.key_in, b.key_out, 20);
	assert_memory_equal(a.key_out, b.key_in, 20);
	assert_memory_not_equal(a.key_in, a.key_out, 20);
	return a;
}

static void both_sides_make_the_same_keys_and_others_each_time(void **state)
{
	struct renewal_sas first = renew(*state), second = renew(*state);
	struct pair *pair = *state;

	assert_int_equal(pair->caller.generation, 2);
	assert_int_equal(pair->callee.generation, 2);
	assert_memory_not_equal(first.key_in, second.key_in, 20);
	assert_memory_not_equal(first.key_out, second.key_out, 20);
}

static void keys_depend_on_those_before(void **state)
{
	struct pair *pair = *state;
	struct renewal_message asked, answered, none;
	struct renewal_sas a, b;

	pair->callee.keys.prk.bytes[0] ^= 1;
	renewal_want(&pair->caller);
	asked = said(&pair->caller, NOW);
	assert_int_equal(take(&pair->callee, &asked, &b, &answered), RESULT_OK);
	assert_int_equal(take(&pair->caller, &answered, &a, &none), RESULT_OK);
	assert_memory_not_equal(a.key_in, b.key_out, 20);
}

static void keys_are_renewed_by_packets_and_by_time(void **state)
{
	struct pair *pair = *state;
	struct renewal_message message;

	assert_int_equal(
		renewal_say(&pair->caller, RENEWAL_PACKETS - 1, NOW + RENEWAL_MS - 1, &message),
		RESULT_OK);
	assert_int_equal(message.len, 0);
	assert_int_equal(renewal_say(&pair->caller, RENEWAL_PACKETS, NOW, &message), RESULT_OK);
	assert_int_equal(message.len, RENEWAL_MESSAGE_BYTES);
	assert_int_equal(renewal_say(&pair->callee, 0, NOW + RENEWAL_MS, &message), RESULT_OK);
	assert_int_equal(message.len, 5);
}

static void what_is_not_answered_is_said_again_and_is_the_same(void **state)
{
	struct pair *pair = *state;
	struct renewal_message first, soon, again;

	renewal_want(&pair->caller);
	first = said(&pair->caller, NOW);
	soon = said(&pair->caller, NOW + RENEWAL_AGAIN_MS - 1);
	again = said(&pair->caller, NOW + RENEWAL_AGAIN_MS);
	assert_int_equal(soon.len, 0);
	assert_int_equal(again.len, first.len);
	assert_memory_equal(again.bytes, first.bytes, first.len);
}

static void a_repeated_question_gets_the_same_answer_and_makes_nothing(void **state)
{
	struct pair *pair = *state;
	struct renewal_message asked, answered, again;
	struct renewal_sas sas;

	renewal_want(&pair->caller);
	asked = said(&pair->caller, NOW);
	assert_int_equal(take(&pair->callee, &asked, &sas, &answered), RESULT_OK);
	assert_int_equal(take(&pair->callee, &asked, &sas, &again), RESULT_NOT_FOUND);
	assert_int_equal(again.len, answered.len);
	assert_memory_equal(again.bytes, answered.bytes, answered.len);
	assert_int_equal(pair->callee.generation, 1);
	/* Another one of the same generation is none. */
	asked.bytes[RENEWAL_MESSAGE_BYTES - 1] ^= 1;
	assert_int_equal(take(&pair->callee, &asked, &sas, &again), RESULT_BAD);
	/* The answer that comes twice is late, and no more. */
	assert_int_equal(take(&pair->caller, &answered, &sas, &again), RESULT_OK);
	assert_int_equal(take(&pair->caller, &answered, &sas, &again), RESULT_NOT_FOUND);
	assert_int_equal(pair->caller.generation, 1);
}

static void the_callee_may_say_that_he_wants_new_keys(void **state)
{
	struct pair *pair = *state;
	struct renewal_message wanted, none;
	struct renewal_sas sas;

	assert_int_equal(said(&pair->caller, NOW).len, 0);
	renewal_want(&pair->callee);
	wanted = said(&pair->callee, NOW);
	assert_int_equal(take(&pair->caller, &wanted, &sas, &none), RESULT_NOT_FOUND);
	assert_int_equal(said(&pair->caller, NOW).len, RENEWAL_MESSAGE_BYTES);
	assert_int_equal(take(&pair->callee, &wanted, &sas, &none), RESULT_BAD);
}

/* Takes bytes that are wrong in one place; the generation stays. */
static void refuse(struct renewal *renewal, struct renewal_message message, unsigned at,
		   uint8_t value)
{
	struct renewal_message answer;
	struct renewal_sas sas;

	message.bytes[at] = value;
	assert_int_equal(take(renewal, &message, &sas, &answer), RESULT_BAD);
	assert_int_equal(answer.len, 0);
	assert_int_equal(renewal->generation, 0);
}

static void what_is_no_message_of_now_is_refused(void **state)
{
	struct pair *pair = *state;
	struct renewal_message asked, answer, low;
	struct renewal_sas sas;

	renewal_want(&pair->caller);
	asked = said(&pair->caller, NOW);
	refuse(&pair->callee, asked, 0, 2);  /* an answer nobody asked for */
	refuse(&pair->callee, asked, 0, 77); /* no kind */
	refuse(&pair->callee, asked, 4, 2);  /* the generation after the next */
	refuse(&pair->caller, asked, 0, 1);  /* the caller is not asked */
	low = asked;
	memset(low.bytes + 5, 0, 4);
	refuse(&pair->callee, low, 0, 1); /* a reserved SPI */
	low = asked;
	memset(low.bytes + 9, 0, X25519_SHARE_BYTES);
	refuse(&pair->callee, low, 0, 1); /* a share of low order */
	for (size_t len = 0; len < RENEWAL_MESSAGE_BYTES; len++)
		assert_int_equal(
			renewal_take(&pair->callee, asked.bytes, len, true, NOW, &sas, &answer),
			RESULT_BAD);
	/* And the good one is taken yet. */
	assert_int_equal(take(&pair->callee, &asked, &sas, &answer), RESULT_OK);
}

static void an_answer_before_the_question_is_refused(void **state)
{
	struct pair *pair = *state;
	struct renewal_message message = {{2, 0, 0, 0, 1, 1}, RENEWAL_MESSAGE_BYTES};

	refuse(&pair->caller, message, 0, 2);
}

#define PAIR_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(both_sides_make_the_same_keys_and_others_each_time),
		PAIR_TEST(keys_depend_on_those_before),
		PAIR_TEST(keys_are_renewed_by_packets_and_by_time),
		PAIR_TEST(what_is_not_answered_is_said_again_and_is_the_same),
		PAIR_TEST(a_repeated_question_gets_the_same_answer_and_makes_nothing),
		PAIR_TEST(the_callee_may_say_that_he_wants_new_keys),
		PAIR_TEST(what_is_no_message_of_now_is_refused),
		PAIR_TEST(an_answer_before_the_question_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
