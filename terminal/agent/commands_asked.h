/* A request at the control socket while it is served: what is said to who asked, and what he waits
 * for. */
#ifndef SEKISHO_TERMINAL_AGENT_COMMANDS_ASKED_H
#define SEKISHO_TERMINAL_AGENT_COMMANDS_ASKED_H

#include "terminal/agent/state.h"
#include "terminal/control/client.h"

struct asked {
	struct agent *agent;
	unsigned index; /* the client */
	json_t *request;
};

/* The end of it, with the exit status of who asked; with a sentence before. */
void asked_end(const struct asked *asked, int status);
void asked_fail(const struct asked *asked, int status, const char *text);

/* It ends by an event, of a call if one is meant. */
void asked_await(const struct asked *asked, enum awaited awaited);
void asked_await_call(const struct asked *asked, enum awaited awaited, unsigned call);

/* What the request says under a key; empty if it is no text. */
struct slice asked_argument(const struct asked *asked, const char *key);

/* What the outcome of beginning something means; true if it was begun, else it failed. */
bool asked_is_begun(const struct asked *asked, enum result result);
/* Likewise: is the terminal registered? */
bool asked_is_registered(const struct asked *asked);

/* commands_call.c: the commands that begin, answer and end calls, or ask others for something. */
void command_call(const struct asked *asked);
void command_message(const struct asked *asked);
void command_options(const struct asked *asked);
void command_answer(const struct asked *asked);
void command_hangup(const struct asked *asked);

#endif
