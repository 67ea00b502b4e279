#include "controlplane/keyexchange/verify_limit.h"

bool verify_limit_take(struct verify_limit *limit, uint64_t now_ms)
{
	if (now_ms < limit->since_ms || now_ms - limit->since_ms >= 1000) {
		limit->since_ms = now_ms;
		limit->count = 0;
	}
	if (limit->count >= limit->per_second)
		return false;
	limit->count++;
	return true;
}
