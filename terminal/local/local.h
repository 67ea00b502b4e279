/* The sockets towards the SIP clients of this machine: UDP and TCP on the loopback, nowhere else.
 */
#ifndef SEKISHO_TERMINAL_LOCAL_LOCAL_H
#define SEKISHO_TERMINAL_LOCAL_LOCAL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/host.h"
#include "terminal/local/connections.h"

struct local {
	int udp[2], tcp[2]; /* IPv4, IPv6; -1: not there */
	struct sip_address own[2];
	struct local_connections connections;
	void *context;
	/* A message of a client's. */
	void (*take)(void *context, const struct flow *flow, struct slice message);
	/* The kernel says that nobody is at the flow's peer: what was sent there is lost. */
	void (*lost)(void *context, const struct flow *flow);
};

#define LOCAL_FDS (4 + LOCAL_CONNECTIONS)

/* All zero but for what it is to be; nothing is open. */
void local_init(struct local *local);

/*
 * Listens at port on 127.0.0.1 and ::1 (own gets the addresses; family 0 where a machine has no
 * IPv6). RESULT_IO with errno if the port is taken.
 */
SEKISHO_MUST_USE enum result local_open(struct local *local, uint16_t port);
void local_close(struct local *local);

/* To a client; lost if it cannot be. Over TCP a connection is made if there is none any more. */
void local_send(struct local *local, uint64_t now_ms, const struct flow *flow,
		struct slice message);

unsigned local_poll_fill(const struct local *local, struct pollfd *fds);
void local_poll_done(struct local *local, uint64_t now_ms, const struct pollfd *fds);

#endif
