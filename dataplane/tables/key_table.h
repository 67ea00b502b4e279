/*
 * The keys by which a gateway recognises its own: branches and To tags (persistent), sk= and
 * Record-Route tokens (rotating). A picture of all of them is swapped as a whole at each change.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_KEY_TABLE_H
#define SEKISHO_DATAPLANE_TABLES_KEY_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dataplane/rules/keyed_hash.h"
#include "dataplane/tables/deferred.h"
#include "shared/contract/contract.h"
#include "shared/result.h"

/* A rotating key. Never changed once published. */
struct rotating_key {
	struct keyed_hash_key hash;
	uint64_t active_from_s; /* Unix time: makes from here on */
	uint64_t expires_s;	/* verifies until here; 0: never */
	uint8_t id;
};

/* Keys of one purpose: by id, and in the order in which they make. */
struct rotating_keys {
	struct rotating_key *by_id[256];
	uint16_t count;
	uint8_t newest_first[256]; /* ids, latest activation first */
};

/* Never changed once published. */
struct key_picture {
	bool has_persistent;
	struct keyed_hash_key *branch;
	struct keyed_hash_key *to_tag;
	struct rotating_keys sk;
	struct rotating_keys token;
};

struct key_table {
	_Atomic(struct key_picture *) picture;
	const IMB_MGR *mb;
	struct deferred *deferred;
};

/* mb and deferred are borrowed. RESULT_OK or RESULT_MEMORY. */
enum result key_table_init(struct key_table *table, const IMB_MGR *mb,
			   struct deferred *deferred) SEKISHO_MUST_USE;

/* Wipes all keys. */
void key_table_fini(struct key_table *table);

/* Writer: adds or replaces. RESULT_OK, RESULT_BAD (purpose) or RESULT_MEMORY. */
enum result key_table_put(struct key_table *table, const struct contract_key *put) SEKISHO_MUST_USE;

/* Writer: RESULT_OK, RESULT_NOT_FOUND, RESULT_BAD (purpose) or RESULT_MEMORY. */
enum result key_table_delete(struct key_table *table, uint8_t purpose, uint8_t id) SEKISHO_MUST_USE;

static inline const struct key_picture *key_table_view(const struct key_table *table)
{
	return atomic_load_explicit(&table->picture, memory_order_acquire);
}

/* Readers: the key that makes now, and the one of an id while it verifies; NULL if there is none.
 */
const struct rotating_key *rotating_keys_maker(const struct rotating_keys *keys, uint64_t now_s);
const struct rotating_key *rotating_keys_verifier(const struct rotating_keys *keys, uint8_t id,
						  uint64_t now_s);

#endif
