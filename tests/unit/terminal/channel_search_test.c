/* Two ends that look for a way to each other, through networks that let this and that pass. */
#include "tests/unit/terminal/channel_bench.h"

#include "terminal/channel/search.h"

#define NOW UINT64_C(1000000)

/* What comes of a packet: the place it comes from for the receiver; family 0: it is lost. */
typedef struct sip_address network(bool is_from_caller, const struct sip_address *to,
				   bool is_first);

struct two {
	struct search caller, callee;
	network *network;
	unsigned sent;
	bool has_said[2];
	uint64_t now_ms;
};

static struct sip_address at(uint8_t last, uint16_t port)
{
	struct sip_address address = address_of(last);

	address.port = port;
	return address;
}

static void two_make(struct two *two, struct places of_caller, struct places of_callee,
		     network *net)
{
	*two = (struct two){.network = net, .now_ms = NOW};
	search_begin(&two->caller, &of_callee, true);
	search_begin(&two->callee, &of_caller, false);
}

static void deliver(struct two *two, bool is_from_caller, const struct search_message *message)
{
	struct search *receiver = is_from_caller ? &two->callee : &two->caller;
	struct sip_address from =
		two->network(is_from_caller, &message->to, !two->has_said[!is_from_caller]);
	struct search_message answer;

	two->has_said[is_from_caller] = true;
	assert_true(++two->sent < 1000);
	if (from.family && receiver->is_over && message->bytes[0] == CONTROL_ASK) {
		/* Then it is path.c that answers, to where the way is. */
		answer = *message;
		answer.to = receiver->chosen->at;
		answer.bytes[0] = CONTROL_HERE;
		deliver(two, !is_from_caller, &answer);
	} else if (from.family && search_take(receiver, &from, message->bytes,
					      sizeof(message->bytes), two->now_ms, &answer))
		deliver(two, !is_from_caller, &answer);
}

/* Lets time pass up to so many milliseconds, or until both are there. */
static void run(struct two *two, uint64_t ms)
{
	struct search_message message;

	for (; two->now_ms <= NOW + ms; two->now_ms += 10) {
		while (search_say(&two->caller, two->now_ms, &message))
			deliver(two, true, &message);
		while (search_say(&two->callee, two->now_ms, &message))
			deliver(two, false, &message);
		if (two->caller.is_taken && two->callee.is_over)
			return;
	}
}

static struct sip_address all_passes(bool is_from_caller, const struct sip_address *to,
				     bool is_first)
{
	(void)is_first;
	return at(is_from_caller ? 1 : 2, to->port);
}

static struct sip_address only_udp(bool is_from_caller, const struct sip_address *to, bool is_first)
{
	(void)is_first;
	return to->port ? at(is_from_caller ? 1 : 2, 4500) : (struct sip_address){.family = 0};
}

/* Only the caller's packets arrive. */
static struct sip_address one_way(bool is_from_caller, const struct sip_address *to, bool is_first)
{
	(void)is_first;
	return is_from_caller ? at(1, to->port) : (struct sip_address){.family = 0};
}

static struct sip_address nothing_passes(bool is_from_caller, const struct sip_address *to,
					 bool is_first)
{
	(void)is_from_caller;
	(void)to;
	(void)is_first;
	return (struct sip_address){.family = 0};
}

/*
 * Both are behind NATs: inside at 11 and 12, outside 1 and 2 at port 40000. Each lets in what comes
 * from where its own has sent to, so what comes first is lost.
 */
static struct sip_address two_nats(bool is_from_caller, const struct sip_address *to, bool is_first)
{
	const struct sip_address outside = at(is_from_caller ? 2 : 1, 40000);

	if (!place_is_same(to, &outside) || is_first)
		return (struct sip_address){.family = 0};
	return at(is_from_caller ? 1 : 2, 40000);
}

