/* One connection to the data plane: wire.c reads from it and ends it, wire_send.c sends. */
#ifndef SEKISHO_CONTROLPLANE_CONTRACT_WIRE_STATE_H
#define SEKISHO_CONTROLPLANE_CONTRACT_WIRE_STATE_H

#include <event2/util.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "controlplane/contract/packet_queue.h"
#include "controlplane/contract/wire.h"
#include "shared/contract/packet.h"

/* Packets read by one system call. */
#define WIRE_READ_ONCE 4

/* Room for a packet and a byte more, so that one that is too long shows; whole words. */
#define WIRE_READ_BYTES (CONTRACT_PACKET_BYTES + 8u)

/* What has been read and not told yet. */
struct unread {
	char *at;
	size_t left;
};

struct wire {
	int fd;
	struct event *readable, *writable;
	struct wire_events events;
	struct contract_packet packet;	 /* being written: of this turn of the loop */
	struct packet_queue queue, held; /* to be sent; read while sending */
	int error;			 /* broken while sending: errno */
	/* Messages are being told, or the loop will come: what is sent goes out together, then. */
	bool is_telling, is_flush_due;
	struct mmsghdr headers[WIRE_READ_ONCE];
	struct iovec parts[WIRE_READ_ONCE];
	unsigned read_count, read_next; /* packets read last: how many, and the next to be told */
	struct unread unread;		/* of the one before that */
	char holding[WIRE_READ_BYTES];	/* on its way to be held */
	_Alignas(8) char buffer[WIRE_READ_ONCE][WIRE_READ_BYTES]; /* read as contract structs */
};

/* What does not get out now stays, with an event that will try again. */
void wire_flush(struct wire *wire);

/* The socket takes more, or the loop has come round: an event callback. */
void wire_writable(evutil_socket_t fd, short what, void *arg);

#endif
