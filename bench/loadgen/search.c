#include "bench/loadgen/search.h"

/* How fast it climbs before the first failure. */
#define CLIMB 1.5

static double clamp(const struct search *search, double rate)
{
	if (rate < search->limits.floor)
		return search->limits.floor;
	return rate > search->limits.ceiling ? search->limits.ceiling : rate;
}

struct search search_begin(const struct search_limits *limits)
{
	struct search search = {.limits = *limits};

	search.now = clamp(&search, limits->first);
	return search;
}

double search_rate(const struct search *search)
{
	return search->is_done ? 0 : search->now;
}

static bool is_close(const struct search *search)
{
	return search->failed - search->passed <= search->limits.resolution * search->failed;
}

/* The next rate, or the end: nothing lies between, or the ends of the range have been met. */
static void advance(struct search *search)
{
	const struct search_limits *limits = &search->limits;

	search->failures = 0;
	if (search->failed == 0) {
		search->is_done = search->passed >= limits->ceiling;
		search->now = clamp(search, search->passed * CLIMB);
	} else if (search->passed == 0) {
		search->is_done = search->failed <= limits->floor;
		search->now = clamp(search, search->failed / 2);
	} else {
		search->is_done = is_close(search);
		search->now = (search->passed + search->failed) / 2;
	}
}

void search_note(struct search *search, uint64_t sent, uint64_t lost)
{
	bool is_passed = sent > 0 &&
			 (double)lost <= search->limits.accepted_loss * (double)sent;

	if (search->is_done)
		return;
	search->trials++;
	if (!is_passed && ++search->failures < search->limits.attempts)
		return;
	if (is_passed)
		search->passed = search->now;
	else
		search->failed = search->now;
	advance(search);
}

double search_found(const struct search *search)
{
	return search->passed;
}