/* The caller's NAT shows him to the callee under a port that nobody knew. */
static struct sip_address symmetric(bool is_from_caller, const struct sip_address *to,
				    bool is_first)
{
	const struct sip_address shown = at(1, 50123);

	if (is_from_caller)
		return shown;
	if (is_first || !place_is_same(to, &shown))
		return (struct sip_address){.family = 0};
	return at(2, 4500);
}

static void the_best_that_works_both_ways_is_taken_at_once(void **state)
{
	struct sip_address best = at(1, 0);
	struct two two;

	(void)state;
	two_make(&two, places_of(1), places_of(2), all_passes);
	run(&two, 100);
	assert_true(two.caller.is_taken && two.callee.is_over);
	assert_int_equal(two.caller.chosen->at.port, 0);
	assert_true(place_is_same(&two.callee.chosen->at, &best));
	assert_int_equal(search_deadline(&two.caller), UINT64_MAX);
	assert_int_equal(search_deadline(&two.callee), UINT64_MAX);
}

static void a_better_place_is_waited_for_but_not_for_long(void **state)
{
	struct two two;

	(void)state;
	two_make(&two, places_of(1), places_of(2), only_udp);
	run(&two, SEARCH_PATIENCE_MS - 20);
	assert_false(two.caller.is_over);
	run(&two, SEARCH_PATIENCE_MS + 100);
	assert_true(two.caller.is_taken && two.callee.is_over);
	assert_int_equal(two.caller.chosen->at.port, 4500);
	assert_int_equal(two.callee.chosen->at.port, 4500);
}

static void that_both_send_opens_the_nats_of_both(void **state)
{
	struct places of_caller = {{at(11, 4500), at(1, 40000)}, 2};
	struct places of_callee = {{at(12, 4500), at(2, 40000)}, 2};
	struct sip_address callee = at(2, 40000), caller = at(1, 40000);
	struct two two;

	(void)state;
	two_make(&two, of_caller, of_callee, two_nats);
	run(&two, 3000);
	assert_true(two.caller.is_taken && two.callee.is_over);
	assert_true(place_is_same(&two.caller.chosen->at, &callee));
	assert_true(place_is_same(&two.callee.chosen->at, &caller));
}

static void a_place_that_nobody_named_is_learnt_from_what_comes(void **state)
{
	struct places of_caller = {{at(11, 4500), at(1, 40000)}, 2};
	struct places of_callee = {{at(2, 4500)}, 1};
	struct sip_address shown = at(1, 50123);
	struct two two;

	(void)state;
	two_make(&two, of_caller, of_callee, symmetric);
	run(&two, 3000);
	assert_true(two.caller.is_taken && two.callee.is_over);
	assert_true(place_is_same(&two.callee.chosen->at, &shown));
	assert_true(search_knows(&two.callee, &shown));
	assert_false(search_is_told(&two.callee, &shown));
}

static void what_works_one_way_only_is_no_way(void **state)
{
	struct two two;

	(void)state;
	two_make(&two, places_of(1), places_of(2), one_way);
	run(&two, 10000);
	assert_false(two.caller.is_over);
	assert_false(two.callee.is_over);
}

/* Whoever names places that are somebody else's. */
static void so_little_goes_to_places_that_may_be_a_lie(void **state)
{
	struct places lie = {{at(1, 0), at(2, 4500), at(3, 4500), at(4, 4500), at(5, 4500)}, 5};
	struct search_message message;
	uint64_t last_ms = 0;
	unsigned asked = 0;
	struct two two;

	(void)state;
	two_make(&two, lie, lie, nothing_passes);
	for (uint64_t now_ms = NOW; now_ms < NOW + 60000; now_ms++) {
		while (search_say(&two.callee, now_ms, &message)) {
			assert_true(now_ms - last_ms >= SEARCH_PACE_MS);
			last_ms = now_ms;
			asked++;
		}
		assert_true(search_deadline(&two.callee) > now_ms);
	}
	assert_int_equal(asked, 5 * SEARCH_ASKS);
	assert_int_equal(search_deadline(&two.callee), UINT64_MAX);
}

