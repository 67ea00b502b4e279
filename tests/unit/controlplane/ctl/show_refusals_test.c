/* controlplane/ctl/show_refusals.c: what was refused is shown, the most frequent first. */
#include "tests/unit/controlplane/ctl/asked.h"


static void nothing_refused_is_an_empty_list(void **state)
{
	ask_result(*state, "{\"command\":\"show refusals\"}", "[]");
}

static const char *text_at(const json_t *list, size_t at, const char *field)
{
	return json_string_value(json_object_get(json_array_get(list, at), field));
}

static void each_reason_has_a_row_the_most_frequent_first(void **state)
{
	struct asked *a = *state;
	json_t *answer;
	const json_t *list;

	gateway_admin_refused(a->g->gateway, "a rare reason", "user 7, process 1");
	gateway_admin_refused(a->g->gateway, "a frequent reason", "user 8, process 2");
	gateway_admin_refused(a->g->gateway, "a frequent reason", "user 9, process 3");
	answer = ask(a, "{\"command\":\"show refusals\"}");
	list = json_object_get(answer, "result");
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(text_at(list, 0, "of"), "admin socket");
	assert_string_equal(text_at(list, 0, "reason"), "a frequent reason");
	assert_string_equal(text_at(list, 0, "last_from"), "user 9, process 3");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "count")), 2);
	assert_true(json_integer_value(json_object_get(json_array_get(list, 0), "last_s")) > 0);
	assert_string_equal(text_at(list, 1, "reason"), "a rare reason");
	json_decref(answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(nothing_refused_is_an_empty_list),
		ASKED_TEST(each_reason_has_a_row_the_most_frequent_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
