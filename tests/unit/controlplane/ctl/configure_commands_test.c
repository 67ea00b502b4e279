/* controlplane/ctl/configure_commands.c */
#include "tests/unit/controlplane/ctl/asked.h"

/* The file that the gateway of the tests could have been started with. */
static void file_write(struct asked *a, const char *more)
{
	struct control_config *config = &a->g->config;
	FILE *file;

	scratch_path(&a->g->plane.scratch, config->path, "c.yaml");
	file = fopen(config->path, "w");
	assert_non_null(file);
	fprintf(file,
		"gateway-id: 1\ndomains: [abc.com]\ncontract: {socket: contract}\n"
		"admin: {socket: admin}\nstore: {sqlite: store.sqlite}\nsecrets: .\n%s",
		more);
	fclose(file);
}

/* Has the gateway run what the file says, so that commits change only what a test changes. */
static void file_is_running(struct asked *a, const char *more)
{
	struct control_config read;

	file_write(a, more);
	assert_int_equal(control_config_read(a->g->config.path, stderr, &read), RESULT_OK);
	a->g->config.flat = read.flat; /* its owner now */
	read.flat = (struct config_flat){0};
	control_config_destroy(&read);
}

static void committed_setting_reaches_the_data_plane_and_undo_takes_it_back(void **state)
{
	struct asked *a = *state;

	file_is_running(a, "");
	gatewayed_serve(a->g);
	file_write(a, "dscp: 46\n");
	ask_result(a, "{\"command\":\"configure check\"}",
		   "{\"changes\":[{\"from\":null,\"needs_restart\":false,\"path\":\"dscp\","
		   "\"to\":\"46\"}],\"confirm_within_s\":0,\"state\":\"checked\"}");
	ask_result(a, "{\"command\":\"configure commit\",\"confirm_s\":60}",
		   "{\"changes\":[{\"from\":null,\"needs_restart\":false,\"path\":\"dscp\","
		   "\"to\":\"46\"}],\"confirm_within_s\":60,\"state\":\"committed\"}");
	gatewayed_serve(a->g);
	assert_int_equal(a->g->told.settings.dscp, 46);
	ask_error(a, "{\"command\":\"configure commit\"}",
		  "the last commit is still to be confirmed or undone");
	ask_result(a, "{\"command\":\"configure confirm\"}", "");
	ask_error(a, "{\"command\":\"configure confirm\"}", "no commit waits to be confirmed");
	ask_result(a, "{\"command\":\"configure undo\"}",
		   "{\"changes\":[{\"from\":\"46\",\"needs_restart\":false,\"path\":\"dscp\","
		   "\"to\":null}],\"confirm_within_s\":0,\"state\":\"undone\"}");
	gatewayed_serve(a->g);
	assert_int_equal(a->g->told.settings.dscp, 0);
	ask_error(a, "{\"command\":\"configure undo\"}",
		  "nothing was committed that could be undone");
}

static void say_by(struct asked *a, int fd, const char *request)
{
	int own = a->fd;

	a->fd = fd;
	say(a, request, strlen(request));
	say(a, "\n", 1);
	a->fd = own;
}

static void answer_is_good(struct asked *a, int fd)
{
	int own = a->fd;
	char *line;

	a->fd = fd;
	line = said(a);
	a->fd = own;
	if (strstr(line, "\"ok\":true") == NULL && strstr(line, "\"ok\": true") == NULL)
		fail_msg("%s", line);
	free(line);
}

/* The one runs in the keeper's thread, the other in the loop: ThreadSanitizer looks at this. */
static void commits_and_new_subscribers_do_not_disturb_each_other(void **state)
{
	struct asked *a = *state;
	struct store_subscriber found;
	int other = admin_connect(a);
	char request[256];

	file_is_running(a, "");
	for (unsigned i = 0; i < 16; i++) {
		snprintf(request, sizeof(request),
			 "{\"command\":\"subscriber add\",\"id\":\"u%u@abc.com\","
			 "\"certificate\":true}",
			 i);
		file_write(a, i % 2 == 0 ? "password-iterations: 5000\n"
					 : "password-iterations: 6000\n");
		say_by(a, a->fd, request);
		say_by(a, other, "{\"command\":\"configure commit\"}");
		answer_is_good(a, other);
		answer_is_good(a, a->fd);
	}
	close(other);
	/* and what is committed holds for who comes after */
	ask_result(a,
		   "{\"command\":\"subscriber add\",\"id\":\"last@abc.com\","
		   "\"certificate\":true}",
		   "{\"id\":\"last@abc.com\"}");
	assert_int_equal(store_subscriber_find(a->g->store, "last@abc.com", &found), RESULT_OK);
	assert_int_equal(found.verifier.iterations, 6000);
}

static void mistakes_are_answered_with_their_place(void **state)
{
	struct asked *a = *state;
	json_t *answer;

	file_is_running(a, "");
	file_write(a, "dscp: 64\n");
	answer = ask(a, "{\"command\":\"configure check\"}");
	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_non_null(
		strstr(json_string_value(json_object_get(answer, "error")), "c.yaml:7:7: "));
	json_decref(answer);
}

static void what_needs_a_restart_is_named_and_nothing_is_changed(void **state)
{
	struct asked *a = *state;

	file_is_running(a, "");
	file_write(a, "max-dialog: 20h\nkey-log: keys\n");
	ask_result(a, "{\"command\":\"configure commit\"}",
		   "{\"changes\":[{\"from\":null,\"needs_restart\":true,\"path\":\"key-log\","
		   "\"to\":\"keys\"},{\"from\":null,\"needs_restart\":false,\"path\":"
		   "\"max-dialog\",\"to\":\"20h\"}],\"confirm_within_s\":0,\"state\":"
		   "\"needs-restart\"}");
	assert_int_equal(a->g->config.max_dialog_s, 86400);
}

static void call_detail_records_go_to_the_file_that_was_committed(void **state)
{
	struct asked *a = *state;
	struct cdr_journal_state journal;
	json_t *answer;

	file_is_running(a, "");
	assert_false(gateway_cdr_state(a->g->gateway, &journal));
	file_write(a, "cdr: /nowhere/at/all\n");
	ask_error(a, "{\"command\":\"configure commit\"}",
		  "the call detail records /nowhere/at/all: No such file or directory\n");
	file_write(a, "cdr: cdr\n");
	answer = ask(a, "{\"command\":\"configure commit\"}");
	assert_true(json_is_true(json_object_get(answer, "ok")));
	json_decref(answer);
	assert_true(gateway_cdr_state(a->g->gateway, &journal));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(commits_and_new_subscribers_do_not_disturb_each_other),
		ASKED_TEST(committed_setting_reaches_the_data_plane_and_undo_takes_it_back),
		ASKED_TEST(mistakes_are_answered_with_their_place),
		ASKED_TEST(what_needs_a_restart_is_named_and_nothing_is_changed),
		ASKED_TEST(call_detail_records_go_to_the_file_that_was_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
