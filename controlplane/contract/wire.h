/*
 * One connection of the contract: whole messages in and out of a non-blocking SOCK_SEQPACKET
 * socket, many in a packet, validated before anybody sees them, queued while the other side is
 * slow.
 */
#ifndef SEKISHO_CONTROLPLANE_CONTRACT_WIRE_H
#define SEKISHO_CONTROLPLANE_CONTRACT_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "shared/contract/contract.h"

struct event_base;
struct wire;

/*
 * Bytes that may wait to be sent. Above WIRE_PRESSED_BYTES a sender waits until the data plane has
 * taken half of them (a refill of a million terminals); if it stands still more may wait, up to
 * WIRE_QUEUE_BYTES.
 */
#define WIRE_PRESSED_BYTES (32u * 1024 * 1024)
#define WIRE_QUEUE_BYTES   (256u * 1024 * 1024)

struct wire_events {
	void *ctx;
	/* A sound message, borrowed. Must not destroy the wire. */
	void (*message)(void *ctx, const struct contract_header *message);
	/* It is over, reason is a sentence's end; the wire is to be destroyed, now or later. */
	void (*closed)(void *ctx, const char *reason);
};

/* Takes the connected descriptor, also on failure (NULL: out of memory). */
struct wire *wire_create(struct event_base *base, int fd, const struct wire_events *events);

/* Closes; what the socket does not take at once is dropped. NULL is none. */
void wire_destroy(struct wire *wire);

/*
 * Send or queue a copy of a message (header->length bytes) under this request number. descriptor is
 * duplicated, -1: none. It goes out with the others of this turn of the loop, at its end or when
 * they fill a packet. RESULT_OK: it is on its way; RESULT_IO: the wire is broken (closed is called
 * later); RESULT_SPACE: too much waits; RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result wire_send(struct wire *wire, const struct contract_header *message,
				       uint32_t request, int descriptor);

#endif
