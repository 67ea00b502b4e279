/* The admin socket as a file: made so that nobody else can use it, and who is at its other end. */
#ifndef SEKISHO_CONTROLPLANE_CTL_ADMIN_SOCKET_H
#define SEKISHO_CONTROLPLANE_CTL_ADMIN_SOCKET_H

#include <stdbool.h>

#include "controlplane/config.h"
#include "controlplane/ctl/server.h"
#include "shared/result.h"

/*
 * A non-blocking listening socket at config->socket, mode 0600, or 0660 for its group. One left
 * behind is replaced. RESULT_EXISTS: somebody listens there; RESULT_IO: errno says why.
 */
SEKISHO_MUST_USE enum result admin_socket_listen(const struct control_admin *config, int backlog,
						 int *fd);

/* What the other end of a connection may do; false: nothing. */
bool admin_socket_role(const struct control_admin *config, int fd, enum ctl_role *role);

/* Who that is, for the log: "user 0, process 17". */
void admin_socket_from(int fd, char text[CTL_FROM_BYTES]);

#endif
