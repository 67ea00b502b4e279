/*
 * The rules of the store as the policy blob that both planes judge by (policy_blob.h), in two
 * steps: they are read where the store is, and built with what the configuration says, which takes
 * seconds where thousands of them have patterns, wherever there is time (workshop.h).
 */
#ifndef SEKISHO_CONTROLPLANE_POLICY_COMPILE_H
#define SEKISHO_CONTROLPLANE_POLICY_COMPILE_H

#include "controlplane/policy/pattern.h"
#include "controlplane/store/store.h"
#include "shared/contract/policy_blob.h"

#define POLICY_SCREEN_MAX   64	/* signatures of scanners in the configuration */
#define POLICY_SCREEN_BYTES 100 /* longest of them */

/* What of the configuration is in a policy. */
struct policy_settings {
	uint32_t zone_count;
	struct policy_zone zone[POLICY_ZONE_CHANGES];
	uint32_t screen_count;
	char screen[POLICY_SCREEN_MAX][POLICY_SCREEN_BYTES + 1]; /* patterns, case does not count */
};

/* Owns its blob, which has passed policy_blob_validate(). */
struct policy_compiled {
	struct policy_blob *blob;
	size_t length;
};

/* Rules read and not built yet. */
struct policy_source;

/* What a compilation fails for: a rule that cannot be said in a blob, and why. */
struct policy_fault {
	uint32_t rule; /* its id; 0: no rule's fault */
	char reason[PATTERN_REASON_BYTES];
};

/* RESULT_BAD: *fault; RESULT_MEMORY; or the store's own errors. */
SEKISHO_MUST_USE enum result policy_source_read(struct store *store,
						struct policy_source **source,
						struct policy_fault *fault);
void policy_source_free(struct policy_source *source);

/* What it is built with from now on; until then without hours' zone (UTC) and screen. RESULT_OK or
 * RESULT_MEMORY. */
SEKISHO_MUST_USE enum result policy_source_settle(struct policy_source *source,
						  const struct policy_settings *settings);
bool policy_source_is_settled(const struct policy_source *source,
			      const struct policy_settings *settings);

uint64_t policy_source_generation(const struct policy_source *source);
uint32_t policy_source_patterns(const struct policy_source *source);

/* Is it a matter of milliseconds? */
bool policy_source_is_quick(const struct policy_source *source);

/* RESULT_BAD: *fault; RESULT_MEMORY. Touches nothing but the source. */
SEKISHO_MUST_USE enum result policy_source_build(const struct policy_source *source,
						 struct policy_compiled *compiled,
						 struct policy_fault *fault);
void policy_compiled_free(struct policy_compiled *compiled);

/* Can this rule's patterns be compiled as they stand in it? RESULT_BAD: *fault. */
SEKISHO_MUST_USE enum result policy_rule_check(const struct store_rule *rule,
					       struct policy_fault *fault);

#endif
