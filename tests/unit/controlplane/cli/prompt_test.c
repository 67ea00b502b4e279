/* controlplane/cli/prompt.c, against a real admin socket. */
#include "tests/unit/controlplane/cli/served.h"

/* libedit never frees the names of a function that is added to it (EL_ADDFN). */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:wcsdup\n";
}

static enum session_status prompt_of(struct served *served, int count, const char *const *words)
{
	(void)count, (void)words;
	return session_prompt(&served->session);
}

static void commands_are_carried_out_until_quit(void **state)
{
	struct served *served = *state;

	assert_int_equal(served_run(served,
				    "group add staff 'user-a@abc.com'\n\ngroup list\nquit\n"
				    "group remove staff user-a@abc.com\n",
				    prompt_of, 0, NULL),
			 SESSION_OK);
	assert_non_null(strstr(served->out, "staff  user-a@abc.com\n"));
	assert_int_equal(served_run(served, "group list\n", prompt_of, 0, NULL), SESSION_OK);
	assert_non_null(strstr(served->out, "staff  user-a@abc.com\n"));
}

static void mistakes_do_not_end_it(void **state)
{
	struct served *served = *state;

	assert_int_equal(served_run(served,
				    "nonsense\n'open\nhelp policy\nhelp nonsense\npolicy list\n",
				    prompt_of, 0, NULL),
			 SESSION_OK);
	assert_non_null(strstr(served->out, "policy test CALLER CALLEE METHOD"));
	assert_non_null(strstr(served->out, "everything is denied"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED_TEST(commands_are_carried_out_until_quit),
		SERVED_TEST(mistakes_do_not_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
