/*
 * All peers at one moment, and every way to find them: never changed once it is published. Of
 * several of one domain or leg, one that is up is found before others, then the lowest priority,
 * then the lowest index.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_PEER_PICTURE_H
#define SEKISHO_DATAPLANE_TABLES_PEER_PICTURE_H

#include "dataplane/tables/peer.h"

#define PEER_CHOICES 8 /* gateways of one leg that are chosen among */

/* Twice what 255 peers with 8 addresses or domains each need. */
#define PEER_PICTURE_PLACES 4096

/* A place of an index: peer index << 3 | which of its addresses or domains; 0 is empty. */
typedef uint16_t peer_place;

/* Among which gateways of a peer's leg a call may choose now. */
struct peer_choice {
	uint8_t gateways; /* that there are at all */
	uint8_t count;	  /* of index */
	uint16_t weight;  /* of all of them */
	uint8_t index[PEER_CHOICES];
};

struct peer_picture {
	struct peer *peer[PEER_CAPACITY];
	struct peer_choice choice[PEER_CAPACITY]; /* by peer index */
	bool has_siblings;
	peer_place by_address[PEER_PICTURE_PLACES];
	peer_place by_domain[PEER_PICTURE_PLACES];
	peer_place by_leg[PEER_PICTURE_PLACES];
};

/* After its peers have been set. */
void peer_picture_index(struct peer_picture *picture);

/* NULL: there is none. */
const struct peer *peer_picture_by_address(const struct peer_picture *picture,
					   const struct sip_address *address);
const struct peer *peer_picture_by_domain(const struct peer_picture *picture,
					  const struct text_key *domain);
const struct peer *peer_picture_by_leg(const struct peer_picture *picture,
				       const uint8_t leg[PEER_LEG_BYTES]);

/* Of all gateways of this one's leg the one for a call; itself, if none is up. */
const struct peer *peer_picture_choose(const struct peer_picture *picture, const struct peer *peer,
				       uint64_t hash);

bool peer_is_of_one_leg(const struct peer *a, const struct peer *b);

#endif
