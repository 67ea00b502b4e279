/* How the answer to each command looks to people. */
#ifndef SEKISHO_CONTROLPLANE_CLI_VIEW_H
#define SEKISHO_CONTROLPLANE_CLI_VIEW_H

#include <jansson.h>
#include <stdio.h>

/* result is the answer's, NULL if it has none. */
void view_show(const char *command, const json_t *result, FILE *to);

#endif
