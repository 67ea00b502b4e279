/* The control socket: clients that ask by one JSON line and are answered by JSON lines. */
#ifndef SEKISHO_TERMINAL_CONTROL_SERVER_H
#define SEKISHO_TERMINAL_CONTROL_SERVER_H

#include <jansson.h>
#include <poll.h>
#include <stdbool.h>

#include "shared/result.h"

#define CONTROL_CLIENTS	      16
#define CONTROL_REQUEST_BYTES (128 * 1024) /* a raw SIP message, escaped */

struct control_client {
	int fd; /* -1: free */
	bool is_asked;
	char *buffer;
	size_t len;
};

struct control_server {
	int listener;
	char path[108];
	struct control_client clients[CONTROL_CLIENTS];
	void *context;
	/* A client's request, borrowed; index names the client in control_say and control_end. */
	void (*on_request)(void *context, unsigned index, json_t *request);
	void (*on_gone)(void *context, unsigned index);
};

/* Makes the socket, mode 0600; a stale one is replaced, a live one is RESULT_EXISTS. RESULT_IO. */
SEKISHO_MUST_USE enum result control_open(struct control_server *server, const char *path);
void control_close(struct control_server *server);

/* Its descriptors, to wait for input on; at most CONTROL_CLIENTS + 1. */
unsigned control_poll_fill(const struct control_server *server, struct pollfd *fds);
/* After poll, with what control_poll_fill gave. */
void control_poll_done(struct control_server *server, const struct pollfd *fds, unsigned count);

/* One line to a client; one that does not read is let go. */
void control_say(struct control_server *server, unsigned index, const json_t *line);
/* The last line, {"exit": status}, and the end of the connection. */
void control_end(struct control_server *server, unsigned index, int status);

#endif
