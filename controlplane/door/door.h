/*
 * TCP 5060 of the gateway's addresses: who has certificates that no datagram holds comes in here for
 * the length of one key exchange (docs/protocol.md 1.13). All that a stranger can make grow is bounded:
 * connections, those of one source and how often it makes them, messages and time of each.
 */
#ifndef SEKISHO_CONTROLPLANE_DOOR_DOOR_H
#define SEKISHO_CONTROLPLANE_DOOR_DOOR_H

#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/result.h"
#include "shared/slice.h"

/* One port has an address of each family. */
#define DOOR_LEAVES 16

/* When one more comes, the oldest goes. */
#define DOOR_CONNECTIONS 512
/* Of one source: an IPv4 address, an IPv6 /64. */
#define DOOR_PER_SOURCE 8
/* It makes so many, then one each interval: behind a carrier's NAT are many, who come at once. */
#define DOOR_BURST	 256
#define DOOR_INTERVAL_MS 250
/* An exchange has 3 messages; some more for one that begins anew. */
#define DOOR_MESSAGES 8
/* From the first byte to the last, however slowly they come. */
#define DOOR_LIFE_S 10

struct event_base;
struct door;

struct door_counters {
	uint64_t opened;
	uint64_t refused; /* too many of one source, or too often */
	uint64_t pushed;  /* the oldest, for want of room */
	uint64_t late;	  /* not done in time */
	uint64_t bad;	  /* no SIP, too long, too many messages */
	uint32_t open;
};

struct door_settings {
	struct event_base *base;
	struct contract_address at[DOOR_LEAVES]; /* family 0: none; with port */
	/*
	 * A whole message, borrowed, by a stream (never 0), which is read on when it is answered; at is the
	 * index of the address it came to.
	 */
	void (*received)(void *ctx, uint64_t stream, unsigned at,
			 const struct contract_address *source, struct slice message);
	void *ctx;
};

/* RESULT_MEMORY, RESULT_IO with errno: one of the addresses cannot be listened on. */
SEKISHO_MUST_USE enum result door_create(const struct door_settings *settings, struct door **door);
void door_destroy(struct door *door);

/* The answer to what came last by a stream, in two pieces; nothing if the stream is gone. */
void door_answer(struct door *door, uint64_t stream, struct slice head, struct slice tail);

struct door_counters door_counters_get(const struct door *door);

#endif
