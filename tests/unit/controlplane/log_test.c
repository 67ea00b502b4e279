#include "controlplane/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/heard.h"

static void burst_passes_and_then_one_each_interval(void **state)
{
	struct log_limit limit = log_limit_make(3, 100);
	uint64_t left_out = 99;
	int passed = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		passed += log_limit_pass(&limit, 1000, &left_out);
	assert_int_equal(passed, 3);
	assert_false(log_limit_pass(&limit, 1050, &left_out));
	assert_true(log_limit_pass(&limit, 1100, &left_out));
	assert_int_equal(left_out, 8);
	assert_false(log_limit_pass(&limit, 1150, &left_out));
}

static void long_silence_saves_up_no_more_than_a_burst(void **state)
{
	struct log_limit limit = log_limit_make(3, 100);
	uint64_t left_out;
	int passed = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		passed += log_limit_pass(&limit, 1000000, &left_out);
	assert_int_equal(passed, 3);
}

/* Says "one" if it may; what then stood on standard error. */
static void admitted(struct log_limit *limit, uint64_t now_ms, char text[128])
{
	const struct heard heard = heard_begin();

	if (log_limit_admit(limit, now_ms, "events"))
		log_say("one");
	heard_end(heard, text, 128);
}

static void said_by(char text[128], const char *sentence)
{
	const struct heard heard = heard_begin();

	log_say("%s", sentence);
	heard_end(heard, text, 128);
}

static void what_was_left_out_is_said_before_the_next(void **state)
{
	struct log_limit limit = log_limit_make(1, 100);
	char text[128];

	(void)state;
	admitted(&limit, 1000, text);
	assert_string_equal(text, "sekisho-controlplane: one\n");
	admitted(&limit, 1010, text);
	assert_string_equal(text, "");
	admitted(&limit, 1020, text);
	assert_string_equal(text, "");
	admitted(&limit, 1100, text);
	assert_string_equal(text, "sekisho-controlplane: 2 events were left out\n"
				  "sekisho-controlplane: one\n");
}

static void what_would_command_a_terminal_is_not_said(void **state)
{
	char text[128];

	(void)state;
	said_by(text, "\x1b[2J \xc2\x9b\x32J \x9b\x32J 関所\n\x7f");
	assert_string_equal(text, "sekisho-controlplane: ?[2J ??2J ?2J 関所??\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst_passes_and_then_one_each_interval),
		cmocka_unit_test(long_silence_saves_up_no_more_than_a_burst),
		cmocka_unit_test(what_was_left_out_is_said_before_the_next),
		cmocka_unit_test(what_would_command_a_terminal_is_not_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
