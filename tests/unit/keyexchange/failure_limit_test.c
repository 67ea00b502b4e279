#include "controlplane/keyexchange/failure_limit.h"

#include "tests/unit/shared/sip_check.h"

#define NOW_MS UINT64_C(1700000000000)

/* Many are behind it, as behind a carrier's NAT. */
#define NAT   "192.0.2.1:5060"
#define ALICE SLICE("user-a@abc.com")
#define BOB   SLICE("user-b@abc.com")

static int set_up(void **state)
{
	struct failure_limit *limit;

	if (failure_limit_create(&limit) != RESULT_OK)
		return -1;
	*state = limit;
	return 0;
}

static int tear_down(void **state)
{
	failure_limit_destroy(*state);
	return 0;
}

static struct sip_address address(const char *text)
{
	struct sip_address out;

	assert_int_equal(sip_address_parse_port(text_slice(text), &out), RESULT_OK);
	return out;
}

static enum result look(struct failure_limit *limit, const char *from, struct slice who,
			uint64_t now_ms)
{
	const struct sip_address source = address(from);
	const struct failure_attempt attempt = {.source = &source, .who = who};

	return failure_limit_look(limit, &attempt, now_ms);
}

/* A message that nobody has sent before. */
static void hash_fresh(uint8_t hash[KDF_HASH_BYTES])
{
	static uint64_t number;

	memset(hash, 0, KDF_HASH_BYTES);
	number++;
	memcpy(hash, &number, sizeof(number));
}

static void fail_as(struct failure_limit *limit, const struct failure_attempt *attempt,
		    unsigned times, uint64_t now_ms)
{
	uint8_t hash[KDF_HASH_BYTES];

	for (unsigned n = 0; n < times; n++) {
		hash_fresh(hash);
		assert_int_equal(failure_limit_count(limit, attempt, hash, now_ms), RESULT_OK);
	}
}

static void fail_from(struct failure_limit *limit, const char *from, struct slice who,
		      unsigned times)
{
	const struct sip_address source = address(from);
	const struct failure_attempt attempt = {.source = &source, .who = who};

	fail_as(limit, &attempt, times, NOW_MS);
}

static void who_is_wrong_too_often_waits(void **state)
{
	fail_from(*state, NAT, ALICE, FAILURE_LIMIT_BURST - 1);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS), RESULT_OK);
	fail_from(*state, NAT, ALICE, 1);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS), RESULT_DENIED);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS + FAILURE_LIMIT_INTERVAL_MS - 1),
			 RESULT_DENIED);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS + FAILURE_LIMIT_INTERVAL_MS), RESULT_OK);
	/* to be put off costs nothing: the wait does not grow with what was not looked at */
	fail_from(*state, NAT, ALICE, 100);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS + FAILURE_LIMIT_INTERVAL_MS), RESULT_OK);
}

static void others_behind_the_same_address_do_not(void **state)
{
	fail_from(*state, NAT, ALICE, 1000);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS), RESULT_DENIED);
	assert_int_equal(look(*state, NAT, BOB, NOW_MS), RESULT_OK);
}

static void the_subscriber_himself_elsewhere_does_not(void **state)
{
	fail_from(*state, NAT, ALICE, 1000);
	assert_int_equal(look(*state, "192.0.2.2:5060", ALICE, NOW_MS), RESULT_OK);
	assert_int_equal(look(*state, "[2001:1234::10]:5060", ALICE, NOW_MS), RESULT_OK);
}

static void another_port_is_no_other_source_nor_is_the_same_64(void **state)
{
	fail_from(*state, NAT, ALICE, FAILURE_LIMIT_BURST);
	assert_int_equal(look(*state, "192.0.2.1:5061", ALICE, NOW_MS), RESULT_DENIED);
	fail_from(*state, "[2001:1234::10]:5060", BOB, FAILURE_LIMIT_BURST);
	assert_int_equal(look(*state, "[2001:1234::11]:5061", BOB, NOW_MS), RESULT_DENIED);
	assert_int_equal(look(*state, "[2001:1234:0:1::10]:5060", BOB, NOW_MS), RESULT_OK);
}

/* Names are invented at no cost. */
static void a_source_that_is_wrong_about_many_waits_as_a_whole(void **state)
{
	unsigned names = 0;

	for (; look(*state, NAT, BOB, NOW_MS) == RESULT_OK; names++) {
		char id[32];
		int len = snprintf(id, sizeof(id), "user-%u@xyz.com", names);

		assert_true(names < FAILURE_LIMIT_SOURCE_BURST);
		fail_from(*state, NAT, slice_make(id, (size_t)len), 1);
	}
	assert_int_equal(names, FAILURE_LIMIT_SOURCE_BURST);
	assert_int_equal(look(*state, NAT, BOB, NOW_MS), RESULT_SPACE);
	assert_int_equal(look(*state, "192.0.2.2:5060", BOB, NOW_MS), RESULT_OK);
	assert_int_equal(look(*state, NAT, BOB, NOW_MS + FAILURE_LIMIT_SOURCE_INTERVAL_MS),
			 RESULT_OK);
}

