/* Many ESP packets by one system call: what has come in a turn, and what a turn sends. */
#ifndef SEKISHO_TERMINAL_LINK_BURSTS_H
#define SEKISHO_TERMINAL_LINK_BURSTS_H

#include <sys/socket.h>

#include "shared/limits.h"
#include "terminal/link/endpoint.h"
#include "terminal/link/sockets.h"

/*
 * Packets taken from one socket in one turn, so that nothing else waits for long, and sent by one
 * call: what is cut from one packet of 64 KB.
 */
#define BURST_PACKETS 48

/* Room for the longest: an IP header, and a message or packet in ESP. */
#define BURST_ROOM_BYTES (LIMIT_SIP_MESSAGE_BYTES + 1024)
/* And for packets in UDP that the kernel has joined: the longest datagram there is. */
#define BURST_JOINED_BYTES 65536
#define BURST_JOINED	   16
#define BURST_BYTES	   (BURST_JOINED * BURST_JOINED_BYTES)

_Static_assert(BURST_PACKETS *BURST_ROOM_BYTES <= BURST_BYTES, "rooms for a burst");

/* What the kernel says of a datagram, or is told of one. */
union burst_control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

struct inbox {
	struct mmsghdr headers[BURST_PACKETS];
	struct iovec vectors[BURST_PACKETS];
	union endpoint from[BURST_PACKETS];
	union burst_control controls[BURST_PACKETS];
	unsigned count; /* messages in it */
	unsigned next;	/* the one that is looked at */
	size_t at;	/* where in it */
	bool is_in_udp; /* what it holds */
	uint8_t bytes[BURST_BYTES];
};

/*
 * Takes what has come at one of the two sockets of ESP. It stays until it is called again. False:
 * there was nothing.
 */
bool inbox_receive(struct inbox *inbox, const struct sockets *sockets, bool is_in_udp);
/*
 * The next packet of it, without IP header. RESULT_BAD: one that is cut off, or no header where one
 * belongs; RESULT_NOT_FOUND: there is no more.
 */
SEKISHO_MUST_USE enum result inbox_next(struct inbox *inbox, struct received *out);

/* All zero is empty. */
struct outbox {
	unsigned count;
	struct iovec vectors[BURST_PACKETS];
	union endpoint to[BURST_PACKETS];
	socklen_t to_len[BURST_PACKETS];
	bool is_in_udp[BURST_PACKETS];
	/* How it is handed to the kernel: each may hold several of the packets. */
	struct mmsghdr headers[BURST_PACKETS];
	union burst_control controls[BURST_PACKETS];
};

/* Borrows the packet until outbox_send; there must be less than BURST_PACKETS. */
void outbox_add(struct outbox *outbox, const struct sip_address *to, const uint8_t *packet,
		size_t len);
/*
 * Sends all in order and is empty; what the kernel does not take is lost, as on any wire. What goes
 * in UDP to one place is handed over in one piece where the sockets' kernel cuts it; one that says
 * that it cannot is not asked again.
 */
void outbox_send(struct outbox *outbox, struct sockets *sockets);

#endif
