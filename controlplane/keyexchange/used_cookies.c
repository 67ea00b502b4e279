#include "controlplane/keyexchange/used_cookies.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

/* Entries stand in a ring, in the order they came; all cookies live equally long, or nearly so. */
struct entry {
	uint8_t id[COOKIE_ID_BYTES];
	uint32_t next; /* in its chain */
	uint8_t h123[KDF_HASH_BYTES];
	uint64_t expires_ms;
	bool is_settled;
	char *message4; /* NULL: settled, and came to nothing */
	size_t message4_len;
};

struct used_cookies {
	struct entry *ring;
	uint32_t *chains; /* chain_count heads */
	uint32_t capacity, first, count;
	uint32_t chain_count; /* a power of two */
};

static uint32_t power_of_two(uint32_t at_least)
{
	uint32_t n = 1;

	while (n < at_least && n < 1u << 30)
		n <<= 1;
	return n;
}

enum result used_cookies_create(uint32_t capacity, struct used_cookies **out)
{
	struct used_cookies *used;

	if (capacity == 0)
		return RESULT_BAD;
	used = calloc(1, sizeof(*used));
	if (!used)
		return RESULT_MEMORY;
	used->capacity = capacity;
	used->chain_count = power_of_two(capacity);
	used->ring = calloc(capacity, sizeof(*used->ring));
	used->chains = malloc(used->chain_count * sizeof(*used->chains));
	if (!used->ring || !used->chains) {
		used_cookies_destroy(used);
		return RESULT_MEMORY;
	}
	for (uint32_t i = 0; i < used->chain_count; i++)
		used->chains[i] = NONE;
	*out = used;
	return RESULT_OK;
}

void used_cookies_destroy(struct used_cookies *used)
{
	if (!used)
		return;
	for (uint32_t i = 0; used->ring && i < used->capacity; i++)
		free(used->ring[i].message4);
	free(used->ring);
	free(used->chains);
	free(used);
}

/* Ids are random and ours (they come out of a seal), so their bytes are as good as any hash. */
static uint32_t *chain_of(const struct used_cookies *used, const uint8_t id[COOKIE_ID_BYTES])
{
	uint32_t head;

	memcpy(&head, id, sizeof(head));
	return &used->chains[head & (used->chain_count - 1)];
}

static struct entry *find(const struct used_cookies *used, const uint8_t id[COOKIE_ID_BYTES])
{
	uint32_t i = *chain_of(used, id);

	while (i != NONE && memcmp(used->ring[i].id, id, COOKIE_ID_BYTES) != 0)
		i = used->ring[i].next;
	return i == NONE ? NULL : &used->ring[i];
}

enum result used_cookies_find(const struct used_cookies *used, const uint8_t id[COOKIE_ID_BYTES],
			      const uint8_t h123[KDF_HASH_BYTES], struct slice *message4)
{
	const struct entry *entry = find(used, id);

	if (!entry)
		return RESULT_NOT_FOUND;
	if (memcmp(entry->h123, h123, KDF_HASH_BYTES) != 0 || !entry->message4)
		return RESULT_STALE;
	if (!entry->is_settled)
		return RESULT_MORE;
	*message4 = slice_make(entry->message4, entry->message4_len);
	return RESULT_OK;
}

static void forget_first(struct used_cookies *used)
{
	struct entry *entry = &used->ring[used->first];
	uint32_t *link = chain_of(used, entry->id);

	while (*link != used->first)
		link = &used->ring[*link].next;
	*link = entry->next;
	free(entry->message4);
	entry->message4 = NULL;
	used->first = (used->first + 1) % used->capacity;
	used->count--;
}

bool used_cookies_make_room(struct used_cookies *used, uint64_t now_ms)
{
	while (used->count > 0 && used->ring[used->first].expires_ms <= now_ms)
		forget_first(used);
	return used->count < used->capacity;
}

enum result used_cookies_put(struct used_cookies *used, const uint8_t id[COOKIE_ID_BYTES],
			     const uint8_t h123[KDF_HASH_BYTES], struct slice message4,
			     uint64_t expires_ms)
{
	uint32_t place = (uint32_t)(((uint64_t)used->first + used->count) % used->capacity);
	struct entry *entry = &used->ring[place];
	uint32_t *chain = chain_of(used, id);

	if (used->count == used->capacity)
		return RESULT_SPACE;
	if (find(used, id))
		return RESULT_EXISTS;
	entry->message4 = malloc(message4.len);
	if (!entry->message4)
		return RESULT_MEMORY;
	memcpy(entry->message4, message4.at, message4.len);
	entry->message4_len = message4.len;
	memcpy(entry->id, id, COOKIE_ID_BYTES);
	memcpy(entry->h123, h123, KDF_HASH_BYTES);
	entry->expires_ms = expires_ms;
	entry->is_settled = false;
	entry->next = *chain;
	*chain = place;
	used->count++;
	return RESULT_OK;
}

void used_cookies_settle(struct used_cookies *used, const uint8_t id[COOKIE_ID_BYTES],
			 bool is_there)
{
	struct entry *entry = find(used, id);

	/* it may have expired meanwhile */
	if (!entry)
		return;
	entry->is_settled = true;
	if (is_there)
		return;
	free(entry->message4);
	entry->message4 = NULL;
}

uint32_t used_cookies_count(const struct used_cookies *used)
{
	return used->count;
}