/* However many names and sources come, whom they do not concern is looked at. */
static void strangers_who_fill_the_memory_put_nobody_off(void **state)
{
	unsigned refused = 0;

	for (unsigned n = 0; n < 2 * FAILURE_LIMIT_SUBSCRIBERS; n++) {
		const struct sip_address source = {
			.family = 4,
			.bytes = {10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
		const struct failure_attempt attempt = {.source = &source, .who = ALICE};

		refused += failure_limit_look(*state, &attempt, NOW_MS) != RESULT_OK;
		fail_as(*state, &attempt, 1, NOW_MS);
	}
	assert_int_equal(refused, 0);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS), RESULT_OK);
	/* and who owes much is not forgotten for their sake */
	fail_from(*state, NAT, BOB, FAILURE_LIMIT_BURST);
	for (unsigned n = 0; n < FAILURE_LIMIT_SUBSCRIBERS; n++) {
		const struct sip_address source = {
			.family = 4,
			.bytes = {11, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
		const struct failure_attempt attempt = {.source = &source, .who = ALICE};

		fail_as(*state, &attempt, 1, NOW_MS);
	}
	assert_int_equal(look(*state, NAT, BOB, NOW_MS), RESULT_DENIED);
}

/* A datagram that is sent again, or that somebody copied, is no other guess. */
static void one_message_counts_once(void **state)
{
	const struct sip_address source = address(NAT);
	const struct failure_attempt attempt = {.source = &source, .who = ALICE};
	uint8_t hash[KDF_HASH_BYTES];

	hash_fresh(hash);
	for (unsigned n = 0; n < 2 * FAILURE_LIMIT_SOURCE_BURST; n++)
		assert_int_equal(failure_limit_count(*state, &attempt, hash, NOW_MS), RESULT_OK);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS), RESULT_OK);
	assert_int_equal(look(*state, NAT, BOB, NOW_MS), RESULT_OK);
	fail_from(*state, NAT, ALICE, FAILURE_LIMIT_BURST - 1);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS), RESULT_DENIED);
}

static void passwords_and_certificates_are_counted_apart(void **state)
{
	const struct sip_address source = address(NAT);
	struct failure_attempt attempt = {.source = &source, .who = ALICE};

	fail_as(*state, &attempt, FAILURE_LIMIT_BURST, NOW_MS);
	attempt.is_by_certificate = true;
	assert_int_equal(failure_limit_look(*state, &attempt, NOW_MS), RESULT_OK);
	/* but the source has one allowance */
	fail_from(*state, NAT, BOB, FAILURE_LIMIT_BURST);
	for (unsigned n = 0; n < FAILURE_LIMIT_SOURCE_BURST; n++) {
		attempt.who = slice_make(&n, sizeof(n));
		fail_as(*state, &attempt, 1, NOW_MS);
	}
	assert_int_equal(look(*state, NAT, SLICE("user-c@abc.com"), NOW_MS), RESULT_SPACE);
}

/* Strangers of the same network try what they will: who has an SA gets new keys. */
static void what_is_wrong_outside_does_not_count_inside_an_sa(void **state)
{
	const struct sip_address source = address("[2001:1234::10]:5060");
	const struct failure_attempt inside = {.source = &source, .is_inside = true, .who = ALICE};

	for (unsigned n = 0; n < FAILURE_LIMIT_SOURCE_BURST; n++)
		fail_from(*state, "[2001:1234::11]:5060", slice_make(&n, sizeof(n)), 1);
	fail_from(*state, "[2001:1234::11]:5060", ALICE, FAILURE_LIMIT_BURST);
	assert_int_equal(look(*state, "[2001:1234::10]:5060", ALICE, NOW_MS), RESULT_DENIED);
	assert_int_equal(failure_limit_look(*state, &inside, NOW_MS), RESULT_OK);
	/* what is wrong inside is bounded, too, and puts nobody outside off */
	fail_as(*state, &inside, 2 * FAILURE_LIMIT_SOURCE_BURST, NOW_MS + 3600000);
	assert_int_equal(failure_limit_look(*state, &inside, NOW_MS + 3600000), RESULT_DENIED);
	assert_int_equal(look(*state, "[2001:1234::10]:5060", ALICE, NOW_MS + 3600000), RESULT_OK);
}

static void a_clock_set_back_puts_nobody_off(void **state)
{
	fail_from(*state, NAT, ALICE, FAILURE_LIMIT_BURST);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS), RESULT_DENIED);
	assert_int_equal(look(*state, NAT, ALICE, NOW_MS - 86400000), RESULT_OK);
}

int main(void)
{
#define LIMITED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		LIMITED(who_is_wrong_too_often_waits),
		LIMITED(others_behind_the_same_address_do_not),
		LIMITED(the_subscriber_himself_elsewhere_does_not),
		LIMITED(another_port_is_no_other_source_nor_is_the_same_64),
		LIMITED(a_source_that_is_wrong_about_many_waits_as_a_whole),
		LIMITED(strangers_who_fill_the_memory_put_nobody_off),
		LIMITED(one_message_counts_once),
		LIMITED(passwords_and_certificates_are_counted_apart),
		LIMITED(what_is_wrong_outside_does_not_count_inside_an_sa),
		LIMITED(a_clock_set_back_puts_nobody_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
