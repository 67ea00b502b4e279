/* The Route entries of a request: our own on top, and what stands next (RFC 3261 16.4, 16.12). */
#ifndef SEKISHO_DATAPLANE_RULES_ROUTE_H
#define SEKISHO_DATAPLANE_RULES_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/sip/message.h"
#include "shared/slice.h"

struct peer;
struct tables;
struct settings;

struct route {
	uint16_t own;		 /* entries of ours, from the top until the first that is not */
	uint16_t count;		 /* all entries */
	struct slice token;	 /* user part of the topmost, if it is ours; else empty */
	struct sip_address next; /* of the first that is not ours; family 0: none, or a name */
	bool is_bad;		 /* an entry does not parse */
	/* The topmost is of another gateway of our domain; token is that one's, and own is 0. */
	bool is_siblings;
};

/* One entry of a gateway of our domain. */
struct route_stop {
	struct slice token;	    /* user part */
	const struct peer *sibling; /* NULL: it is this gateway's own */
};

/* Ours: a sip URI whose host is one of our addresses or domains. */
void route_read(const struct tables *tables, const struct settings *settings,
		const struct sip_message *message, struct route *out);

/* RESULT_OK, or RESULT_NOT_FOUND: it is of no gateway of our domain, or does not parse. */
enum result route_stop_read(const struct tables *tables, const struct settings *settings,
			    struct slice entry, struct route_stop *out) SEKISHO_MUST_USE;

/* The address of the entry at place `at`, in route->next; family 0: there is none, or a name. */
void route_next_read(const struct sip_message *message, unsigned at, struct route *route);

/* Does a host (as written) name this gateway: one of its addresses or domains? */
bool route_is_own_host(const struct tables *tables, const struct settings *settings,
		       struct slice host);

#endif
