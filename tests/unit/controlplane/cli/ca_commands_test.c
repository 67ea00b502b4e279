#include "controlplane/cli/ca_commands.h"

#include "controlplane/cli/grammar.h"
#include "tests/unit/controlplane/scratch.h"

/* The exit status of "sekishoctl ca WHAT FOLDER REST...". */
static enum session_status ca(const struct scratch *scratch, const char *what, const char *third,
			      const char *fourth, const char *fifth)
{
	const char *words[] = {"ca", what, scratch->folder, third, fourth, fifth};
	enum session_status status;
	json_t *request;
	int count = 3;

	while (count < 6 && words[count] != NULL)
		count++;
	if (grammar_parse(count, words, stderr, &request) != RESULT_OK)
		return SESSION_USAGE;
	assert_true(ca_command_is(request));
	status = ca_command_run(request);
	json_decref(request);
	return status;
}

static void a_ca_is_run_from_the_command_line(void **state)
{
	(void)state;
	struct scratch scratch;
	char path[128];

	scratch_make(&scratch);
	assert_int_equal(ca(&scratch, "init", "--domain", "abc.com", NULL), SESSION_OK);
	assert_int_equal(ca(&scratch, "init", NULL, NULL, NULL), SESSION_REFUSED);
	assert_int_equal(ca(&scratch, "issue", "user-a@abc.com", "--days", "3"), SESSION_OK);
	assert_int_equal(access(scratch_path(&scratch, path, "user-a@abc.com.key"), R_OK), 0);
	assert_int_equal(ca(&scratch, "issue", "user-a@abc.com", "--days", "0"), SESSION_USAGE);
	assert_int_equal(ca(&scratch, "issue", "user-a@abc.com", "--days", "-3"), SESSION_USAGE);
	assert_int_equal(ca(&scratch, "issue", "user-a@abc.com", "--days", "3x"), SESSION_USAGE);
	assert_int_equal(ca(&scratch, "issue", NULL, NULL, NULL), SESSION_USAGE);
	assert_int_equal(ca(&scratch, "revoke", "user-a@abc.com", NULL, NULL), SESSION_OK);
	assert_int_equal(ca(&scratch, "revoke", "user-b@abc.com", NULL, NULL), SESSION_REFUSED);
	assert_int_equal(ca(&scratch, "renew", "--days", "7", NULL), SESSION_OK);
	scratch_remove(&scratch);
}

static void other_commands_are_not_of_the_ca(void **state)
{
	(void)state;
	json_t *request = json_pack("{s:s}", "command", "show status");

	assert_false(ca_command_is(request));
	json_decref(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ca_is_run_from_the_command_line),
		cmocka_unit_test(other_commands_are_not_of_the_ca),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
