/* The running terminal: configuration, channel, registration, user agent and commands together. */
#ifndef SEKISHO_TERMINAL_AGENT_AGENT_H
#define SEKISHO_TERMINAL_AGENT_AGENT_H

#include <stdbool.h>

#include "shared/result.h"
#include "terminal/settings.h"

struct agent_options {
	bool is_json;
	bool is_unsafe_test;
};

/*
 * Runs until SIGINT, SIGTERM or the command quit. Events go to standard output, what keeps it from
 * starting to standard error. Returns the exit status.
 */
int agent_run(struct settings *settings, const struct agent_options *options);

#endif
