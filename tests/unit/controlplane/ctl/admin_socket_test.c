/* controlplane/ctl/admin_socket.c: who may connect, and as what. */
#include "tests/unit/controlplane/ctl/asked.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOBODY 65534

/* Ask as another user, in a process of its own; what is said goes to out. */
static void ask_as(struct asked *a, uid_t uid, gid_t gid, const char *request, char *out,
		   size_t size)
{
	int pipes[2];
	pid_t child;
	size_t length = 0;
	ssize_t got = -1;

	assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
	child = fork();
	if (child == 0) {
		char line[4096];
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		ssize_t heard = 0;

		strcpy(address.sun_path, a->g->config.admin.socket);
		if (setgroups(0, NULL) == 0 && setgid(gid) == 0 && setuid(uid) == 0 &&
		    connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		    write(fd, request, strlen(request)) > 0)
			heard = read(fd, line, sizeof(line));
		if (heard > 0 && write(pipes[1], line, (size_t)heard) != heard)
			_exit(1);
		_exit(0);
	}
	close(pipes[1]);
	for (int turn = 0; turn < PLANE_TURNS && got != 0; turn++) {
		plane_turn(&a->g->plane);
		got = read(pipes[0], out + length, size - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	}
	out[length] = '\0';
	close(pipes[0]);
	waitpid(child, NULL, 0);
}

static int restricted_make(void **state)
{
	struct asked *a;

	asked_make(state);
	a = *state;
	close(a->fd);
	ctl_server_destroy(a->server);
	a->g->config.admin.has_group = true;
	a->g->config.admin.group = NOBODY;
	assert_int_equal(chmod(a->g->plane.scratch.folder, 0755), 0);
	assert_int_equal(ctl_server_create(a->g->plane.base, &a->g->config.admin,
					   ctl_commands_handle, gateway_admin_refused, a->g->gateway, &a->server),
			 RESULT_OK);
	a->fd = admin_connect(a);
	return 0;
}

static void member_of_the_group_may_read_and_no_more(void **state)
{
	struct asked *a = *state;
	char heard[4096];

	if (geteuid() != 0)
		skip();
	ask_as(a, NOBODY, NOBODY, "{\"command\":\"policy list\"}\n", heard, sizeof(heard));
	assert_string_equal(heard, "{\"ok\":true,\"result\":[]}\n");
	ask_as(a, NOBODY, NOBODY, ADD_USER_A "\n", heard, sizeof(heard));
	assert_non_null(strstr(heard, "needs an administrator"));
}

/* As a member of the group: so many connections, held until nobody has the other end of live. */
static _Noreturn void readers_be(const struct asked *a, int count, int say, int live)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char byte = 0;

	strcpy(address.sun_path, a->g->config.admin.socket);
	if (setgroups(0, NULL) != 0 || setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
		_exit(1);
	for (int i = 0; i < count; i++)
		if (connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address,
			    sizeof(address)) != 0)
			_exit(2);
	_exit(write(say, &byte, 1) != 1 || read(live, &byte, 1) != 0);
}

static void readers_that_hold_every_place_keep_no_administrator_out(void **state)
{
	struct asked *a = *state;
	int said[2], live[2], status;
	char byte;
	pid_t child;

	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe2(said, O_NONBLOCK), 0);
	assert_int_equal(pipe(live), 0);
	child = fork();
	if (child == 0) {
		close(live[1]);
		readers_be(a, 2 * CTL_CONNECTIONS, said[1], live[0]);
	}
	close(said[1]);
	for (int turn = 0; turn < PLANE_TURNS && read(said[0], &byte, 1) != 1; turn++)
		plane_turn(&a->g->plane);
	for (int turn = 0; turn < 2 * CTL_CONNECTIONS; turn++)
		plane_turn(&a->g->plane); /* what still waits to be let in */
	close(a->fd);
	a->fd = admin_connect(a);
	ask_result(a, "{\"command\":\"policy list\"}", "[]");
	close(live[0]);
	close(live[1]);
	close(said[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void stranger_gets_nothing(void **state)
{
	struct asked *a = *state;
	char heard[4096];

	if (geteuid() != 0)
		skip();
	ask_as(a, 12345, 12345, "{\"command\":\"policy list\"}\n", heard, sizeof(heard));
	assert_string_equal(heard, "");
	/* Nor where the socket's mode would let it. */
	assert_int_equal(chmod(a->g->config.admin.socket, 0666), 0);
	ask_as(a, 12345, 12345, "{\"command\":\"policy list\"}\n", heard, sizeof(heard));
	assert_string_equal(heard, "");
}

static void own_user_is_an_administrator(void **state)
{
	ask_result(*state, ADD_USER_A, "{\"id\":\"user-a@abc.com\"}");
}

#define RESTRICTED_TEST(name) cmocka_unit_test_setup_teardown(name, restricted_make, asked_remove)

static void socket_has_the_mode_of_a_key_file(void **state)
{
	struct asked *a = *state;
	struct stat status;

	assert_int_equal(stat(a->g->config.admin.socket, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void second_control_plane_is_refused(void **state)
{
	struct asked *a = *state;
	struct ctl_server *second = NULL;

	assert_int_equal(ctl_server_create(a->g->plane.base, &a->g->config.admin,
					   ctl_commands_handle, gateway_admin_refused, a->g->gateway, &second),
			 RESULT_EXISTS);
	assert_null(second);
}

static void file_that_is_no_socket_is_left_alone(void **state)
{
	struct asked *a = *state;
	struct control_admin admin = a->g->config.admin;
	struct ctl_server *second = NULL;
	int fd;

	snprintf(admin.socket, sizeof(admin.socket), "%s/precious", a->g->plane.scratch.folder);
	fd = open(admin.socket, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(ctl_server_create(a->g->plane.base, &admin, ctl_commands_handle,
					   gateway_admin_refused, a->g->gateway, &second),
			 RESULT_IO);
	assert_int_equal(access(admin.socket, F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RESTRICTED_TEST(member_of_the_group_may_read_and_no_more),
		RESTRICTED_TEST(readers_that_hold_every_place_keep_no_administrator_out),
		RESTRICTED_TEST(stranger_gets_nothing),
		RESTRICTED_TEST(own_user_is_an_administrator),
		ASKED_TEST(socket_has_the_mode_of_a_key_file),
		ASKED_TEST(second_control_plane_is_refused),
		ASKED_TEST(file_that_is_no_socket_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
