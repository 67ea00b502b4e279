#include "dataplane/rules/series.h"

#include <string.h>

void series_begin(struct keyed_hash *hash, const struct keyed_hash_key *key)
{
	keyed_hash_begin(hash, key);
	keyed_hash_field(hash, SLICE("series"));
}

static inline void entry_write(const struct sip_address *address, size_t bytes, uint8_t level,
			       uint8_t *entry)
{
	entry[0] = address->family;
	if (bytes == 4)
		memcpy(entry + 1, address->bytes, 4);
	else
		memcpy(entry + 1, address->bytes, 16);
	entry[1 + bytes] = level;
}

void series_add(struct keyed_hash *hash, const struct sip_address *address, uint8_t level)
{
	size_t bytes = address->family == 4 ? 4 : 16;

	entry_write(address, bytes, level, keyed_hash_room(hash, 1 + bytes + 1));
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

enum result series_packed_add(struct series_packed *packed, const struct sip_address *address,
			      uint8_t level)
{
	size_t bytes = address->family == 4 ? 4 : 16;

	if (packed->count == LIMIT_LEGACY_SERIES_ENTRIES)
		return RESULT_SPACE;
	entry_write(address, bytes, level, packed->bytes + packed->length);
	packed->length = (uint8_t)(packed->length + 1 + bytes + 1);
	packed->count++;
	return RESULT_OK;
}

enum result series_packed_add_from(struct series_packed *packed,
				   const struct sip_route_security *series, unsigned first)
{
	enum result result = RESULT_OK;

	for (unsigned i = first; result == RESULT_OK && i < series->count; i++) {
		const struct sip_route_security_entry *entry = &series->entries[i];

		if (i == LIMIT_ROUTE_SECURITY_ENTRIES)
			return RESULT_SPACE;
		if (!entry->is_wellformed)
			return RESULT_BAD;
		result = series_packed_add(packed, &entry->address, entry->level);
	}
	return result;
}

enum result series_unpack(const struct series_packed *packed, struct sip_route_security *out)
{
	size_t at = 0;

	if (packed->count > LIMIT_LEGACY_SERIES_ENTRIES)
		return RESULT_BAD;
	for (unsigned i = 0; i < packed->count; i++) {
		const uint8_t *from = packed->bytes + at;
		size_t bytes;

		if (at == packed->length || (from[0] != 4 && from[0] != 6))
			return RESULT_BAD;
		bytes = from[0] == 4 ? 4 : 16;
		at += 1 + bytes + 1;
		if (at > packed->length)
			return RESULT_BAD;
		out->entries[i] = (struct sip_route_security_entry){
			.address.family = from[0], .level = from[1 + bytes], .is_wellformed = true};
		memcpy(out->entries[i].address.bytes, from + 1, bytes);
	}
	out->count = packed->count;
	return at == packed->length ? RESULT_OK : RESULT_BAD;
}
