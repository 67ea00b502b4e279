#include "controlplane/policy/zone.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HOUR_S	  3600
#define YEAR_DAYS 366
#define ZONES	  "/usr/share/zoneinfo/"

static int32_t offset_at(int64_t when_s)
{
	time_t when = (time_t)when_s;
	struct tm local;

	return localtime_r(&when, &local) != NULL ? (int32_t)local.tm_gmtoff : 0;
}

/* A name in the data base, and no way out of it. */
static bool zone_is_there(const char *name)
{
	char path[256];
	int length = snprintf(path, sizeof(path), ZONES "%s", name);

	return length > 0 && (size_t)length < sizeof(path) && name[0] != '/' && name[0] != '\0' &&
	       strstr(name, "..") == NULL && name[strlen(name) - 1] != '/' &&
	       access(path, R_OK) == 0;
}

/* The first second, between two that differ, that has the later one's offset. */
static int64_t change_find(int64_t before_s, int64_t after_s)
{
	int32_t offset = offset_at(after_s);

	while (after_s - before_s > 1) {
		int64_t middle_s = before_s + (after_s - before_s) / 2;

		if (offset_at(middle_s) == offset)
			after_s = middle_s;
		else
			before_s = middle_s;
	}
	return after_s;
}

static uint32_t changes_read(int64_t from_s, struct policy_zone *zone)
{
	const int64_t end_s = from_s + (int64_t)(POLICY_ZONE_CHANGES / 2) * YEAR_DAYS * 24 * HOUR_S;
	uint32_t count = 1;

	zone[0] = (struct policy_zone){.from_s = from_s, .offset_s = offset_at(from_s)};
	for (int64_t at_s = from_s; at_s < end_s && count < POLICY_ZONE_CHANGES;
	     at_s += 24 * HOUR_S) {
		int64_t next_s = at_s + 24 * HOUR_S;

		if (offset_at(next_s) != offset_at(at_s)) {
			int64_t change_s = change_find(at_s, next_s);

			zone[count++] = (struct policy_zone){.from_s = change_s,
							     .offset_s = offset_at(change_s)};
		}
	}
	return count;
}

enum result zone_read(const char *name, uint64_t now_s, struct policy_zone *zone, uint32_t *count)
{
	const char *set = getenv("TZ");
	char *before = set != NULL ? strdup(set) : NULL;
	time_t now = (time_t)now_s;
	struct tm year;

	if (!zone_is_there(name) || gmtime_r(&now, &year) == NULL) {
		free(before);
		return RESULT_NOT_FOUND;
	}
	year = (struct tm){.tm_year = year.tm_year, .tm_mday = 1};
	setenv("TZ", name, 1);
	tzset();
	*count = changes_read((int64_t)timegm(&year), zone);
	if (before != NULL)
		setenv("TZ", before, 1);
	else
		unsetenv("TZ");
	tzset();
	free(before);
	return RESULT_OK;
}
