/* controlplane/cli/grammar.c and tables.c */
#include "controlplane/cli/grammar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

/* Words separated by blanks. */
static int words_split(char *text, const char **words)
{
	int count = 0;

	for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
		words[count++] = word;
	return count;
}

static void request_is(const char *text, const char *expected)
{
	const char *words[GRAMMAR_WORDS_MAX];
	char copy[256], *json;
	json_t *request;

	strcpy(copy, text);
	assert_int_equal(grammar_parse(words_split(copy, words), words, stderr, &request),
			 RESULT_OK);
	json = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(json, expected);
	free(json);
	json_decref(request);
}

static void refused_with(const char *text, const char *expected)
{
	const char *words[GRAMMAR_WORDS_MAX];
	char copy[256], *told = NULL;
	size_t length = 0;
	json_t *request = NULL;
	FILE *errors = open_memstream(&told, &length);

	strcpy(copy, text);
	assert_int_equal(grammar_parse(words_split(copy, words), words, errors, &request),
			 RESULT_BAD);
	assert_null(request);
	fclose(errors);
	assert_string_equal(told, expected);
	free(told);
}

static void every_command_becomes_a_request(void **state)
{
	(void)state;
	request_is("subscriber add user-a@abc.com",
		   "{\"command\":\"subscriber add\",\"id\":\"user-a@abc.com\"}");
	request_is("subscriber add a --identity b@c.d --password-stdin --identity e@f.g",
		   "{\"command\":\"subscriber add\",\"id\":\"a\","
		   "\"identities\":[\"b@c.d\",\"e@f.g\"],\"password_stdin\":true}");
	request_is("policy add -5 allow any @xyz.com INVITE,MESSAGE --minimum-level 2",
		   "{\"action\":\"allow\",\"callee\":\"@xyz.com\",\"caller\":\"any\","
		   "\"command\":\"policy add\",\"methods\":\"INVITE,MESSAGE\","
		   "\"minimum_level\":2,\"priority\":-5}");
	request_is("policy test a@b c@d INVITE",
		   "{\"callee\":\"c@d\",\"caller\":\"a@b\",\"command\":\"policy test\","
		   "\"method\":\"INVITE\"}");
	request_is("subscriber digest a --password-stdin",
		   "{\"command\":\"subscriber digest\",\"id\":\"a\",\"password_stdin\":true}");
	request_is("subscriber no-digest a", "{\"command\":\"subscriber no-digest\",\"id\":\"a\"}");
	request_is("subscriber legacy a", "{\"command\":\"subscriber legacy\",\"id\":\"a\"}");
	request_is("subscriber no-legacy a", "{\"command\":\"subscriber no-legacy\",\"id\":\"a\"}");
	request_is("policy delete 7", "{\"command\":\"policy delete\",\"id\":7}");
	request_is("group remove staff a@b",
		   "{\"aor\":\"a@b\",\"command\":\"group remove\",\"group\":\"staff\"}");
	request_is("show registrations", "{\"command\":\"show registrations\"}");
	request_is("peer rekey", "{\"command\":\"peer rekey\"}");
	request_is("peer rekey xyz.com", "{\"command\":\"peer rekey\",\"name\":\"xyz.com\"}");
	request_is("configure check", "{\"command\":\"configure check\"}");
	request_is("configure commit", "{\"command\":\"configure commit\"}");
	request_is("configure commit 60", "{\"command\":\"configure commit\",\"confirm_s\":60}");
	request_is("configure confirm", "{\"command\":\"configure confirm\"}");
	request_is("configure undo", "{\"command\":\"configure undo\"}");
}

static void beginnings_that_are_unique_are_enough(void **state)
{
	(void)state;
	request_is("sh reg", "{\"command\":\"show registrations\"}");
	request_is("su li", "{\"command\":\"subscriber list\"}");
	refused_with("s l", "\"s\" cannot stand here; expected: subscriber, group, policy, key, "
			    "ca, peer, show, configure\n");
}

