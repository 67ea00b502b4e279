/* What the program was called with: options and words. */
#ifndef SEKISHO_TERMINAL_OPTIONS_H
#define SEKISHO_TERMINAL_OPTIONS_H

#include <jansson.h>
#include <stdbool.h>

#define OPTIONS_PROGRAM "sekisho-terminal"

struct options {
	const char *config, *socket, *from;
	double timeout_s; /* 0: by the command */
	bool is_json, is_auto_answering, is_unsafe_test, is_watching, is_help, is_version;
	json_t *route_security; /* NULL, or what --route-security said */
	char **words;
	int count;
};

/* False if an option is none or its value is wrong, which was said on standard error. */
bool options_read(int argc, char **argv, struct options *out);

/* Says in one sentence what is wrong with how it was called; returns the exit status for that. */
__attribute__((format(printf, 1, 2))) int options_mistake(const char *format, ...);

#endif
