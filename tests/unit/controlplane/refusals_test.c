#include "controlplane/refusals.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/heard.h"

#define MINUTE_MS 60000

struct scene {
	struct refusals *refusals;
	struct heard ear;
	char heard[16384];
};

static int make(void **state)
{
	static struct scene scene;

	assert_int_equal(refusals_create(&scene.refusals), RESULT_OK);
	*state = &scene;
	return 0;
}

static int end(void **state)
{
	refusals_destroy(((struct scene *)*state)->refusals);
	return 0;
}

static void listen_to_errors(struct scene *s)
{
	s->ear = heard_begin();
}

/* How often a text was said since. */
static unsigned times_said(struct scene *s, const char *text)
{
	unsigned count = 0;

	heard_end(s->ear, s->heard, sizeof(s->heard));
	for (const char *at = s->heard; (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

static void note(struct scene *s, const char *reason, uint64_t now_ms)
{
	refusals_note(s->refusals, REFUSAL_EXCHANGE, reason, "[2001:db8::1]:5060", now_ms,
		      "key exchange: refused, %s", reason);
}

/* The row of a reason, from an iteration. */
struct wanted {
	const char *reason;
	unsigned rows, found;
	struct refusal row;
};

static void row_look(void *ctx, const struct refusal *refusal)
{
	struct wanted *wanted = ctx;

	wanted->rows++;
	if (strcmp(refusal->reason, wanted->reason) == 0) {
		wanted->found++;
		wanted->row = *refusal;
	}
}

static struct wanted look(const struct scene *s, const char *reason)
{
	struct wanted wanted = {.reason = reason};

	refusals_each(s->refusals, row_look, &wanted);
	return wanted;
}

static void each_reason_is_counted_with_who_was_last(void **state)
{
	struct scene *s = *state;
	struct wanted wanted;

	listen_to_errors(s);
	note(s, "one", 1000);
	note(s, "two", 2000);
	refusals_note(s->refusals, REFUSAL_EXCHANGE, "one", "192.0.2.1:5060", 3000, "a sentence");
	assert_int_equal(times_said(s, "key exchange: refused, one, from [2001:db8::1]:5060\n"), 1);
	wanted = look(s, "one");
	assert_int_equal(wanted.rows, 2);
	assert_int_equal(wanted.found, 1);
	assert_int_equal(wanted.row.count, 2);
	assert_string_equal(wanted.row.from, "192.0.2.1:5060");
	assert_int_equal(wanted.row.last_ms, 3000);
}

static void one_reason_of_two_kinds_is_two(void **state)
{
	struct scene *s = *state;

	listen_to_errors(s);
	note(s, "one", 1000);
	refusals_note(s->refusals, REFUSAL_REQUEST, "one", "", 1000, "a sentence");
	assert_int_equal(times_said(s, "a sentence\n"), 1); /* nobody: nobody is said */
	assert_int_equal(look(s, "one").found, 2);
}

static void flood_is_said_20_times_and_then_twice_a_second(void **state)
{
	struct scene *s = *state;

	listen_to_errors(s);
	for (int i = 0; i < 1000; i++)
		note(s, "the password is wrong", 1000);
	note(s, "the password is wrong", 1500);
	assert_int_equal(times_said(s, "refused, the password is wrong"), 21);
	assert_non_null(strstr(s->heard, "980 sentences about key exchanges were left out\n"));
	assert_int_equal(look(s, "the password is wrong").row.count, 1001);
}

static void flood_does_not_hide_another_reason(void **state)
{
	struct scene *s = *state;

	listen_to_errors(s);
	for (int i = 0; i < 1000; i++)
		note(s, "the password is wrong", 1000);
	for (int i = 0; i < 10; i++)
		note(s, "its share is of low order", 1000);
	assert_int_equal(times_said(s, "of low order"), 1);
	/* a minute on it is said again, however much else there is */
	listen_to_errors(s);
	for (int i = 0; i < 1000; i++)
		note(s, "the password is wrong", 1000 + MINUTE_MS);
	note(s, "its share is of low order", 1000 + MINUTE_MS);
	note(s, "its share is of low order", 1001 + MINUTE_MS);
	assert_int_equal(times_said(s, "of low order"), 1);
}

static void reasons_without_end_are_one_more(void **state)
{
	struct scene *s = *state;
	char reason[32];

	listen_to_errors(s);
	for (int i = 0; i < 3 * REFUSALS_MAX; i++) {
		snprintf(reason, sizeof(reason), "reason %d", i);
		note(s, reason, 1000);
	}
	(void)times_said(s, "reason");
	assert_int_equal(look(s, "reason 0").rows, REFUSALS_MAX + 1);
	assert_int_equal(look(s, "one of the reasons for which there is no more room").row.count,
			 2 * REFUSALS_MAX);
}

static void long_reasons_and_sentences_are_cut(void **state)
{
	struct scene *s = *state;
	char text[4000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	listen_to_errors(s);
	note(s, text, 1000);
	note(s, text, 1000);
	assert_int_equal(times_said(s, "key exchange: refused, xxx"), 2);
	text[REFUSAL_REASON_BYTES - 1] = '\0';
	assert_int_equal(look(s, text).row.count, 2);
}

static void addresses_are_as_in_sip(void **state)
{
	struct contract_address address = {.family = 6, .port = 5060, .bytes = {0x20, 1, [15] = 1}};
	char text[REFUSAL_FROM_BYTES];

	(void)state;
	refusal_from_address(&address, text);
	assert_string_equal(text, "[2001::1]:5060");
	address = (struct contract_address){.family = 4, .port = 7, .bytes = {192, 0, 2, 1}};
	refusal_from_address(&address, text);
	assert_string_equal(text, "192.0.2.1:7");
	address.family = 0;
	refusal_from_address(&address, text);
	assert_string_equal(text, "");
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, make, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(each_reason_is_counted_with_who_was_last),
		SCENE(one_reason_of_two_kinds_is_two),
		SCENE(flood_is_said_20_times_and_then_twice_a_second),
		SCENE(flood_does_not_hide_another_reason),
		SCENE(reasons_without_end_are_one_more),
		SCENE(long_reasons_and_sentences_are_cut),
		SCENE(addresses_are_as_in_sip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
