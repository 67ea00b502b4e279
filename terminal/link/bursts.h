/* Many ESP packets by one system call: what has come in a turn, and what a turn sends. */
#ifndef SEKISHO_TERMINAL_LINK_BURSTS_H
#define SEKISHO_TERMINAL_LINK_BURSTS_H

#include <sys/socket.h>

#include "shared/limits.h"
#include "terminal/link/endpoint.h"
#include "terminal/link/sockets.h"

/* Packets taken from one socket or device in one turn, so that nothing else waits for long. */
#define BURST_PACKETS 32

/* Room for the longest: an IP header, and a message or packet in ESP. */
#define BURST_ROOM_BYTES (LIMIT_SIP_MESSAGE_BYTES + 1024)

struct inbox {
	struct mmsghdr headers[BURST_PACKETS];
	struct iovec vectors[BURST_PACKETS];
	union endpoint from[BURST_PACKETS];
	uint8_t rooms[BURST_PACKETS][BURST_ROOM_BYTES];
	bool is_in_udp; /* what it holds */
};

/*
 * Takes what has come at one of the two sockets of ESP, returns how many packets. They stay until
 * it is called again.
 */
unsigned inbox_receive(struct inbox *inbox, const struct sockets *sockets, bool is_in_udp);
/* One of them, without IP header. RESULT_BAD: cut off, or no header where one belongs. */
SEKISHO_MUST_USE enum result inbox_view(struct inbox *inbox, unsigned index, struct received *out);

/* All zero is empty. */
struct outbox {
	unsigned count;
	struct mmsghdr headers[BURST_PACKETS];
	struct iovec vectors[BURST_PACKETS];
	union endpoint to[BURST_PACKETS];
	bool is_in_udp[BURST_PACKETS];
};

/* Borrows the packet until outbox_send; there must be less than BURST_PACKETS. */
void outbox_add(struct outbox *outbox, const struct sip_address *to, const uint8_t *packet,
		size_t len);
/* Sends all in order and is empty; what the kernel does not take is lost, as on any wire. */
void outbox_send(struct outbox *outbox, const struct sockets *sockets);

#endif
