/* One conversation with the admin socket: commands in, answers shown. */
#ifndef SEKISHO_CONTROLPLANE_CLI_SESSION_H
#define SEKISHO_CONTROLPLANE_CLI_SESSION_H

#include <stdbool.h>

#include "controlplane/cli/admin_link.h"

/* Exit statuses. */
enum session_status {
	SESSION_OK = 0,
	SESSION_REFUSED = 1,  /* the control plane said no */
	SESSION_USAGE = 2,    /* not in the grammar */
	SESSION_NO_LINK = 3,  /* no control plane there */
	SESSION_PASSWORD = 4, /* no password could be had */
};

struct session {
	struct admin_link link;
	bool is_json; /* answers as JSON */
};

/* Carry out one command, told on standard output, what goes wrong on standard error. */
enum session_status session_run(struct session *session, int count, const char *const *words);

/* Commands from a prompt, until the end of input or "quit". */
enum session_status session_prompt(struct session *session);

#endif
