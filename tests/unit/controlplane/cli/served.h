/* A gateway's admin socket served by a child process, and what a session says of it. */
#ifndef SEKISHO_TESTS_CONTROLPLANE_SERVED_H
#define SEKISHO_TESTS_CONTROLPLANE_SERVED_H

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "controlplane/cli/session.h"
#include "controlplane/ctl/commands.h"
#include "tests/unit/controlplane/gatewayed.h"

struct served {
	struct gatewayed *g;
	pid_t child;
	struct session session;
	char out[65536]; /* what was said on standard output last */
};

/* In the child: nothing but the event loop, until it is killed. */
static inline void admin_serve(struct gatewayed *g, int ready)
{
	struct ctl_server *server;

	/* the gateway is made here: its keeper's thread would not be in a copy of its process */
	event_reinit(g->plane.base);
	gatewayed_start(g);
	if (ctl_server_create(g->plane.base, &g->config.admin, ctl_commands_handle, gateway_admin_refused, g->gateway,
			      &server) != RESULT_OK ||
	    write(ready, "x", 1) != 1)
		_exit(1);
	event_base_dispatch(g->plane.base);
	_exit(0);
}

static inline int served_make(void **state)
{
	struct served *served = calloc(1, sizeof(*served));
	int ready[2];
	char byte;

	signal(SIGPIPE, SIG_IGN);
	served->g = calloc(1, sizeof(*served->g));
	assert_non_null(served->g);
	plane_make(&served->g->plane);
	gatewayed_config(served->g);
	assert_int_equal(pipe(ready), 0);
	served->child = fork();
	assert_true(served->child >= 0);
	if (served->child == 0)
		admin_serve(served->g, ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	assert_int_equal(admin_link_open(served->g->config.admin.socket, &served->session.link),
			 RESULT_OK);
	*state = served;
	return 0;
}

static inline int served_remove(void **state)
{
	struct served *served = *state;

	admin_link_close(&served->session.link);
	kill(served->child, SIGKILL);
	waitpid(served->child, NULL, 0);
	unlink(served->g->config.admin.socket);
	gatewayed_remove((void **)&served->g);
	free(served);
	return 0;
}

/* Standard input becomes this text, standard output goes to served->out; returns what run does. */
static inline enum session_status served_run(struct served *served, const char *input,
					     enum session_status (*run)(struct served *, int,
									const char *const *),
					     int count, const char *const *words)
{
	int old_out = dup(STDOUT_FILENO), old_in = dup(STDIN_FILENO);
	int out = memfd_create("out", 0), in = memfd_create("in", 0);
	enum session_status status;
	ssize_t length;

	assert_int_equal(write(in, input, strlen(input)), (ssize_t)strlen(input));
	lseek(in, 0, SEEK_SET);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(in, STDIN_FILENO);
	clearerr(stdin);
	status = run(served, count, words);
	fflush(stdout);
	fflush(stdin);
	dup2(old_out, STDOUT_FILENO);
	dup2(old_in, STDIN_FILENO);
	length = pread(out, served->out, sizeof(served->out) - 1, 0);
	served->out[length > 0 ? length : 0] = '\0';
	close(out);
	close(in);
	close(old_out);
	close(old_in);
	return status;
}

#define SERVED_TEST(name) cmocka_unit_test_setup_teardown(name, served_make, served_remove)

#endif
