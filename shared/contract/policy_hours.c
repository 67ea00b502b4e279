#include "shared/contract/policy_hours.h"

#define DAY_S 86400

/* Before the first change that is known its offset is as good a guess as any. */
static int64_t local_s(const struct policy_blob *blob, uint64_t now_s)
{
	int32_t offset_s = blob->zone_count > 0 ? blob->zone[0].offset_s : 0;

	for (uint32_t i = 0; i < blob->zone_count && blob->zone[i].from_s <= (int64_t)now_s; i++)
		offset_s = blob->zone[i].offset_s;
	return (int64_t)now_s + offset_s;
}

bool policy_hours_are_now(const struct policy_blob *blob, const struct policy_rule *rule,
			  uint64_t now_s)
{
	int64_t local = local_s(blob, now_s), second = local % DAY_S;
	uint16_t minute = (uint16_t)(second / 60);
	/* The first of January 1970 was a Thursday: day 3 from Monday. */
	unsigned today = (unsigned)((local / DAY_S + 3) % 7), yesterday = (today + 6) % 7;
	bool is_today = (rule->days >> today & 1) != 0;

	if (local < 0)
		return false;
	if (rule->from_minute < rule->to_minute)
		return is_today && minute >= rule->from_minute && minute < rule->to_minute;
	/* Over midnight: the evening of its own day, the morning of the next. */
	return (is_today && minute >= rule->from_minute) ||
	       ((rule->days >> yesterday & 1) != 0 && minute < rule->to_minute);
}
