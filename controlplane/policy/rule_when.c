#include "controlplane/policy/rule_when.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/writer.h"

#define DAYS	 7
#define ALL_DAYS 0x7fu

static const char *const day_names[DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static bool day_read(const char **text, unsigned *day)
{
	for (unsigned i = 0; i < DAYS; i++) {
		if (strncmp(*text, day_names[i], 3) == 0) {
			*day = i;
			*text += 3;
			return true;
		}
	}
	return false;
}

/* "mon-fri,sun"; a span may go over the week's end. */
static bool days_read(const char **text, uint8_t *days)
{
	unsigned first, last, found = 0;

	do {
		if (found != 0)
			(*text)++;
		if (!day_read(text, &first))
			return false;
		last = first;
		if (**text == '-') {
			(*text)++;
			if (!day_read(text, &last))
				return false;
		}
		for (unsigned day = first;; day = (day + 1) % DAYS) {
			found |= 1u << day;
			if (day == last)
				break;
		}
	} while (**text == ',');
	*days = (uint8_t)found;
	return true;
}

static bool digits_read(const char **text, unsigned *number)
{
	const char *at = *text;

	if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
		return false;
	*number = (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
	*text += 2;
	return true;
}

/* "08:00"; 24:00 is the day's end. */
static bool minute_read(const char **text, uint16_t *minute)
{
	unsigned hours, minutes;

	if (!digits_read(text, &hours) || *(*text)++ != ':' || !digits_read(text, &minutes) ||
	    minutes > 59 || hours * 60 + minutes > POLICY_DAY_MINUTES)
		return false;
	*minute = (uint16_t)(hours * 60 + minutes);
	return true;
}

enum result rule_hours_parse(const char *text, struct policy_rule *rule)
{
	uint16_t from = 0, to = POLICY_DAY_MINUTES;
	uint8_t days = ALL_DAYS;

	if (text[0] == '\0') {
		rule->days = 0;
		rule->from_minute = rule->to_minute = 0;
		return RESULT_OK;
	}
	if ((text[0] < '0' || text[0] > '9') && !days_read(&text, &days))
		return RESULT_BAD;
	while (*text == ' ')
		text++;
	if (*text != '\0' &&
	    (!minute_read(&text, &from) || *text++ != '-' || !minute_read(&text, &to) ||
	     *text != '\0' || from == POLICY_DAY_MINUTES || to == 0 || from == to))
		return RESULT_BAD;
	rule->days = days;
	rule->from_minute = from;
	rule->to_minute = to;
	return RESULT_OK;
}

static void days_show(uint8_t days, struct writer *w)
{
	for (unsigned day = 0; day < DAYS; day++) {
		unsigned last = day;

		if ((days >> day & 1) == 0)
			continue;
		while (last + 1 < DAYS && (days >> (last + 1) & 1) != 0)
			last++;
		if (w->len > 0)
			writer_char(w, ',');
		writer_bytes(w, day_names[day], 3);
		if (last > day) {
			writer_char(w, last == day + 1 ? ',' : '-');
			writer_bytes(w, day_names[last], 3);
		}
		day = last;
	}
}

void rule_hours_show(const struct policy_rule *rule, char out[RULE_HOURS_BYTES + 1])
{
	struct writer w = writer_make(out, RULE_HOURS_BYTES);

	if (rule->days != 0 && (rule->days != ALL_DAYS ||
				(rule->from_minute == 0 && rule->to_minute == POLICY_DAY_MINUTES)))
		days_show(rule->days, &w);
	if (rule->days != 0 && (rule->from_minute != 0 || rule->to_minute != POLICY_DAY_MINUTES)) {
		char hours[16];
		int length = snprintf(hours, sizeof(hours), "%02u:%02u-%02u:%02u",
				      rule->from_minute / 60u % 25, rule->from_minute % 60u,
				      rule->to_minute / 60u % 25, rule->to_minute % 60u);

		if (w.len > 0)
			writer_char(&w, ' ');
		writer_bytes(&w, hours, (size_t)length);
	}
	out[w.len] = '\0';
}

static uint32_t unit_s(char unit)
{
	return unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
}

enum result rule_rate_parse(const char *text, struct policy_rule *rule)
{
	unsigned long count, times = 1, period_s;
	char *end;

	rule->rate_count = rule->rate_period_s = 0;
	if (text[0] == '\0')
		return RESULT_OK;
	if (text[0] < '0' || text[0] > '9')
		return RESULT_BAD;
	count = strtoul(text, &end, 10);
	if (*end++ != '/' || count < 1 || count > RULE_RATE_COUNT)
		return RESULT_BAD;
	if (*end >= '0' && *end <= '9')
		times = strtoul(end, &end, 10);
	period_s = unit_s(*end);
	end += strcmp(end, "min") == 0 ? 3 : period_s != 0 ? 1 : 0;
	if (*end != '\0' || times > RULE_RATE_PERIOD_S)
		return RESULT_BAD;
	period_s *= times;
	if (period_s < 1 || period_s > RULE_RATE_PERIOD_S)
		return RESULT_BAD;
	rule->rate_count = (uint32_t)count;
	rule->rate_period_s = (uint32_t)period_s;
	return RESULT_OK;
}

void rule_rate_show(const struct policy_rule *rule, char out[RULE_RATE_BYTES + 1])
{
	out[0] = '\0';
	if (rule->rate_count == 0)
		return;
	switch (rule->rate_period_s) {
	case 1:
		snprintf(out, RULE_RATE_BYTES + 1, "%u/s", rule->rate_count);
		break;
	case 60:
		snprintf(out, RULE_RATE_BYTES + 1, "%u/min", rule->rate_count);
		break;
	case 3600:
		snprintf(out, RULE_RATE_BYTES + 1, "%u/h", rule->rate_count);
		break;
	default:
		snprintf(out, RULE_RATE_BYTES + 1, "%u/%us", rule->rate_count,
			 rule->rate_period_s);
	}
}
