/* What the patterns of a policy found in one request's text: its rules, first things first. */
#ifndef SEKISHO_DATAPLANE_TABLES_POLICY_HITS_H
#define SEKISHO_DATAPLANE_TABLES_POLICY_HITS_H

#include <stdbool.h>
#include <stdint.h>

/* Seldom do more rules speak of one caller and callee; then the text is scanned once more. */
#define POLICY_HITS 8

struct policy_hits {
	uint32_t rule[POLICY_HITS]; /* places in the blob, ascending */
	uint16_t count;
	bool is_whole; /* no further rule was found */
};

/* Keeps the lowest of all that are added, in order. */
static inline void policy_hits_add(struct policy_hits *hits, uint32_t rule)
{
	unsigned at = hits->count;

	if (at == POLICY_HITS) {
		hits->is_whole = false;
		if (rule >= hits->rule[--at])
			return;
	} else {
		hits->count++;
	}
	for (; at > 0 && hits->rule[at - 1] > rule; at--)
		hits->rule[at] = hits->rule[at - 1];
	hits->rule[at] = rule;
}

#endif
