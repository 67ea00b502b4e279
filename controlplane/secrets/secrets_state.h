/* The gateway's keys in memory: two rings and the persistent one. */
#ifndef SEKISHO_CONTROLPLANE_SECRETS_SECRETS_STATE_H
#define SEKISHO_CONTROLPLANE_SECRETS_SECRETS_STATE_H

#include "controlplane/secrets/secrets.h"
#include "controlplane/secrets/vault.h"

#define SECRETS_KEY_IDS 256
/* What one turn may have to tell the data plane: every key of two rings, there and gone. */
#define PUSHES_MAX (4 * SECRETS_KEY_IDS)

/* Slot by id; id 0 is not used, so that a zeroed thing names no key. */
struct key_ring {
	enum contract_key_purpose purpose;
	uint32_t rotate_s, overlap_s;
	bool has[SECRETS_KEY_IDS];
	struct contract_key key[SECRETS_KEY_IDS];
	uint8_t newest;
};

/* What is to be told when a turn is taken over. */
struct pushes {
	uint32_t count;
	struct contract_key key[PUSHES_MAX];
};

struct secrets {
	struct secrets_settings settings;
	struct pushes *pushes; /* of a turn; NULL: tell at once */
	struct secret vault;
	struct contract_key persistent;
	struct key_ring sk, token;
	enum result load_result;
};

/* secrets.c: to the data plane, now or when the turn is taken over; to the store, sealed. */
void secrets_push(const struct secrets *secrets, const struct contract_key *key,
		  enum contract_id id);
SEKISHO_MUST_USE enum result secrets_rest(struct secrets *secrets, const struct contract_key *key);

/* secrets_follow.c. RESULT_DENIED: they are sealed under another key file; or an error of the
 * store. */
SEKISHO_MUST_USE enum result secrets_follow(struct secrets *secrets);

/* secrets_ring.c */
void key_ring_note_newest(struct key_ring *ring, uint8_t id);
SEKISHO_MUST_USE enum result key_ring_rotate(struct secrets *secrets, struct key_ring *ring,
					     uint64_t now_s);
/* What is over is forgotten; a new one is made if it is time. */
SEKISHO_MUST_USE enum result key_ring_tick(struct secrets *secrets, struct key_ring *ring,
					   uint64_t now_s);
/* Is there anything for a tick to do? */
bool key_ring_is_due(const struct key_ring *ring, uint64_t now_s);

#endif
