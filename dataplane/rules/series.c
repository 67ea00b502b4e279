#include "dataplane/rules/series.h"

#include <string.h>

void series_begin(struct keyed_hash *hash, const struct keyed_hash_key *key)
{
	keyed_hash_begin(hash, key);
	keyed_hash_field(hash, SLICE("series"));
}

void series_add(struct keyed_hash *hash, const struct sip_address *address, uint8_t level)
{
	size_t bytes = address->family == 4 ? 4 : 16;
	uint8_t *entry = keyed_hash_room(hash, 1 + bytes + 1);

	entry[0] = address->family;
	if (bytes == 4)
		memcpy(entry + 1, address->bytes, 4);
	else
		memcpy(entry + 1, address->bytes, 16);
	entry[1 + bytes] = level;
}

void series_add_from(struct keyed_hash *hash, const struct sip_route_security *series,
		     unsigned first)
{
	for (unsigned i = first; i < series->count && i < LIMIT_ROUTE_SECURITY_ENTRIES; i++) {
		const struct sip_route_security_entry *entry = &series->entries[i];

		if (entry->is_wellformed) {
			series_add(hash, &entry->address, entry->level);
		} else {
			/* A wrong entry has no address: it counts as it is written. */
			keyed_hash_u8(hash, 0);
			keyed_hash_field(hash, entry->text);
		}
	}
}

void series_end(struct keyed_hash *hash, uint8_t digest[SERIES_DIGEST_BYTES])
{
	keyed_hash_end(hash, digest, SERIES_DIGEST_BYTES);
}
