/* terminal/control/server.c: who commands a terminal, and what it does with what is no command. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "terminal/control/server.h"

struct fixture {
	struct control_server server;
	char folder[64], path[108];
	unsigned requests, gone;
	char asked[128]; /* the last request, as JSON */
	unsigned asked_by;
};

static void on_request(void *context, unsigned index, json_t *request)
{
	struct fixture *f = context;
	char *text = json_dumps(request, JSON_COMPACT);

	f->requests++;
	f->asked_by = index;
	snprintf(f->asked, sizeof(f->asked), "%s", text);
	free(text);
}

static void on_gone(void *context, unsigned index)
{
	struct fixture *f = context;

	(void)index;
	f->gone++;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->folder, "/tmp/control_server_test.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/control", f->folder);
	f->server.context = f;
	f->server.on_request = on_request;
	f->server.on_gone = on_gone;
	assert_int_equal(control_open(&f->server, f->path), RESULT_OK);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	control_close(&f->server);
	unlink(f->path);
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

static int client(const struct fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Whatever has come is dealt with. */
static void serve(struct fixture *f)
{
	struct pollfd fds[CONTROL_CLIENTS + 1];

	for (;;) {
		unsigned count = control_poll_fill(&f->server, fds);

		if (poll(fds, count, 0) <= 0)
			return;
		control_poll_done(&f->server, fds, count);
	}
}

static void say(struct fixture *f, int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN)
			return; /* it was let go */
		if (sent > 0) {
			text += sent;
			length -= (size_t)sent;
		}
		serve(f);
	}
}

static bool is_let_go(int fd)
{
	char byte;
	ssize_t got = recv(fd, &byte, 1, MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno == ECONNRESET);
}

