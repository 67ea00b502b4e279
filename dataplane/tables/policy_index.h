/*
 * A policy made ready for the path: its exact rules by caller and callee, so that a verdict costs a
 * few look-ups whatever the number of rules, and the patterns of the others as one set, so that all
 * of them cost one scan. The verdict is policy_decide()'s, rule for rule.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_POLICY_INDEX_H
#define SEKISHO_DATAPLANE_TABLES_POLICY_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/tables/policy_hits.h"
#include "shared/contract/policy_blob.h"
#include "shared/contract/policy_decide.h"
#include "shared/result.h"

/* Never changed once made. */
struct policy_index;

/* Where a request's patterns are looked for, and what was found there. */
struct policy_sight {
	struct slice text; /* policy_text.h */
	unsigned scanner;  /* the worker */
	struct policy_hits hits;
};

/*
 * Copies the blob, which is validated, and indexes it; `scanners` workers may scan at once. serial
 * tells it from every other one. RESULT_OK, RESULT_BAD (not a sound blob, or its patterns are none)
 * or RESULT_MEMORY.
 */
enum result policy_index_create(const void *blob, size_t length, unsigned scanners, uint64_t serial,
				struct policy_index **index) SEKISHO_MUST_USE;
void policy_index_destroy(struct policy_index *index);

uint64_t policy_index_generation(const struct policy_index *index);
uint64_t policy_index_serial(const struct policy_index *index);

/* Is it made of just these bytes? */
bool policy_index_is_of(const struct policy_index *index, const void *blob, size_t length);

/* Has any rule patterns: is there something to look for? index may be NULL. */
bool policy_index_has_patterns(const struct policy_index *index);

/* Does any rule judge a caller by his groups: is it worth knowing them? index may be NULL. */
bool policy_index_has_caller_groups(const struct policy_index *index);

/* The one scan: fills in sight->hits. */
void policy_index_look(const struct policy_index *index, struct policy_sight *sight);

/* As policy_decide() and policy_limit(); index NULL (no policy yet) denies. sight is looked at only
 * if the policy has patterns. */
struct policy_verdict policy_index_decide(const struct policy_index *index,
					  const struct policy_question *question,
					  const struct policy_sight *sight);
const struct policy_rule *policy_index_limit(const struct policy_index *index,
					     const struct policy_question *question,
					     const struct policy_sight *sight);

/* Is there a signature of the policy's screen in this text, from outside any SA? */
bool policy_index_is_screened(const struct policy_index *index, unsigned scanner,
			      struct slice text);

#endif
