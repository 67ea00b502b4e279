#include "tests/unit/terminal/channel_bench.h"

#include "shared/base64url.h"

struct pair {
	struct negotiation caller, callee;
	struct said offer, answer, ack;
};

static int begin(void **state)
{
	static struct pair pair;

	memset(&pair, 0, sizeof(pair));
	*state = &pair;
	return 0;
}

static int end(void **state)
{
	struct pair *pair = *state;

	negotiation_end(&pair->caller);
	negotiation_end(&pair->callee);
	return 0;
}

/* Puts text in the place of a field's value. */
static void bend(struct said *said, const char *field, const char *text)
{
	char *at = strstr(said->text, field), *end;
	char rest[sizeof(said->text)];
	size_t rest_len;

	assert_non_null(at);
	at += strlen(field);
	end = at + strcspn(at, ";\r");
	rest_len = said->len - (size_t)(end - said->text);
	memcpy(rest, end, rest_len);
	memcpy(at, text, strlen(text));
	memcpy(at + strlen(text), rest, rest_len);
	said->len = (size_t)(at - said->text) + strlen(text) + rest_len;
}

static enum result callee_takes(struct pair *pair, const char **why)
{
	struct negotiation_settings settings = settings_of(SLICE("user-b@xyz.com"));
	struct places own = places_of(2);

	return negotiation_take_offer(&pair->callee, &settings, &own, said_slice(&pair->offer),
				      why);
}

static void both_sides_agree(void **state)
{
	struct pair *pair = *state;
	const struct agreement *a = &pair->caller.agreement, *b = &pair->callee.agreement;

	agree(&pair->caller, &pair->callee);
	assert_int_equal(pair->caller.state, NEGOTIATION_AGREED);
	assert_int_equal(pair->callee.state, NEGOTIATION_AGREED);
	assert_int_equal(a->suite, SUITE_AES_256_GCM_16);
	assert_int_equal(b->suite, a->suite);
	assert_int_equal(a->spi_in, b->spi_out);
	assert_int_equal(a->spi_out, b->spi_in);
	assert_memory_equal(a->key_in, b->key_out, SUITE_KEY_BYTES);
	assert_memory_equal(a->key_out, b->key_in, SUITE_KEY_BYTES);
	assert_memory_not_equal(a->key_in, a->key_out, 36);
	assert_string_equal(a->string, b->string);
	assert_int_equal(a->places.place[0].bytes[15], 2);
	assert_int_equal(b->places.place[0].bytes[15], 1);
	assert_int_equal(a->places.count, 2);
	assert_int_equal(a->places.place[1].port, 4500);
	assert_memory_equal(a->peer.ipv6.bytes, b->own.ipv6.bytes, 16);
	assert_memory_equal(b->peer.ipv4.bytes, a->own.ipv4.bytes, 4);
}

static void each_call_has_keys_of_its_own(void **state)
{
	struct pair *pair = *state;
	uint8_t before[SUITE_KEY_BYTES];

	agree(&pair->caller, &pair->callee);
	memcpy(before, pair->caller.agreement.key_in, sizeof(before));
	agree(&pair->caller, &pair->callee);
	assert_memory_not_equal(before, pair->caller.agreement.key_in, 36);
}

static void who_says_nothing_is_not_refused(void **state)
{
	struct pair *pair = *state;
	const char *why = NULL;

	pair->offer.len = 0;
	assert_int_equal(callee_takes(pair, &why), RESULT_NOT_FOUND);
	caller_offers(&pair->caller, &pair->offer);
	assert_int_equal(caller_takes(&pair->caller, &pair->answer, &pair->ack, &why),
			 RESULT_NOT_FOUND);
	assert_int_equal(pair->caller.state, NEGOTIATION_NONE);
	assert_null(why);
}

static void a_bent_offer_is_refused_with_a_reason(void **state)
{
	static const struct {
		const char *field, *value, *reason;
	} cases[] = {
		{"share=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "low order"},
		{"share=", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "low order"},
		{"share=", "AAAA", "malformed"},
		{"commitment=", "AAAA", "malformed"},
		{"suites=", "null-hmac-sha-256-128", "strong"},
		{"suites=", "aes-128-cbc-hmac-sha-1-96", "strong"},
		{"suites=", "unheard-of", "strong"},
		{"address=", "192.0.2.1", "IP version"},
		{"address=", "ff02::1", "malformed"},
		{"address=", "::1", "malformed"},
		{"udp=", "[2001::1]:53", "malformed"},
		{"udp=", "[2001::9]:4500", "gateway"},
		{"address=", "2001::9", "gateway"},
		{"spi=", "00000001", "malformed"},
	};
	struct pair *pair = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = NULL;

		caller_offers(&pair->caller, &pair->offer);
		bend(&pair->offer, cases[i].field, cases[i].value);
		if (strcmp(cases[i].value, "192.0.2.1") == 0)
			bend(&pair->offer, "udp=", "192.0.2.1:4500");
		assert_int_equal(callee_takes(pair, &why), RESULT_DENIED);
		assert_non_null(strstr(why, cases[i].reason));
		assert_int_equal(pair->callee.state, NEGOTIATION_NONE);
	}
}

