#include "controlplane/ctl/server.h"

#include "tests/unit/controlplane/ctl/asked.h"

static void garbage_is_answered_and_the_next_request_served(void **state)
{
	static const char *const garbage[] = {
		"garbage",
		"{",
		"[1,2]",
		"42",
		"\"text\"",
		"{\"command\":5}",
		"{}",
		"",
		"{\"command\":\"a\",\"command\":\"b\"}",
		"\xff\xfe",
		"{\"command\":\"\\u0000\"}",
	};
	struct asked *a = *state;

	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		json_t *answer = ask(a, garbage[i]);

		assert_true(json_is_false(json_object_get(answer, "ok")));
		assert_true(json_string_length(json_object_get(answer, "error")) > 0);
		json_decref(answer);
	}
	ask_result(a, "{\"command\":\"policy list\"}", "[]");
}

static void nul_bytes_are_garbage_too(void **state)
{
	struct asked *a = *state;
	char *line;

	say(a, "\0\0\0\n", 4);
	line = said(a);
	assert_non_null(strstr(line, "\"ok\":false"));
	free(line);
	ask_result(a, "{\"command\":\"policy list\"}", "[]");
}

static void unknown_command_is_named(void **state)
{
	ask_error(*state, "{\"command\":\"make coffee\"}", "there is no command \"make coffee\"");
}

static void id_of_a_request_comes_back(void **state)
{
	json_t *answer = ask(*state, "{\"command\":\"policy list\",\"id\":{\"n\":7}}");

	assert_int_equal(json_integer_value(json_object_get(json_object_get(answer, "id"), "n")),
			 7);
	json_decref(answer);
}

static void several_requests_in_one_write_are_answered_in_order(void **state)
{
	static const char both[] = "{\"command\":\"show counters\",\"id\":1}\n"
				   "{\"command\":\"policy list\",\"id\":2}\n";
	struct asked *a = *state;
	char *first, *second;

	say(a, both, sizeof(both) - 1);
	first = said(a);
	second = said(a);
	assert_non_null(strstr(first, "\"id\":1"));
	assert_non_null(strstr(second, "\"id\":2"));
	free(first);
	free(second);
}

static void line_that_does_not_end_is_refused_and_the_connection_closed(void **state)
{
	struct asked *a = *state;
	char *many = malloc(CTL_LINE_BYTES), *line;

	memset(many, ' ', CTL_LINE_BYTES);
	say(a, many, CTL_LINE_BYTES);
	free(many);
	line = said(a);
	assert_non_null(strstr(line, "longer than a line may be"));
	free(line);
	line = said(a);
	assert_string_equal(line, "");
	free(line);
}

static void connections_are_bounded(void **state)
{
	struct asked *a = *state;
	int fds[CTL_CONNECTIONS + 4], first = a->fd;
	char byte;

	for (int i = 0; i < CTL_CONNECTIONS + 4; i++) {
		fds[i] = admin_connect(a);
		plane_turn(&a->g->plane);
	}
	plane_settle(&a->g->plane);
	/* those silent for longest have made room, and whoever comes is served */
	assert_int_equal(recv(first, &byte, 1, 0), 0);
	assert_int_equal(recv(fds[0], &byte, 1, 0), 0);
	assert_int_equal(recv(fds[4], &byte, 1, 0), -1);
	a->fd = fds[CTL_CONNECTIONS + 3];
	ask_result(a, "{\"command\":\"policy list\"}", "[]");
	for (int i = 0; i < CTL_CONNECTIONS + 4; i++)
		close(fds[i]);
	plane_settle(&a->g->plane);
	a->fd = admin_connect(a);
	ask_result(a, "{\"command\":\"policy list\"}", "[]");
	close(first);
}

/* Who asks on and on and reads nothing is not read any more, and what waits for him is bounded. */
static void who_reads_no_answers_is_not_asked_for_more(void **state)
{
	static const char request[] = "{\"command\":\"show refusals\"}\n";
	static char many[1000 * (sizeof(request) - 1)];
	struct asked *a = *state;
	int silent = a->fd;
	size_t sent = 0;
	unsigned stuck = 0;

	for (size_t at = 0; at < sizeof(many); at += sizeof(request) - 1)
		memcpy(many + at, request, sizeof(request) - 1);
	ask_error(a, "{\"command\":\"no such\"}", "there is no command \"no such\"");
	while (stuck < 200 && sent < 16u << 20) {
		ssize_t written = send(silent, many, sizeof(many), MSG_NOSIGNAL);

		sent += written > 0 ? (size_t)written : 0;
		stuck = written > 0 ? 0 : stuck + 1;
		plane_turn(&a->g->plane);
	}
	assert_true(stuck >= 200);
	a->fd = admin_connect(a);
	ask_result(a, "{\"command\":\"policy list\"}", "[]");
	close(silent);
}

static void client_that_leaves_before_its_answer_harms_nobody(void **state)
{
	static const char request[] = "{\"command\":\"show counters\"}\n";
	struct asked *a = *state;

	gatewayed_serve(a->g);
	say(a, request, sizeof(request) - 1);
	plane_turn(&a->g->plane);
	plane_turn(&a->g->plane);
	close(a->fd);
	plane_settle(&a->g->plane);
	gatewayed_serve(a->g);
	a->fd = admin_connect(a);
	ask_result(a, "{\"command\":\"policy list\"}", "[]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(garbage_is_answered_and_the_next_request_served),
		ASKED_TEST(nul_bytes_are_garbage_too),
		ASKED_TEST(unknown_command_is_named),
		ASKED_TEST(id_of_a_request_comes_back),
		ASKED_TEST(several_requests_in_one_write_are_answered_in_order),
		ASKED_TEST(line_that_does_not_end_is_refused_and_the_connection_closed),
		ASKED_TEST(connections_are_bounded),
		ASKED_TEST(who_reads_no_answers_is_not_asked_for_more),
		ASKED_TEST(client_that_leaves_before_its_answer_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
