/* A gateway with its admin socket, asked over the real socket as sekishoctl asks it. */
#ifndef SEKISHO_TESTS_CONTROLPLANE_ASKED_H
#define SEKISHO_TESTS_CONTROLPLANE_ASKED_H

#include <signal.h>

#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/server.h"
#include "tests/unit/controlplane/gatewayed.h"

struct asked {
	struct gatewayed *g;
	struct ctl_server *server;
	int fd;
};

static inline int admin_connect(struct asked *a)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, a->g->config.admin.socket);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static inline int asked_make(void **state)
{
	struct asked *a = calloc(1, sizeof(*a));

	signal(SIGPIPE, SIG_IGN); /* as main() does */
	gatewayed_make((void **)&a->g);
	assert_int_equal(ctl_server_create(a->g->plane.base, &a->g->config.admin,
					   ctl_commands_handle, gateway_admin_refused, a->g->gateway, &a->server),
			 RESULT_OK);
	a->fd = admin_connect(a);
	*state = a;
	return 0;
}

static inline int asked_remove(void **state)
{
	struct asked *a = *state;

	close(a->fd);
	ctl_server_destroy(a->server);
	gatewayed_remove((void **)&a->g);
	free(a);
	return 0;
}

/* What is said next on the connection, a line; "" if it was closed. The caller frees it. */
static inline char *said(struct asked *a)
{
	size_t length = 0, size = 1 << 20;
	char *line = calloc(1, size);

	for (int turn = 0; turn < PLANE_TURNS; turn++) {
		ssize_t got = recv(a->fd, line + length, 1, 0);

		if (got == 0)
			break;
		if (got == 1 && line[length] == '\n') {
			line[length] = '\0';
			return line;
		}
		if (got == 1) {
			assert_true(++length < size);
			turn = 0;
		} else {
			gatewayed_serve(a->g);
		}
	}
	line[length] = '\0';
	return line;
}

static inline void say(struct asked *a, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = send(a->fd, text, length, MSG_NOSIGNAL);

		if (written > 0) {
			text += written;
			length -= (size_t)written;
		} else {
			plane_turn(&a->g->plane);
		}
	}
}

/* The answer to a request; the caller owns it. */
static inline json_t *ask(struct asked *a, const char *request)
{
	json_t *answer;
	char *line;

	say(a, request, strlen(request));
	say(a, "\n", 1);
	line = said(a);
	answer = json_loads(line, 0, NULL);
	free(line);
	assert_true(json_is_object(answer));
	return answer;
}

static inline void ask_error(struct asked *a, const char *request, const char *error)
{
	json_t *answer = ask(a, request);

	assert_true(json_is_false(json_object_get(answer, "ok")));
	assert_string_equal(json_string_value(json_object_get(answer, "error")), error);
	json_decref(answer);
}

/* What everybody hears whose answer must come from a data plane that is not there. */
static inline void ask_in_vain(struct asked *a, const char *request)
{
	char error[512];

	snprintf(error, sizeof(error),
		 "the data plane is not connected: does sekisho-dataplane run, and listen at %s?",
		 a->g->config.contract_socket);
	ask_error(a, request, error);
}

/* The result as compact JSON with sorted keys must be this. */
static inline void ask_result(struct asked *a, const char *request, const char *expected)
{
	json_t *answer = ask(a, request);
	const json_t *result = json_object_get(answer, "result");
	char *text = result == NULL
			     ? NULL
			     : json_dumps(result, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

	if (!json_is_true(json_object_get(answer, "ok")))
		fail_msg("%s", json_string_value(json_object_get(answer, "error")));
	assert_string_equal(text == NULL ? "" : text, expected);
	free(text);
	json_decref(answer);
}

#define VERIFIER                                                                                   \
	"\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"iterations\":4096,"                                 \
	"\"stored_key\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","                          \
	"\"server_key\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\""

#define ADD_USER_A "{\"command\":\"subscriber add\",\"id\":\"user-a@abc.com\"," VERIFIER "}"

#define ASKED_TEST(name) cmocka_unit_test_setup_teardown(name, asked_make, asked_remove)

#endif
