/* Messages of the contract that wait, in order, each perhaps with a descriptor. */
#ifndef SEKISHO_CONTROLPLANE_CONTRACT_MESSAGE_QUEUE_H
#define SEKISHO_CONTROLPLANE_CONTRACT_MESSAGE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "shared/result.h"

struct message_waiting {
	STAILQ_ENTRY(message_waiting) next;
	int descriptor; /* -1: none */
	size_t length;
	char bytes[];
};

struct message_queue {
	STAILQ_HEAD(message_waiting_list, message_waiting) list;
	size_t bytes; /* of all that wait */
};

void message_queue_init(struct message_queue *queue);
/* Drops what waits; it may hold keys, and is wiped. */
void message_queue_fini(struct message_queue *queue);

/*
 * A copy of a message at the end. The descriptor is duplicated, -1: none. RESULT_MEMORY, or
 * RESULT_IO if it cannot be duplicated.
 */
SEKISHO_MUST_USE enum result message_queue_add(struct message_queue *queue, const void *at,
					       size_t length, int descriptor);

/* The first that waits, NULL if none does; and take it off. */
struct message_waiting *message_queue_first(const struct message_queue *queue);
void message_queue_drop_first(struct message_queue *queue);

/*
 * Send what a non-blocking SOCK_SEQPACKET socket takes, many by one system call. 0, also if
 * something still waits; else the errno with which the connection is over.
 */
int message_queue_send(struct message_queue *queue, int fd);

/* Send one message alone. 0; EAGAIN: there is no room now; else the connection is over. */
int message_send(int fd, const void *at, size_t length, int descriptor);

#endif
