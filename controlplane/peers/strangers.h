/*
 * TLS connections that have not said who they are. Whoever reaches the port can make one, so all of
 * it is bounded: how many there are, how many of one source (IPv4: an address, IPv6: a /64), and
 * how often a source may come to nothing. When one more comes than there is room for, the oldest
 * has had its time.
 */
#ifndef SEKISHO_CONTROLPLANE_PEERS_STRANGERS_H
#define SEKISHO_CONTROLPLANE_PEERS_STRANGERS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

#define STRANGERS_MAX	     64
#define STRANGERS_PER_SOURCE 8

/* Of a source, that came to nothing: so many, then one each interval. */
#define STRANGERS_BURST	      16
#define STRANGERS_INTERVAL_MS 4000

struct link;
struct strangers;

/* RESULT_MEMORY; RESULT_IO: no random numbers. */
SEKISHO_MUST_USE enum result strangers_create(struct strangers **strangers);
/* NULL is nothing. The links are not ended. */
void strangers_destroy(struct strangers *strangers);

/*
 * May one more of this source come in now (a clock that never goes back)? Not while it has as many
 * as it may have, nor soon after many that came to nothing.
 */
bool strangers_may_come(const struct strangers *strangers, const struct contract_address *source,
			uint64_t now_ms);

/* There is room, or strangers_oldest() has been ended. */
bool strangers_have_room(const struct strangers *strangers);
void strangers_add(struct strangers *strangers, struct link *link,
		   const struct contract_address *source);

/* NULL: there is none. */
struct link *strangers_oldest(const struct strangers *strangers);

/* It is a stranger no longer, being known or gone: was it one? */
bool strangers_take_out(struct strangers *strangers, const struct link *link);
/* The same, and it came to nothing: that counts against its source. */
bool strangers_fail(struct strangers *strangers, const struct link *link, uint64_t now_ms);

#endif