static void a_bent_answer_is_refused_with_a_reason(void **state)
{
	static const struct {
		const char *field, *value, *reason;
	} cases[] = {
		{"share=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "low order"},
		{"share=", "", "malformed"},
		{"suites=", "null-hmac-sha-256-128", "not offered"},
		{"suites=", "aes-128-cbc-hmac-sha-1-96", "not offered"},
		{"suites=", "aes-128-gcm-16,aes-256-gcm-16", "not offered"},
		{"address=", "192.0.2.1", "IP version"},
		{"address=", "2001::9", "gateway"},
	};
	struct pair *pair = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why = NULL;

		caller_offers(&pair->caller, &pair->offer);
		callee_answers(&pair->callee, &pair->offer, &pair->answer);
		bend(&pair->answer, cases[i].field, cases[i].value);
		if (strcmp(cases[i].value, "192.0.2.1") == 0)
			bend(&pair->answer, "udp=", "192.0.2.1:4500");
		assert_int_equal(caller_takes(&pair->caller, &pair->answer, &pair->ack, &why),
				 RESULT_DENIED);
		assert_non_null(strstr(why, cases[i].reason));
		assert_int_equal(pair->ack.len, 0);
	}
}

/* A gateway that takes the stronger suite out of the offer. */
static void downgraded_suites_make_other_keys(void **state)
{
	struct pair *pair = *state;
	const char *why = NULL;

	caller_offers(&pair->caller, &pair->offer);
	bend(&pair->offer, "suites=", "aes-128-gcm-16");
	callee_answers(&pair->callee, &pair->offer, &pair->answer);
	assert_int_equal(caller_takes(&pair->caller, &pair->answer, &pair->ack, &why), RESULT_OK);
	assert_int_equal(negotiation_take_reveal(&pair->callee, said_slice(&pair->ack), &why),
			 RESULT_OK);
	assert_memory_not_equal(pair->caller.agreement.key_in, pair->callee.agreement.key_out, 20);
	assert_string_not_equal(pair->caller.agreement.string, pair->callee.agreement.string);
}

/* A gateway that puts shares of its own in both ways: what the string is for. */
static void a_forged_answer_shows_in_the_string(void **state)
{
	struct pair *pair = *state;
	struct negotiation forger = {0};
	struct said forged;
	const char *why = NULL;

	caller_offers(&pair->caller, &pair->offer);
	callee_answers(&forger, &pair->offer, &forged);
	callee_answers(&pair->callee, &pair->offer, &pair->answer);
	assert_int_equal(caller_takes(&pair->caller, &forged, &pair->ack, &why), RESULT_OK);
	assert_int_equal(negotiation_take_reveal(&pair->callee, said_slice(&pair->ack), &why),
			 RESULT_OK);
	assert_memory_not_equal(pair->caller.agreement.key_in, pair->callee.agreement.key_out, 36);
	assert_string_not_equal(pair->caller.agreement.string, pair->callee.agreement.string);
	negotiation_end(&forger);
}

static void a_reveal_that_was_not_committed_to_is_refused(void **state)
{
	static const char *const bodies[] = {
		"",
		"reveal=",
		"reveal=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
		"reveal=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"reveal=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!\r\n",
		"revoke=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n",
	};
	struct pair *pair = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const char *why = NULL;

		caller_offers(&pair->caller, &pair->offer);
		callee_answers(&pair->callee, &pair->offer, &pair->answer);
		assert_int_equal(negotiation_take_reveal(&pair->callee,
							 slice_make(bodies[i], strlen(bodies[i])),
							 &why),
				 RESULT_DENIED);
		assert_non_null(why);
		assert_int_equal(pair->callee.state, NEGOTIATION_NONE);
	}
}

static void a_call_under_another_name_is_refused(void **state)
{
	struct pair *pair = *state;
	struct negotiation_settings settings = settings_of(SLICE("user-c@xyz.com"));
	struct ua_parties parties = parties_of(false);
	char line[UA_SESSION_LINES_BYTES];
	struct writer w = writer_make(line, sizeof(line));
	const char *why = NULL;

	caller_offers(&pair->caller, &pair->offer);
	assert_int_equal(callee_takes(pair, &why), RESULT_OK);
	assert_int_equal(negotiation_answer(&pair->callee, &settings, &parties, &w, &why),
			 RESULT_DENIED);
	assert_non_null(strstr(why, "name"));
	assert_int_equal(w.len, 0);
}

static void an_ended_negotiation_is_wiped(void **state)
{
	static const struct negotiation zero;
	struct pair *pair = *state;

	agree(&pair->caller, &pair->callee);
	negotiation_end(&pair->caller);
	assert_memory_equal(&pair->caller, &zero, sizeof(zero));
}

#define PAIR_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(both_sides_agree),
		PAIR_TEST(each_call_has_keys_of_its_own),
		PAIR_TEST(who_says_nothing_is_not_refused),
		PAIR_TEST(a_bent_offer_is_refused_with_a_reason),
		PAIR_TEST(a_bent_answer_is_refused_with_a_reason),
		PAIR_TEST(downgraded_suites_make_other_keys),
		PAIR_TEST(a_forged_answer_shows_in_the_string),
		PAIR_TEST(a_reveal_that_was_not_committed_to_is_refused),
		PAIR_TEST(a_call_under_another_name_is_refused),
		PAIR_TEST(an_ended_negotiation_is_wiped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
