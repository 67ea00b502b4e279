#include "controlplane/keyexchange/flood.h"

bool flood_count(struct flood *flood, uint64_t now_ms)
{
	if (now_ms - flood->since_ms >= 1000) {
		flood->since_ms = now_ms;
		flood->count = 0;
	}
	if (flood->count < flood->threshold)
		flood->count++;
	else
		flood->until_ms = now_ms + FLOOD_LINGER_MS;
	return now_ms < flood->until_ms;
}
