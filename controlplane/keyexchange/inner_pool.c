#include "controlplane/keyexchange/inner_pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The host part lies in the last four bytes: more than enough for every SA there may be. */
#define HOST_BITS_MAX 32

struct range {
	struct inner_prefix prefix;
	uint32_t count; /* hosts 1..count are given out */
	uint32_t next;	/* where to look first */
	uint8_t *held;	/* [count + 1], SAs with that address; stays at 255 */
};

struct inner_pool {
	struct range ranges[2];
};

static unsigned address_bits(uint8_t family)
{
	return family == 4 ? 32 : 128;
}

static uint32_t low_word(const struct sip_address *address)
{
	const uint8_t *at = address->bytes + address_bits(address->family) / 8 - 4;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void low_word_set(struct sip_address *address, uint32_t word)
{
	uint8_t *at = address->bytes + address_bits(address->family) / 8 - 4;

	for (int i = 3; i >= 0; i--, word >>= 8)
		at[i] = (uint8_t)word;
}

static uint32_t host_mask(const struct inner_prefix *prefix)
{
	unsigned bits = address_bits(prefix->address.family) - prefix->bits;

	return bits >= HOST_BITS_MAX ? UINT32_MAX : (UINT32_C(1) << bits) - 1;
}

static enum result range_make(const struct inner_prefix *prefix, uint32_t places,
			      struct range *range)
{
	uint32_t mask;

	range->prefix = *prefix;
	if (prefix->address.family == 0)
		return RESULT_OK;
	if (prefix->bits + 2u > address_bits(prefix->address.family))
		return RESULT_BAD;
	mask = host_mask(prefix);
	low_word_set(&range->prefix.address, low_word(&prefix->address) & ~mask);
	/* Neither the network's own address nor IPv4's broadcast. */
	range->count = mask - 1 < places ? mask - 1 : places;
	range->next = 1;
	range->held = calloc((size_t)range->count + 1, 1);
	return range->held ? RESULT_OK : RESULT_MEMORY;
}

enum result inner_pool_create(const struct inner_prefix prefixes[2], uint32_t places,
			      struct inner_pool **out)
{
	struct inner_pool *pool;
	enum result result = RESULT_OK;

	if (places == 0 || (prefixes[0].address.family != 0 &&
			    prefixes[0].address.family == prefixes[1].address.family))
		return RESULT_BAD;
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return RESULT_MEMORY;
	for (unsigned i = 0; i < 2 && result == RESULT_OK; i++)
		result = range_make(&prefixes[i], places, &pool->ranges[i]);
	if (result != RESULT_OK) {
		inner_pool_destroy(pool);
		return result;
	}
	*out = pool;
	return RESULT_OK;
}

void inner_pool_destroy(struct inner_pool *pool)
{
	if (!pool)
		return;
	free(pool->ranges[0].held);
	free(pool->ranges[1].held);
	free(pool);
}

static struct range *range_of(struct inner_pool *pool, uint8_t family)
{
	for (unsigned i = 0; pool && i < 2; i++)
		if (family != 0 && pool->ranges[i].prefix.address.family == family)
			return &pool->ranges[i];
	return NULL;
}

enum result inner_pool_find(struct inner_pool *pool, uint8_t family, struct sip_address *out)
{
	struct range *range = range_of(pool, family);

	if (!range)
		return RESULT_SPACE;
	for (uint32_t tried = 0; tried < range->count; tried++) {
		uint32_t host = range->next;

		range->next = host < range->count ? host + 1 : 1;
		if (range->held[host] != 0)
			continue;
		*out = range->prefix.address;
		out->port = 0;
		low_word_set(out, low_word(out) | host);
		return RESULT_OK;
	}
	return RESULT_SPACE;
}

/* How many hold this address, or NULL if it is none of ours. */
static uint8_t *holders(struct inner_pool *pool, const struct sip_address *address)
{
	struct range *range = range_of(pool, address->family);
	struct sip_address network = *address;
	uint32_t mask, host;

	if (!range)
		return NULL;
	mask = host_mask(&range->prefix);
	host = low_word(address) & mask;
	low_word_set(&network, low_word(address) & ~mask);
	if (!sip_address_is_same_host(&network, &range->prefix.address) || host == 0 ||
	    host > range->count)
		return NULL;
	return &range->held[host];
}

void inner_pool_hold(struct inner_pool *pool, const struct sip_address *address)
{
	uint8_t *held = holders(pool, address);

	if (held && *held < UINT8_MAX)
		(*held)++;
}

void inner_pool_release(struct inner_pool *pool, const struct sip_address *address)
{
	uint8_t *held = holders(pool, address);

	if (held && *held > 0 && *held < UINT8_MAX)
		(*held)--;
}
