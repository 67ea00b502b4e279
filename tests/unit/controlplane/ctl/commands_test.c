/* controlplane/ctl/commands.c: every command leads somewhere, and others nowhere. */
#include "tests/unit/controlplane/ctl/asked.h"

static void every_command_is_known(void **state)
{
	static const char *const commands[] = {
		"subscriber add",     "subscriber passwd", "subscriber delete", "subscriber enable",
		"subscriber disable", "subscriber list",   "group add",		"group remove",
		"group list",	      "policy add",	   "policy delete",	"policy list",
		"policy test",	      "key rotate",	   "peer rekey",	"terms",
		"show registrations", "show sas",	   "show peers",	"show counters",
		"show drops",	      "show status",	   "subscriber digest",	"subscriber no-digest",
		"subscriber legacy",  "subscriber no-legacy",
	};
	struct asked *a = *state;
	char request[128];

	plane_die(&a->g->plane);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		const char *error;
		json_t *answer;

		snprintf(request, sizeof(request), "{\"command\":\"%s\"}", commands[i]);
		answer = ask(a, request);
		error = json_string_value(json_object_get(answer, "error"));
		assert_true(error == NULL || strstr(error, "there is no command") == NULL);
		json_decref(answer);
	}
}

static void commands_are_not_shortened_here(void **state)
{
	ask_error(*state, "{\"command\":\"policy\"}", "there is no command \"policy\"");
	ask_error(*state, "{\"command\":\"policy listing\"}",
		  "there is no command \"policy listing\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(every_command_is_known),
		ASKED_TEST(commands_are_not_shortened_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
