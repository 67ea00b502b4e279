/* controlplane/ctl/group_commands.c */
#include "tests/unit/controlplane/ctl/asked.h"

static void members_come_and_go(void **state)
{
	ask_result(*state, "{\"command\":\"group add\",\"group\":\"staff\",\"aor\":\"B@XYZ.com\"}",
		   "");
	ask_result(*state, "{\"command\":\"group list\"}",
		   "[{\"aor\":\"B@xyz.com\",\"group\":\"staff\"}]");
	ask_error(*state, "{\"command\":\"group add\",\"group\":\"staff\",\"aor\":\"B@xyz.com\"}",
		  "it is a member already");
	ask_result(*state,
		   "{\"command\":\"group remove\",\"group\":\"staff\",\"aor\":\"B@xyz.com\"}", "");
	ask_error(*state,
		  "{\"command\":\"group remove\",\"group\":\"staff\",\"aor\":\"B@xyz.com\"}",
		  "it is no member of such a group");
}

static void names_that_are_none_are_refused(void **state)
{
	ask_error(*state, "{\"command\":\"group add\",\"group\":\"a b\",\"aor\":\"a@b.c\"}",
		  "\"a b\" is no group's name: letters, digits, \"-\", \"_\", \".\"");
	ask_error(*state, "{\"command\":\"group add\",\"group\":\"g\",\"aor\":\"b.c\"}",
		  "\"b.c\" is no address of record");
	ask_error(*state, "{\"command\":\"group add\",\"aor\":\"b.c\"}",
		  "\"group\" must be a text of 1 to 63 bytes");
}

static void seventeenth_group_is_refused(void **state)
{
	char request[128];

	for (int i = 0; i < LIMIT_IDENTITY_GROUPS; i++) {
		snprintf(request, sizeof(request),
			 "{\"command\":\"group add\",\"group\":\"g%d\",\"aor\":\"a@b.c\"}", i);
		ask_result(*state, request, "");
	}
	ask_error(*state, "{\"command\":\"group add\",\"group\":\"more\",\"aor\":\"a@b.c\"}",
		  "a@b.c is in 16 groups already, as many as can be");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(members_come_and_go),
		ASKED_TEST(names_that_are_none_are_refused),
		ASKED_TEST(seventeenth_group_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
