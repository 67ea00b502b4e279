/*
 * Where the names of our domain are registered, gateway by gateway, as a shared store says it. The
 * event loop's alone.
 */
#ifndef SEKISHO_CONTROLPLANE_DIRECTORY_LOCATIONS_H
#define SEKISHO_CONTROLPLANE_DIRECTORY_LOCATIONS_H

#include "controlplane/store/store.h"
#include "shared/slice.h"

struct locations;

SEKISHO_MUST_USE enum result locations_create(struct locations **locations);
/* NULL is none. */
void locations_destroy(struct locations *locations);

/* Adds, replaces or (since_s 0) removes what one gateway has. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result locations_put(struct locations *locations,
					   const struct store_location *location);

/* What a gateway has of a name: false if nothing. */
bool locations_find(const struct locations *locations, struct slice aor, uint8_t gateway,
		    struct store_location *out);

/*
 * The gateway to ask for a name, of those whose bit is set: the highest q, of these the one where it
 * registered last, since a terminal that went elsewhere may still be known where it was. False:
 * none.
 */
bool locations_best(const struct locations *locations, struct slice aor, uint64_t gateways,
		    uint8_t *gateway);

/* Every row of one gateway; each returns false to stop. They must not change meanwhile. */
void locations_each(const struct locations *locations, uint8_t gateway, store_location_each *each,
		    void *ctx);

#endif
