/* The commanding half of the program: asks a running instance, prints what it says. */
#ifndef SEKISHO_TERMINAL_CONTROL_CLIENT_H
#define SEKISHO_TERMINAL_CONTROL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

enum control_exit {
	CONTROL_EXIT_DONE = 0,
	CONTROL_EXIT_REFUSED = 1,
	CONTROL_EXIT_USE = 2,
	CONTROL_EXIT_TIME = 3,
	CONTROL_EXIT_ABSENT = 4,
};

/*
 * Asks the instance at path and prints its lines as they come, sentences or JSON. Returns the exit
 * status: the instance's, or CONTROL_EXIT_TIME after timeout_s (CONTROL_EXIT_DONE then if
 * is_time_normal and something was printed), CONTROL_EXIT_ABSENT.
 */
int control_ask(const char *path, const json_t *request, double timeout_s, bool is_json,
		bool is_time_normal);

#endif
