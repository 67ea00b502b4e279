/* The socket that the client connects to. */
#ifndef SEKISHO_DATAPLANE_INBOX_LISTENER_H
#define SEKISHO_DATAPLANE_INBOX_LISTENER_H

#include <stdbool.h>

#include "shared/result.h"

/*
 * Listen at path, mode 0600; a socket that an earlier process left there goes, one that somebody
 * listens at stays. *fd is -1 if not RESULT_OK: RESULT_EXISTS (taken), RESULT_IO (errno).
 */
enum result inbox_listener_open(const char *path, int *fd) SEKISHO_MUST_USE;

/* Who connects, if of our own uid or root: a descriptor, the caller's; -1: nobody, or *is_foreign: another
 * user's, who has been sent away. */
int inbox_listener_accept(int fd, bool *is_foreign);

#endif
