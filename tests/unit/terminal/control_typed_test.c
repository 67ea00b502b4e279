/* Commands as people type them: requests of the right ones, a sentence for the others. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/control/typed.h"

#define WORDS 8

/* What is typed, cut at each '|'. */
static int cut(char *line, char *words[WORDS])
{
	int count = 0;

	for (char *word = line; word && count < WORDS; count++) {
		words[count] = word;
		word = strchr(word, '|');
		if (word)
			*word++ = 0;
	}
	return count;
}

static void request_is(const char *typed, const char *expected)
{
	char line[256], *words[WORDS], *told;
	size_t size;
	FILE *report = open_memstream(&told, &size);
	json_t *request = NULL;
	char *text;

	snprintf(line, sizeof(line), "%s", typed);
	assert_int_equal(typed_request(cut(line, words), words, report, &request), RESULT_OK);
	text = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, expected);
	fclose(report);
	assert_string_equal(told, "");
	free(text);
	free(told);
	json_decref(request);
}

static void refused_with(const char *typed, const char *sentence)
{
	char line[256], *words[WORDS], *told;
	size_t size;
	FILE *report = open_memstream(&told, &size);
	json_t *request = NULL;

	snprintf(line, sizeof(line), "%s", typed);
	assert_int_equal(typed_request(cut(line, words), words, report, &request), RESULT_BAD);
	assert_null(request);
	fclose(report);
	assert_string_equal(told, sentence);
	free(told);
}

static void words_stand_under_their_keys(void **state)
{
	(void)state;
	request_is("call|user-b@xyz.com", "{\"command\":\"call\",\"to\":\"user-b@xyz.com\"}");
	request_is("message|user-b@xyz.com|on my way",
		   "{\"command\":\"message\",\"text\":\"on my way\",\"to\":\"user-b@xyz.com\"}");
	request_is("wait|incoming", "{\"command\":\"wait\",\"event\":\"incoming\"}");
	request_is("hangup", "{\"command\":\"hangup\"}");
	request_is("hangup|2", "{\"call\":\"2\",\"command\":\"hangup\"}");
	request_is("quit", "{\"command\":\"quit\"}");
}

static void a_missing_word_is_named_with_an_example(void **state)
{
	(void)state;
	refused_with("call", "sekisho-terminal: call: the AOR is missing; for example: "
			     "sekisho-terminal call user-b@xyz.com\n");
	refused_with("message|user-b@xyz.com",
		     "sekisho-terminal: message: the TEXT is missing; for example: "
		     "sekisho-terminal message user-b@xyz.com \"on my way\"\n");
}

static void a_word_too_many_is_named(void **state)
{
	(void)state;
	refused_with("message|user-b@xyz.com|on|my|way",
		     "sekisho-terminal: message: \"my\" is a word too many; for example: "
		     "sekisho-terminal message user-b@xyz.com \"on my way\"\n");
	refused_with("rekey|all", "sekisho-terminal: rekey takes no word after it, not \"all\"; "
				  "for example: sekisho-terminal rekey\n");
}

static void a_command_that_is_nearly_one_is_guessed(void **state)
{
	(void)state;
	refused_with("stats", "sekisho-terminal: there is no command \"stats\"; is it status?\n");
	refused_with("hangpu", "sekisho-terminal: there is no command \"hangpu\"; is it hangup?\n");
	refused_with("Call|x", "sekisho-terminal: there is no command \"Call\"; is it call?\n");
}

static void others_are_not(void **state)
{
	(void)state;
	refused_with("dial", "sekisho-terminal: there is no command \"dial\"; "
			     "sekisho-terminal --help has all of them\n");
	refused_with("", "sekisho-terminal: there is no command \"\"; "
			 "sekisho-terminal --help has all of them\n");
	refused_with("statusstatusstatusstatus",
		     "sekisho-terminal: there is no command \"statusstatusstatusstatus\"; "
		     "sekisho-terminal --help has all of them\n");
}

static void what_is_no_utf_8_is_no_word(void **state)
{
	(void)state;
	refused_with("call|\xff", "sekisho-terminal: \"\xff\" is no UTF-8\n");
}

static void each_is_in_the_list(void **state)
{
	char *told;
	size_t size;
	FILE *to = open_memstream(&told, &size);

	(void)state;
	typed_show(to);
	fclose(to);
	assert_non_null(strstr(told, "  call AOR "));
	assert_non_null(strstr(told, "  message AOR TEXT "));
	assert_non_null(strstr(told, "  quit "));
	free(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_under_their_keys),
		cmocka_unit_test(a_missing_word_is_named_with_an_example),
		cmocka_unit_test(a_word_too_many_is_named),
		cmocka_unit_test(a_command_that_is_nearly_one_is_guessed),
		cmocka_unit_test(others_are_not),
		cmocka_unit_test(what_is_no_utf_8_is_no_word),
		cmocka_unit_test(each_is_in_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
