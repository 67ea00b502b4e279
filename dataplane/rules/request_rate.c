#include "dataplane/rules/request_rate.h"

#define REQUEST_TOKENS 1000 /* so that a millisecond's share is a whole number */

bool request_rate_take(struct request_rate rate, uint32_t per_second, uint64_t now_ms)
{
	uint64_t full = (uint64_t)per_second * REQUEST_TOKENS, passed;

	if (per_second == 0)
		return true;
	passed = now_ms > *rate.since_ms ? now_ms - *rate.since_ms : 0;
	if (*rate.since_ms == 0 || passed >= 1000)
		*rate.tokens = full;
	else
		*rate.tokens += passed * per_second;
	if (*rate.tokens > full)
		*rate.tokens = full;
	*rate.since_ms = now_ms;
	if (*rate.tokens < REQUEST_TOKENS)
		return false;
	*rate.tokens -= REQUEST_TOKENS;
	return true;
}