static void what_cannot_stand_is_told_with_what_can(void **state)
{
	(void)state;
	refused_with("show foo", "\"foo\" cannot stand here; expected: registrations, sas, peers, "
				 "counters, drops, store, status, workers, ports, refusals\n");
	refused_with("policy add x", "\"x\" cannot stand here; expected: PRIORITY\n");
	refused_with("policy add 1", "after \"policy add 1\" something is missing; expected: "
				     "allow|deny|limit\n");
	refused_with("peer rekey --all", "\"--all\" cannot stand here; expected: NAME, the end\n");
	refused_with("peer rekey a b", "\"b\" cannot stand here; expected: the end\n");
	refused_with("show drops now", "\"now\" cannot stand here; expected: the end\n");
	refused_with("subscriber add a --identity", "--identity needs a value: --identity TEXT\n");
	refused_with("policy test a b c --level 4",
		     "\"4\" cannot be a value of --level; expected: --level 0..3\n");
	refused_with("policy test a b c --level -1",
		     "\"-1\" cannot be a value of --level; expected: --level 0..3\n");
	refused_with("policy test a b c --at noon",
		     "\"noon\" cannot be a value of --at; expected: --at NUMBER\n");
	refused_with("subscriber add a --unknown",
		     "\"--unknown\" cannot stand here; expected: --identity TEXT, "
		     "--password-stdin, --certificate, the end\n");
	refused_with("policy delete 99999999999999999999",
		     "\"99999999999999999999\" cannot stand here; expected: ID\n");
}

static void passwords_have_no_place_in_the_grammar(void **state)
{
	(void)state;
	refused_with("subscriber passwd a secret",
		     "\"secret\" cannot stand here; expected: --password-stdin, the end\n");
}

static void words_can_be_completed(void **state)
{
	static const char *const show[] = {"show"};
	const char *found[8];

	(void)state;
	assert_int_equal(grammar_complete(0, NULL, "p", found, 8), 2);
	assert_string_equal(found[0], "policy");
	assert_string_equal(found[1], "peer");
	assert_int_equal(grammar_complete(1, show, "dr", found, 8), 1);
	assert_string_equal(found[0], "drops");
	assert_int_equal(grammar_complete(1, show, "", found, 3), 3);
	assert_int_equal(grammar_complete(1, (const char *const[]){"nothing"}, "", found, 8), 0);
}

static void where_a_peer_may_stand_is_known(void **state)
{
	(void)state;
	assert_true(grammar_wants_peer(2, (const char *const[]){"peer", "rekey"}));
	assert_false(grammar_wants_peer(3, (const char *const[]){"peer", "rekey", "xyz.com"}));
	assert_false(grammar_wants_peer(1, (const char *const[]){"peer"}));
	assert_false(grammar_wants_peer(1, (const char *const[]){"nothing"}));
}

/* What help says of these words; the caller frees it. */
static char *help_of(int count, const char *const *words, enum result expected)
{
	char *told = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&told, &length);

	assert_int_equal(grammar_help(count, words, to, to), expected);
	fclose(to);
	return told;
}

static void help_lists_every_command(void **state)
{
	char *told = help_of(0, NULL, RESULT_OK);

	(void)state;
	assert_non_null(strstr(told, "  subscriber add ID [--identity TEXT]... [--password-stdin] "
				     "[--certificate]\n"));
	assert_non_null(strstr(told,
			       "  policy add PRIORITY allow|deny|limit CALLER CALLEE [METHODS]\n"
			       "      [--minimum-level 0..3] [--hours TEXT] [--rate TEXT]\n"));
	assert_non_null(strstr(told, "  peer rekey [NAME]\n"));
	assert_non_null(strstr(told, "  show status\n"));
	free(told);
}

static void help_fits_a_screen_of_80_columns(void **state)
{
	char *told = help_of(0, NULL, RESULT_OK);

	(void)state;
	for (char *line = strtok(told, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (strlen(line) > 80)
			fail_msg("too long: %s", line);
	free(told);
}

static void help_of_words_is_what_begins_with_them(void **state)
{
	char *told = help_of(1, (const char *const[]){"group"}, RESULT_OK);

	(void)state;
	assert_string_equal(told, "  group add GROUP AOR\n  group remove GROUP AOR\n"
				  "  group list\n");
	free(told);
	told = help_of(2, (const char *const[]){"subscriber", "passwd"}, RESULT_OK);
	assert_string_equal(told, "  subscriber passwd ID [--password-stdin]\n");
	free(told);
	told = help_of(2, (const char *const[]){"group", "rename"}, RESULT_BAD);
	assert_string_equal(told, "\"rename\" cannot stand here; expected: add, remove, list\n");
	free(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_becomes_a_request),
		cmocka_unit_test(beginnings_that_are_unique_are_enough),
		cmocka_unit_test(what_cannot_stand_is_told_with_what_can),
		cmocka_unit_test(passwords_have_no_place_in_the_grammar),
		cmocka_unit_test(words_can_be_completed),
		cmocka_unit_test(where_a_peer_may_stand_is_known),
		cmocka_unit_test(help_lists_every_command),
		cmocka_unit_test(help_fits_a_screen_of_80_columns),
		cmocka_unit_test(help_of_words_is_what_begins_with_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
