/*
 * Where one side of a data channel can be reached, the best first (docs/protocol.md 6.1). A place
 * is an address: with port 0 by ESP itself (protocol 50), with another by ESP in UDP (RFC 3948)
 * there.
 */
#ifndef SEKISHO_TERMINAL_CHANNEL_PLACES_H
#define SEKISHO_TERMINAL_CHANNEL_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"
#include "shared/writer.h"

/* One of ESP itself, and of ESP in UDP our own address and the NAT's, in two IP versions. */
#define PLACES_MAX 5

/* Services of others are below; no NAT gives a terminal such a port. */
#define PLACES_PORT_MIN 1024

struct places {
	struct sip_address place[PLACES_MAX];
	unsigned count;
};

/* The same address and the same way? */
bool place_is_same(const struct sip_address *a, const struct sip_address *b);

/*
 * Can a terminal be there? Not at the unspecified address, none of a loopback, link or group, and
 * in UDP at no port below PLACES_PORT_MIN.
 */
bool place_is_usable(const struct sip_address *place);

/* Adds what is usable and not there yet, as long as there is room. */
void places_add(struct places *places, const struct sip_address *place);

/* Is one of them at this address, whatever the port? */
bool places_has_host(const struct places *places, const struct sip_address *host);

/*
 * Those of theirs that we can send to from one of ours: same IP version, same way, not our own; by
 * ESP first, which is shorter.
 */
struct places places_reachable(const struct places *own, const struct places *theirs);

/* Those in UDP, as "192.0.2.1:4500,[2001:db8::1]:4500"; nothing if there are none. */
void places_write_udp(const struct places *places, struct writer *w);
/* Adds them. RESULT_BAD for what is no such list, a place that is not usable, or too many. */
SEKISHO_MUST_USE enum result places_parse_udp(struct slice text, struct places *places);

/* For users: "192.0.2.1" or "192.0.2.1:4500". */
void place_write(const struct sip_address *place, struct writer *w);

#endif
