/* One TCP connection with a SIP client of this machine. */
#ifndef SEKISHO_TERMINAL_LOCAL_CONNECTION_H
#define SEKISHO_TERMINAL_LOCAL_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

#include "shared/sip/host.h"
#include "shared/sip/stream.h"

/* What a connection that does not read may leave unsent. */
#define CONNECTION_UNSENT_BYTES (4 * LIMIT_SIP_MESSAGE_BYTES)

struct local_connection {
	int fd;		 /* -1: none */
	uint32_t number; /* counts up from 1: which one it is */
	struct sip_address peer;
	uint64_t heard_ms;
	struct stream *stream;
	char *unsent; /* what the kernel would not take yet */
	size_t unsent_len;
};

void connection_end(struct local_connection *connection);

/* Sends what the kernel takes and keeps the rest; a connection that takes nothing is let go. */
void connection_send(struct local_connection *connection, struct slice bytes);
/* The kernel takes more now. */
void connection_flush(struct local_connection *connection);

/* Takes what has come into the stream; one that is closed is let go. */
void connection_receive(struct local_connection *connection, uint64_t now_ms);

#endif
