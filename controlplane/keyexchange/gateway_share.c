#include "controlplane/keyexchange/gateway_share.h"

#include <stdlib.h>

#include "controlplane/keyexchange/cookie.h"

/* Shares that cookies may name at once: those of a cookie's life, the one of now, one spare. */
#define SHARES_KEPT (COOKIE_LIFETIME_MS_MAX / GATEWAY_SHARE_MS + 2)

struct kept {
	struct x25519 *own; /* NULL: none */
	uint32_t epoch;
	uint64_t made_ms;
};

struct gateway_shares {
	struct kept kept[SHARES_KEPT]; /* epoch e stands at e % SHARES_KEPT */
	uint32_t epoch;		       /* of the newest; 0: none yet */
	uint64_t keep_ms;
	struct random_source random;
};

enum result gateway_shares_create(uint64_t keep_ms, struct random_source random,
				  struct gateway_shares **out)
{
	struct gateway_shares *s = calloc(1, sizeof(*s));

	if (!s)
		return RESULT_MEMORY;
	s->keep_ms = keep_ms;
	s->random = random;
	*out = s;
	return RESULT_OK;
}

static void erase(struct kept *kept)
{
	x25519_destroy(kept->own);
	kept->own = NULL;
}

void gateway_shares_destroy(struct gateway_shares *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SHARES_KEPT; i++)
		erase(&s->kept[i]);
	free(s);
}

void gateway_shares_expire(struct gateway_shares *s, uint64_t now_ms)
{
	for (size_t i = 0; i < SHARES_KEPT; i++)
		if (s->kept[i].own && now_ms > s->kept[i].made_ms + GATEWAY_SHARE_MS + s->keep_ms)
			erase(&s->kept[i]);
}

static struct kept *place_of(struct gateway_shares *s, uint32_t epoch)
{
	return &s->kept[epoch % SHARES_KEPT];
}

enum result gateway_shares_now(struct gateway_shares *s, uint64_t now_ms, uint32_t *epoch,
			       const struct x25519 **out)
{
	struct kept *kept = place_of(s, s->epoch);

	if (!kept->own || now_ms >= kept->made_ms + GATEWAY_SHARE_MS) {
		struct x25519 *own;
		enum result result = x25519_generate(&s->random, &own);

		if (result != RESULT_OK)
			return result;
		kept = place_of(s, ++s->epoch);
		erase(kept);
		*kept = (struct kept){.own = own, .epoch = s->epoch, .made_ms = now_ms};
	}
	*epoch = kept->epoch;
	*out = kept->own;
	return RESULT_OK;
}

enum result gateway_shares_find(const struct gateway_shares *s, uint32_t epoch,
				const struct x25519 **out)
{
	const struct kept *kept = &s->kept[epoch % SHARES_KEPT];

	if (!kept->own || kept->epoch != epoch)
		return RESULT_STALE;
	*out = kept->own;
	return RESULT_OK;
}
