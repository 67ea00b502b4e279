/* What was read of the store, built: rules and serialised patterns in one blob. */
#include "controlplane/policy/compile.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/policy/compile_state.h"

/* The two sets of a policy, serialised. */
struct sets {
	char *patterns, *screen;
	size_t patterns_length, screen_length;
};

static enum result blob_make(const struct policy_source *source, const struct sets *sets,
			     struct policy_compiled *compiled)
{
	size_t rules = source->count * sizeof(*source->rule);
	size_t strings_at = sizeof(struct policy_blob) + rules;
	size_t length =
		strings_at + source->strings_length + sets->patterns_length + sets->screen_length;
	struct policy_blob *blob = calloc(1, length);
	char *at;

	if (blob == NULL)
		return RESULT_MEMORY;
	*blob = (struct policy_blob){.magic = POLICY_BLOB_MAGIC,
				     .rule_count = source->count,
				     .generation = source->generation,
				     .strings_at = strings_at,
				     .strings_length = source->strings_length,
				     .patterns_length = sets->patterns_length,
				     .screen_length = sets->screen_length,
				     .zone_count = source->settings.zone_count};
	memcpy(blob->zone, source->settings.zone, sizeof(blob->zone));
	if (rules > 0)
		memcpy(blob + 1, source->rule, rules);
	at = (char *)blob + strings_at;
	if (source->strings_length > 0)
		memcpy(at, source->strings, source->strings_length);
	if (sets->patterns_length > 0)
		memcpy(at + source->strings_length, sets->patterns, sets->patterns_length);
	if (sets->screen_length > 0)
		memcpy(at + source->strings_length + sets->patterns_length, sets->screen,
		       sets->screen_length);
	if (policy_blob_validate(blob, length) != RESULT_OK) {
		free(blob);
		return RESULT_BAD;
	}
	*compiled = (struct policy_compiled){blob, length};
	return RESULT_OK;
}

/* The rule that an expression is of. */
static uint32_t rule_of(const struct policy_source *source, uint32_t place)
{
	return place < source->patterns.count ? source->rule[source->patterns.number[place]].id : 0;
}

static enum result sets_make(const struct policy_source *source, struct sets *sets,
			     struct policy_fault *fault)
{
	enum result result = RESULT_OK;
	uint32_t place = 0;

	if (source->patterns.count > 0)
		result = expressions_compile(&source->patterns, &sets->patterns,
					     &sets->patterns_length, &place, fault->reason,
					     sizeof(fault->reason));
	if (result == RESULT_BAD)
		fault->rule = rule_of(source, place);
	if (result == RESULT_OK && source->screen.count > 0)
		result = expressions_compile(&source->screen, &sets->screen, &sets->screen_length,
					     &place, fault->reason, sizeof(fault->reason));
	return result;
}

enum result policy_source_build(const struct policy_source *source,
				struct policy_compiled *compiled, struct policy_fault *fault)
{
	struct sets sets = {0};
	enum result result;

	*fault = (struct policy_fault){.reason = "the rules cannot be put into a policy"};
	result = sets_make(source, &sets, fault);
	if (result == RESULT_OK)
		result = blob_make(source, &sets, compiled);
	free(sets.patterns);
	free(sets.screen);
	return result;
}

void policy_compiled_free(struct policy_compiled *compiled)
{
	free(compiled->blob);
	*compiled = (struct policy_compiled){0};
}