static void answers_count_from_the_place_asked_and_with_its_cookie(void **state)
{
	struct sip_address there = at(2, 0), elsewhere = at(9, 0);
	struct search_message asked, answer;
	struct places places = {{there}, 1};
	struct search search;

	(void)state;
	search_begin(&search, &places, true);
	assert_true(search_say(&search, NOW, &asked));
	asked.bytes[0] = CONTROL_HERE;
	assert_false(search_take(&search, &elsewhere, asked.bytes, 9, NOW, &answer));
	for (size_t len = 0; len < 9; len++)
		assert_false(search_take(&search, &there, asked.bytes, len, NOW, &answer));
	asked.bytes[8] ^= 1;
	assert_false(search_take(&search, &there, asked.bytes, 9, NOW, &answer));
	asked.bytes[8] ^= 1;
	assert_int_equal(search.answered_ms, 0);
	assert_false(search_take(&search, &there, asked.bytes, 9, NOW, &answer));
	assert_int_equal(search.answered_ms, NOW);
}

/* A TAKE that somebody copied and sends from elsewhere. */
static void the_callee_goes_nowhere_that_does_not_answer(void **state)
{
	const uint8_t take[9] = {CONTROL_TAKE, 1, 2, 3, 4, 5, 6, 7, 8};
	struct sip_address caller = at(1, 0), copier = at(9, 0);
	struct places places = {{caller}, 1};
	struct search_message answer;
	struct search search;

	(void)state;
	search_begin(&search, &places, false);
	assert_true(search_take(&search, &copier, take, 9, NOW, &answer));
	assert_int_equal(answer.bytes[0], CONTROL_ASK);
	assert_true(place_is_same(&answer.to, &copier));
	assert_false(search.is_over);
	assert_true(search_take(&search, &caller, take, 9, NOW, &answer));
	assert_true(place_is_same(&answer.to, &caller));
	answer.bytes[0] = CONTROL_HERE;
	assert_true(search_take(&search, &caller, answer.bytes, 9, NOW, &answer));
	assert_int_equal(answer.bytes[0], CONTROL_TAKEN);
	assert_memory_equal(answer.bytes + 1, take + 1, 8);
	assert_true(search.is_over);
	/* Then nothing of another place is followed, and a repetition is answered. */
	assert_false(search_take(&search, &copier, take, 9, NOW, &answer));
	assert_true(search_take(&search, &caller, take, 9, NOW, &answer));
	assert_true(place_is_same(&search.chosen->at, &caller));
}

static void what_is_learnt_is_bounded(void **state)
{
	const uint8_t ask[9] = {CONTROL_ASK};
	struct places places = {{at(1, 0)}, 1};
	struct sip_address told = at(1, 0);
	struct search_message answer;
	struct search search;

	(void)state;
	search_begin(&search, &places, false);
	for (uint8_t i = 10; i < 100; i++) {
		struct sip_address from = at(i, 4500);

		assert_true(search_take(&search, &from, ask, 9, NOW, &answer));
		assert_int_equal(answer.bytes[0], CONTROL_HERE);
	}
	assert_int_equal(search.count, 1 + SEARCH_LEARNT);
	assert_true(search_is_told(&search, &told));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_that_works_both_ways_is_taken_at_once),
		cmocka_unit_test(a_better_place_is_waited_for_but_not_for_long),
		cmocka_unit_test(that_both_send_opens_the_nats_of_both),
		cmocka_unit_test(a_place_that_nobody_named_is_learnt_from_what_comes),
		cmocka_unit_test(what_works_one_way_only_is_no_way),
		cmocka_unit_test(so_little_goes_to_places_that_may_be_a_lie),
		cmocka_unit_test(answers_count_from_the_place_asked_and_with_its_cookie),
		cmocka_unit_test(the_callee_goes_nowhere_that_does_not_answer),
		cmocka_unit_test(what_is_learnt_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
