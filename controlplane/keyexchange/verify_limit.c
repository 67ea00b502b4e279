#include "controlplane/keyexchange/verify_limit.h"

#include <stdlib.h>

#include "controlplane/keyexchange/attach_rate.h"

struct verify_limit {
	struct attach_rate *failures; /* by source */
	uint32_t per_second;
	uint32_t count; /* in the second that started at since_ms */
	uint64_t since_ms;
};

enum result verify_limit_create(uint32_t per_second, uint32_t seed, struct verify_limit **out)
{
	struct verify_limit *limit;
	enum result result;

	if (per_second == 0)
		return RESULT_BAD;
	limit = calloc(1, sizeof(*limit));
	if (!limit)
		return RESULT_MEMORY;
	limit->per_second = per_second;
	result = attach_rate_create(VERIFY_LIMIT_SOURCES, seed, &limit->failures);
	if (result != RESULT_OK) {
		verify_limit_destroy(limit);
		return result;
	}
	*out = limit;
	return RESULT_OK;
}

void verify_limit_destroy(struct verify_limit *limit)
{
	if (!limit)
		return;
	attach_rate_destroy(limit->failures);
	free(limit);
}

bool verify_limit_take(struct verify_limit *limit, const struct sip_address *source,
		       uint64_t now_ms)
{
	if (!attach_rate_is_left(limit->failures, attach_rate_source(source->family, source->bytes), now_ms))
		return false;
	if (now_ms < limit->since_ms || now_ms - limit->since_ms >= 1000) {
		limit->since_ms = now_ms;
		limit->count = 0;
	}
	if (limit->count >= limit->per_second)
		return false;
	limit->count++;
	return true;
}

void verify_limit_failed(struct verify_limit *limit, const struct sip_address *source,
			 uint64_t now_ms)
{
	(void)attach_rate_take(limit->failures, attach_rate_source(source->family, source->bytes), now_ms);
}
