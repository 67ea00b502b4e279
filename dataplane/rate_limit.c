#include "dataplane/rate_limit.h"

#include <stdlib.h>
#include <string.h>

#define SET_BUCKETS	 4
#define TOKEN_THOUSANDTH 1000

/* 24 bytes; the key is a keyed hash of the source, which nobody without the seed can collide. */
struct bucket {
	uint64_t key; /* 0: free */
	uint64_t filled_ms;
	uint64_t thousandths; /* of tokens */
};

struct rate_limit {
	size_t set_mask; /* sets - 1, of which there are a power of two: no division a packet */
	uint64_t per_second; /* thousandths of a token each millisecond */
	uint64_t burst;	     /* thousandths */
	uint64_t seed;
	struct bucket buckets[];
};

enum result rate_limit_create(size_t sources, uint32_t per_second, uint32_t burst, uint64_t seed,
			      struct rate_limit **limit)
{
	struct rate_limit *made;

	if (sources < 2 * SET_BUCKETS || (sources & (sources - 1)) != 0 || per_second == 0 ||
	    burst == 0)
		return RESULT_BAD;
	made = calloc(1, sizeof(*made) + sources * sizeof(made->buckets[0]));
	if (!made)
		return RESULT_MEMORY;
	made->set_mask = sources / SET_BUCKETS - 1;
	made->per_second = per_second;
	made->burst = (uint64_t)burst * TOKEN_THOUSANDTH;
	made->seed = seed;
	*limit = made;
	return RESULT_OK;
}

void rate_limit_destroy(struct rate_limit *limit)
{
	free(limit);
}

/* A strong mixing of 64 bits: each bit of the result hangs on every one of value and seed. */
static uint64_t mix(uint64_t value, uint64_t seed)
{
	value ^= seed;
	value = (value ^ value >> 32) * 0xd6e8feb86659fd93u;
	value = (value ^ value >> 32) * (seed | 1);
	value = (value ^ value >> 32) * 0xd6e8feb86659fd93u;
	return value ^ value >> 32;
}

static uint64_t source_key(const struct rate_limit *limit, const struct contract_address *source)
{
	uint64_t prefix = 0, key;

	memcpy(&prefix, source->bytes, source->family == 4 ? 4 : 8);
	/* The family changes the seed, not the prefix: no IPv4 address is some network's twin. */
	key = mix(prefix, limit->seed + source->family);
	return key ? key : 1;
}

static struct bucket *bucket_find(struct rate_limit *limit, uint64_t key, uint64_t now_ms)
{
	struct bucket *set = &limit->buckets[(key >> 1 & limit->set_mask) * SET_BUCKETS];
	struct bucket *oldest = set;

	for (size_t i = 0; i < SET_BUCKETS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (oldest->key && (!set[i].key || set[i].filled_ms < oldest->filled_ms))
			oldest = &set[i];
	}
	*oldest = (struct bucket){.key = key, .filled_ms = now_ms, .thousandths = limit->burst};
	return oldest;
}

bool rate_limit_take(struct rate_limit *limit, const struct contract_address *source,
		     uint64_t now_ms)
{
	struct bucket *bucket = bucket_find(limit, source_key(limit, source), now_ms);

	if (now_ms > bucket->filled_ms) {
		uint64_t passed_ms = now_ms - bucket->filled_ms;
		uint64_t room = limit->burst - bucket->thousandths;

		if (passed_ms >= room / limit->per_second + 1)
			bucket->thousandths = limit->burst;
		else
			bucket->thousandths += passed_ms * limit->per_second;
		bucket->filled_ms = now_ms;
	}
	if (bucket->thousandths < TOKEN_THOUSANDTH)
		return false;
	bucket->thousandths -= TOKEN_THOUSANDTH;
	return true;
}