static void the_socket_has_the_mode_of_a_key_file(void **state)
{
	struct fixture *f = *state;
	struct stat status;

	assert_int_equal(stat(f->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_second_instance_is_told_of_the_first(void **state)
{
	struct fixture *f = *state;
	struct control_server second = {.listener = -1};

	assert_int_equal(control_open(&second, f->path), RESULT_EXISTS);
	assert_int_equal(second.listener, -1);
}

static void a_socket_that_was_left_is_replaced(void **state)
{
	struct fixture *f = *state;

	/* as after a kill: nobody listens, the name is there */
	close(f->server.listener);
	assert_int_equal(access(f->path, F_OK), 0);
	assert_int_equal(control_open(&f->server, f->path), RESULT_OK);
	close(client(f));
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct control_server other = {.listener = -1};
	char precious[128], kept[8] = "";
	int fd;

	snprintf(precious, sizeof(precious), "%s/precious", f->folder);
	fd = open(precious, O_CREAT | O_RDWR, 0600);
	assert_int_equal(write(fd, "words", 5), 5);
	assert_int_equal(control_open(&other, precious), RESULT_IO);
	assert_int_equal(errno, EADDRINUSE);
	assert_int_equal(other.listener, -1);
	assert_int_equal(pread(fd, kept, sizeof(kept), 0), 5);
	assert_int_equal(access(precious, F_OK), 0);
	close(fd);
	unlink(precious);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	struct control_server other = {.listener = -1};
	char path[200];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(control_open(&other, path), RESULT_SPACE);
	assert_int_equal(other.listener, -1);
}

static void a_request_is_handed_on_and_answered(void **state)
{
	struct fixture *f = *state;
	json_t *line = json_pack("{s:s}", "text", "ready");
	char heard[64] = "";
	int fd = client(f);

	say(f, fd, "{\"command\":", 11);
	assert_int_equal(f->requests, 0);
	say(f, fd, "\"status\"}\n", 10);
	assert_int_equal(f->requests, 1);
	assert_string_equal(f->asked, "{\"command\":\"status\"}");
	control_say(&f->server, f->asked_by, line);
	control_end(&f->server, f->asked_by, 3);
	json_decref(line);
	assert_true(recv(fd, heard, sizeof(heard) - 1, MSG_WAITALL) > 0);
	assert_string_equal(heard, "{\"text\":\"ready\"}\n{\"exit\":3}\n");
	assert_int_equal(f->gone, 1);
	close(fd);
}

static void what_is_no_request_ends_the_connection(void **state)
{
	static const char *const garbage[] = {"garbage\n",  "\n",	  "[1]\n",   "{\n",
					      "\"text\"\n", "\xff\xfe\n", "{} {}\n", "5\n"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
		int fd = client(f);

		say(f, fd, garbage[i], strlen(garbage[i]));
		serve(f);
		assert_true(is_let_go(fd));
		close(fd);
	}
	assert_int_equal(f->requests, 0);
}

static void a_line_that_does_not_end_ends_the_connection(void **state)
{
	struct fixture *f = *state;
	char *many = malloc(CONTROL_REQUEST_BYTES + 1);
	int fd = client(f);

	memset(many, ' ', CONTROL_REQUEST_BYTES + 1);
	say(f, fd, many, CONTROL_REQUEST_BYTES - 1);
	assert_false(is_let_go(fd));
	say(f, fd, many, 2);
	assert_true(is_let_go(fd));
	assert_int_equal(f->requests, 0);
	free(many);
	close(fd);
}

static void what_is_said_after_a_request_is_not_kept(void **state)
{
	struct fixture *f = *state;
	int fd = client(f);

	say(f, fd, "{\"command\":\"wait\"}\n", 19);
	for (unsigned i = 0; i < 1000; i++)
		say(f, fd, "{\"command\":\"wait\"}\n", 19);
	assert_int_equal(f->requests, 1);
	assert_false(is_let_go(fd));
	assert_int_equal(f->server.clients[f->asked_by].len, 19);
	close(fd);
	serve(f);
	assert_int_equal(f->gone, 1);
}

static void one_client_too_many_is_let_go(void **state)
{
	struct fixture *f = *state;
	int fds[CONTROL_CLIENTS + 1];

	for (unsigned i = 0; i <= CONTROL_CLIENTS; i++) {
		fds[i] = client(f);
		serve(f);
	}
	assert_false(is_let_go(fds[CONTROL_CLIENTS - 1]));
	assert_true(is_let_go(fds[CONTROL_CLIENTS]));
	close(fds[0]);
	serve(f);
	close(fds[CONTROL_CLIENTS]);
	fds[CONTROL_CLIENTS] = client(f);
	say(f, fds[CONTROL_CLIENTS], "{}\n", 3);
	assert_int_equal(f->requests, 1);
	for (unsigned i = 1; i <= CONTROL_CLIENTS; i++)
		close(fds[i]);
}

static void who_does_not_read_is_let_go(void **state)
{
	struct fixture *f = *state;
	json_t *line = json_pack("{s:s}", "text", "much the same again and again");
	int fd = client(f);

	say(f, fd, "{}\n", 3);
	for (unsigned i = 0; i < 100000 && f->gone == 0; i++)
		control_say(&f->server, f->asked_by, line);
	assert_int_equal(f->gone, 1);
	control_say(&f->server, f->asked_by, line); /* to nobody */
	json_decref(line);
	close(fd);
}

#define CONTROL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(the_socket_has_the_mode_of_a_key_file),
		CONTROL_TEST(a_second_instance_is_told_of_the_first),
		CONTROL_TEST(a_socket_that_was_left_is_replaced),
		CONTROL_TEST(a_file_that_is_no_socket_is_left_alone),
		CONTROL_TEST(a_path_that_is_too_long_is_refused),
		CONTROL_TEST(a_request_is_handed_on_and_answered),
		CONTROL_TEST(what_is_no_request_ends_the_connection),
		CONTROL_TEST(a_line_that_does_not_end_ends_the_connection),
		CONTROL_TEST(what_is_said_after_a_request_is_not_kept),
		CONTROL_TEST(one_client_too_many_is_let_go),
		CONTROL_TEST(who_does_not_read_is_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
