/* The admin socket from a client's side: one line asked, one line answered. */
#ifndef SEKISHO_CONTROLPLANE_CLI_ADMIN_LINK_H
#define SEKISHO_CONTROLPLANE_CLI_ADMIN_LINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "shared/result.h"

struct admin_link {
	int fd;
	FILE *stream;
};

/* RESULT_IO: errno says why; RESULT_BAD: the path is too long. */
SEKISHO_MUST_USE enum result admin_link_open(const char *path, struct admin_link *link);
void admin_link_close(struct admin_link *link);

/*
 * Ask; the answer is an object, owned by the caller. RESULT_IO: the other side is gone; RESULT_BAD:
 * it is not what an admin socket says. What was written is wiped.
 */
SEKISHO_MUST_USE enum result admin_link_ask(struct admin_link *link, const json_t *request,
					    json_t **answer);

#endif
