/* A command as a person types it: found among those there are, its words counted, made a request. */
#ifndef SEKISHO_TERMINAL_CONTROL_TYPED_H
#define SEKISHO_TERMINAL_CONTROL_TYPED_H

#include <jansson.h>
#include <stdio.h>

#include "shared/result.h"

/* Each command on a line, with what it does. */
void typed_show(FILE *to);

/*
 * The request of count words, at least one. RESULT_BAD if they are no command, told on report in a
 * sentence with an example of how it is done.
 */
SEKISHO_MUST_USE enum result typed_request(int count, char *const *words, FILE *report,
					   json_t **out);

#endif
