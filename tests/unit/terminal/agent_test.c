/*
 * A whole agent in a process of its own, whose gateway never answers, commanded through its socket
 * as the program does it.
 */
#include "tests/unit/terminal/cmocka_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "terminal/agent/agent.h"
#include "terminal/agent/state.h"
#include "terminal/control/client.h"
#include "terminal/control/server.h"

struct fixture {
	char folder[64];
	char path[100];
	pid_t agent;
};

static void agent_process(const char *path, bool is_unsafe_test)
{
	struct settings settings = {
		.aor = "user-a@abc.com",
		.subscriber = "user-a@abc.com",
		.domain = "abc.com",
		.instance = "urn:x:y",
		.password = "secret",
		.gateways = {{.family = 4, .port = 5060, .bytes = {127, 0, 0, 9}}},
		.gateway_count = 1,
		.own = {.family = 4, .port = 15090, .bytes = {127, 0, 0, 1}},
		.suites = {{SUITE_AES_128_GCM_16}, 1},
		.expires_s = 3600,
		.keep_alive_ms = 10000,
	};
	struct agent_options options = {.is_unsafe_test = is_unsafe_test};
	int nowhere = open("/dev/null", O_WRONLY);

	dup2(nowhere, STDOUT_FILENO);
	snprintf(settings.control_socket, sizeof(settings.control_socket), "%s", path);
	_exit(agent_run(&settings, &options));
}

static bool is_listening(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

static void start(struct fixture *f, bool is_unsafe_test)
{
	strcpy(f->folder, "/tmp/sekisho-agent-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/control", f->folder);
	f->agent = fork();
	assert_true(f->agent >= 0);
	if (f->agent == 0)
		agent_process(f->path, is_unsafe_test);
	for (unsigned i = 0; i < 500 && !is_listening(f->path); i++) {
		int status;

		/* Without the right to raw sockets it ends at once. */
		if (waitpid(f->agent, &status, WNOHANG) == f->agent) {
			rmdir(f->folder);
			skip();
		}
		usleep(10000);
	}
}

/* Waits for the agent's end; its exit status. */
static int finish(struct fixture *f)
{
	int status;

	assert_int_equal(waitpid(f->agent, &status, 0), f->agent);
	assert_false(is_listening(f->path));
	rmdir(f->folder);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int ask(const struct fixture *f, const char *request, double timeout_s)
{
	json_t *json = json_loads(request, 0, NULL);
	int status = control_ask(f->path, json, timeout_s, false, false);

	assert_non_null(json);
	json_decref(json);
	return status;
}

static void commands_get_their_exit_status(void **state)
{
	static const struct {
		const char *request;
		int status;
	} table[] = {
		{"{\"command\":\"status\"}", CONTROL_EXIT_DONE},
		{"{\"command\":\"events\"}", CONTROL_EXIT_DONE},
		{"{\"command\":\"call\",\"to\":\"user-b@xyz.com\"}", CONTROL_EXIT_REFUSED},
		{"{\"command\":\"message\",\"to\":\"user-b@xyz.com\",\"text\":\"x\"}",
		 CONTROL_EXIT_REFUSED},
		{"{\"command\":\"answer\"}", CONTROL_EXIT_REFUSED},
		{"{\"command\":\"hangup\"}", CONTROL_EXIT_REFUSED},
		{"{\"command\":\"rekey\"}", CONTROL_EXIT_REFUSED},
		{"{\"command\":\"raw\",\"text\":\"x\"}", CONTROL_EXIT_USE},
		{"{\"command\":\"dance\"}", CONTROL_EXIT_USE},
		{"{\"command\":7}", CONTROL_EXIT_USE},
		{"{\"command\":\"wait\"}", CONTROL_EXIT_USE},
		{"{}", CONTROL_EXIT_USE},
	};
	struct fixture f;

	(void)state;
	start(&f, false);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(ask(&f, table[i].request, 5), table[i].status);
	assert_int_equal(ask(&f, "{\"command\":\"wait\",\"event\":\"registered\"}", 0.2),
			 CONTROL_EXIT_TIME);
	assert_int_equal(ask(&f, "{\"command\":\"deregister\"}", 5), CONTROL_EXIT_DONE);
	assert_int_equal(ask(&f, "{\"command\":\"quit\"}", 5), CONTROL_EXIT_DONE);
	assert_int_equal(finish(&f), CONTROL_EXIT_DONE);
	assert_int_equal(ask(&f, "{\"command\":\"status\"}", 5), CONTROL_EXIT_ABSENT);
}

static void failed_attempt_is_an_event_and_ends_the_waiting(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, false);
	assert_int_equal(ask(&f, "{\"command\":\"register\"}", 20), CONTROL_EXIT_REFUSED);
	assert_int_equal(ask(&f, "{\"command\":\"wait\",\"event\":\"attach-failed\"}", 20),
			 CONTROL_EXIT_DONE);
	kill(f.agent, SIGTERM);
	assert_int_equal(finish(&f), CONTROL_EXIT_DONE);
}

static void raw_needs_a_channel_even_where_it_is_allowed(void **state)
{
	struct fixture f;

	(void)state;
	start(&f, true);
	assert_int_equal(ask(&f, "{\"command\":\"raw\",\"text\":\"x\"}", 5), CONTROL_EXIT_REFUSED);
	kill(f.agent, SIGINT);
	assert_int_equal(finish(&f), CONTROL_EXIT_DONE);
}

static int connect_to(const struct fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void garbage_at_the_socket_harms_nobody(void **state)
{
	static const char *const garbage[] = {
		"\n", "{\n", "[]\n", "\"command\"\n", "{\"command\":", "\0\0\0\n"};
	char *flood = malloc(CONTROL_REQUEST_BYTES + 4096);
	int fds[2 * CONTROL_CLIENTS];
	struct stat status;
	struct fixture f;

	(void)state;
	assert_non_null(flood);
	start(&f, false);
	assert_int_equal(stat(f.path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		int fd = connect_to(&f);

		assert_true(send(fd, garbage[i], strlen(garbage[i]) + 1, MSG_NOSIGNAL) > 0);
		close(fd);
	}
	memset(flood, 'x', CONTROL_REQUEST_BYTES + 4096);
	fds[0] = connect_to(&f);
	/* More than a request may be: the other side hangs up at some byte of it. */
	for (unsigned i = 0; i < 64; i++)
		if (send(fds[0], flood, CONTROL_REQUEST_BYTES + 4096, MSG_NOSIGNAL) < 0)
			break;
	close(fds[0]);
	for (unsigned i = 0; i < 2 * CONTROL_CLIENTS; i++)
		fds[i] = connect_to(&f);
	for (unsigned i = 0; i < 2 * CONTROL_CLIENTS; i++)
		close(fds[i]);
	usleep(200000);
	assert_int_equal(ask(&f, "{\"command\":\"status\"}", 5), CONTROL_EXIT_DONE);
	kill(f.agent, SIGTERM);
	assert_int_equal(finish(&f), CONTROL_EXIT_DONE);
	free(flood);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_get_their_exit_status),
		cmocka_unit_test(failed_attempt_is_an_event_and_ends_the_waiting),
		cmocka_unit_test(raw_needs_a_channel_even_where_it_is_allowed),
		cmocka_unit_test(garbage_at_the_socket_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
