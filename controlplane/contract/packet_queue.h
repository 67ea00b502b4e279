/* Packets of the contract that wait, in order, each perhaps with a descriptor. */
#ifndef SEKISHO_CONTROLPLANE_CONTRACT_PACKET_QUEUE_H
#define SEKISHO_CONTROLPLANE_CONTRACT_PACKET_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "shared/result.h"

struct packet_waiting {
	STAILQ_ENTRY(packet_waiting) next;
	int descriptor; /* -1: none */
	size_t length;
	char bytes[];
};

struct packet_queue {
	STAILQ_HEAD(packet_waiting_list, packet_waiting) list;
	size_t bytes; /* of all that wait */
};

void packet_queue_init(struct packet_queue *queue);
/* Drops what waits; it may hold keys, and is wiped. */
void packet_queue_fini(struct packet_queue *queue);

/*
 * A copy of a packet at the end. The descriptor is duplicated, -1: none. RESULT_MEMORY, or
 * RESULT_IO if it cannot be duplicated.
 */
SEKISHO_MUST_USE enum result packet_queue_add(struct packet_queue *queue, const void *at,
					      size_t length, int descriptor);

/* The first that waits, NULL if none does; and take it off. */
struct packet_waiting *packet_queue_first(const struct packet_queue *queue);
void packet_queue_drop_first(struct packet_queue *queue);

/*
 * Send what a non-blocking SOCK_SEQPACKET socket takes, many by one system call. 0, also if
 * something still waits; else the errno with which the connection is over.
 */
int packet_queue_send(struct packet_queue *queue, int fd);

/* Send one packet alone. 0; EAGAIN: there is no room now; else the connection is over. */
int packet_send(int fd, const void *at, size_t length, int descriptor);

#endif
