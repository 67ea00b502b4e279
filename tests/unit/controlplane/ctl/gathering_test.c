/* controlplane/ctl/gathering.c */
#include "tests/unit/controlplane/ctl/asked.h"

static void everything_that_the_data_plane_says_is_in_the_answer(void **state)
{
	struct asked *a = *state;
	json_t *answer;

	gatewayed_serve(a->g);
	answer = ask(a, "{\"command\":\"show counters\"}");
	assert_int_equal(json_array_size(json_object_get(answer, "result")), 3);
	json_decref(answer);
}

static void a_data_plane_that_goes_while_it_is_asked_is_an_answer(void **state)
{
	static const char request[] = "{\"command\":\"show sas\"}\n";
	struct asked *a = *state;
	json_t *answer;
	char *line;

	gatewayed_serve(a->g);
	say(a, request, strlen(request));
	plane_die(&a->g->plane);
	line = said(a);
	answer = json_loads(line, 0, NULL);
	free(line);
	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_non_null(strstr(json_string_value(json_object_get(answer, "error")),
			       "does sekisho-dataplane run"));
	json_decref(answer);
	/* and the connection is good for the next one */
	ask_in_vain(a, "{\"command\":\"show sas\"}");
}

static void who_asks_for_the_data_plane_in_vain_hears_where_it_should_be(void **state)
{
	struct asked *a = *state;

	plane_die(&a->g->plane);
	ask_in_vain(a, "{\"command\":\"peer rekey\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(everything_that_the_data_plane_says_is_in_the_answer),
		ASKED_TEST(a_data_plane_that_goes_while_it_is_asked_is_an_answer),
		ASKED_TEST(who_asks_for_the_data_plane_in_vain_hears_where_it_should_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
