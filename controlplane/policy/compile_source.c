/* The rules of the store, read into what a policy is built of. */
#include "controlplane/policy/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/policy/compile_state.h"
#include "controlplane/policy/rule_text.h"
#include "controlplane/policy/rule_when.h"

/* So many patterns take some hundredths of a second at most. */
#define QUICK_PATTERNS 8

/* A store being read. */
struct reading {
	struct policy_source *source;
	enum result result;
	struct policy_fault *fault;
};

static bool strings_grow(struct policy_source *source, size_t length)
{
	size_t capacity = source->strings_capacity == 0 ? 4096 : source->strings_capacity;
	char *strings;

	while (capacity < source->strings_length + length)
		capacity *= 2;
	if (capacity == source->strings_capacity)
		return true;
	strings = realloc(source->strings, capacity);
	if (strings == NULL)
		return false;
	source->strings = strings;
	source->strings_capacity = capacity;
	return true;
}

static enum result party_add(struct policy_source *source, const struct store_party *from,
			     struct policy_party *to)
{
	size_t length = strlen(from->text);

	to->match = (uint8_t)from->match;
	if (from->match == POLICY_MATCH_GROUP) {
		to->group = from->group;
		return from->group == 0 ? RESULT_BAD : RESULT_OK;
	}
	if (from->match == POLICY_MATCH_ANY || from->match == POLICY_MATCH_PATTERN)
		return RESULT_OK;
	if (source->strings_length + length > UINT32_MAX)
		return RESULT_BAD;
	if (!strings_grow(source, length))
		return RESULT_MEMORY;
	to->text_at = (uint32_t)source->strings_length;
	to->text_length = (uint16_t)length;
	memcpy(source->strings + source->strings_length, from->text, length);
	source->strings_length += length;
	return RESULT_OK;
}

static bool rules_grow(struct policy_source *source)
{
	uint32_t capacity = source->capacity == 0 ? 64 : 2 * source->capacity;
	struct policy_rule *rule;

	if (source->count < source->capacity)
		return true;
	rule = realloc(source->rule, capacity * sizeof(*rule));
	if (rule == NULL)
		return false;
	source->rule = rule;
	source->capacity = capacity;
	return true;
}

static enum result bad(struct policy_fault *fault, uint32_t rule, const char *reason)
{
	fault->rule = rule;
	snprintf(fault->reason, sizeof(fault->reason), "%s", reason);
	return RESULT_BAD;
}

/* Groups are not in the text: who is a member is looked at where the patterns were found. */
static struct expression_part party_part(const struct store_party *party)
{
	struct expression_part part = {EXPRESSION_ANY, party->text};

	if (party->match == POLICY_MATCH_AOR)
		part.kind = EXPRESSION_NAME;
	else if (party->match == POLICY_MATCH_DOMAIN)
		part.kind = EXPRESSION_DOMAIN;
	else if (party->match == POLICY_MATCH_PATTERN)
		part.kind = EXPRESSION_PATTERN;
	return part;
}

static enum result rule_expression(const struct store_rule *from, char out[EXPRESSION_BYTES])
{
	const char *method = rule_method_pattern(from->methods);
	const struct expression_part part[3] = {
		party_part(&from->caller),
		party_part(&from->callee),
		{method != NULL ? EXPRESSION_PATTERN : EXPRESSION_ANY, method},
	};

	return expression_write(part, out, EXPRESSION_BYTES);
}

/* A user part stands before the domain only where the callee is ours: the text of another's has
 * none. A domain's port is none of its name. */
static enum result expression_add(struct policy_source *source, const struct store_rule *from,
				  struct policy_fault *fault)
{
	char expression[EXPRESSION_BYTES];

	if (source->patterns.count == PATTERN_RULES)
		return bad(fault, from->id, "more rules have patterns than a policy may hold");
	if (rule_expression(from, expression) != RESULT_OK)
		return bad(fault, from->id, "its patterns are too long");
	return expressions_add(&source->patterns, expression, source->count);
}

static enum result rule_read(struct policy_source *source, const struct store_rule *from,
			     struct policy_rule *rule)
{
	enum result result = RESULT_OK;

	if (rule_method_pattern(from->methods) != NULL)
		rule->flags = POLICY_RULE_METHOD_PATTERN;
	else
		result = rule_methods_parse(from->methods, &rule->methods);
	if (result == RESULT_OK)
		result = rule_hours_parse(from->hours, rule);
	if (result == RESULT_OK)
		result = rule_rate_parse(from->rate, rule);
	if (result == RESULT_OK)
		result = party_add(source, &from->caller, &rule->caller);
	if (result == RESULT_OK)
		result = party_add(source, &from->callee, &rule->callee);
	return result;
}

static bool rule_add(void *ctx, const struct store_rule *from)
{
	struct reading *reading = ctx;
	struct policy_source *source = reading->source;
	struct policy_rule rule = {.id = from->id,
				   .priority = from->priority,
				   .action = (uint8_t)from->action,
				   .minimum_level = from->minimum_level};

	reading->result = rule_read(source, from, &rule);
	if (reading->result == RESULT_BAD)
		(void)bad(reading->fault, from->id, "it does not say what a rule can say");
	if (reading->result == RESULT_OK && policy_rule_has_pattern(&rule))
		reading->result = expression_add(source, from, reading->fault);
	if (reading->result == RESULT_OK && !rules_grow(source))
		reading->result = RESULT_MEMORY;
	if (reading->result == RESULT_OK)
		source->rule[source->count++] = rule;
	return reading->result == RESULT_OK;
}

enum result policy_source_read(struct store *store, struct policy_source **source,
			       struct policy_fault *fault)
{
	struct policy_source *made = calloc(1, sizeof(*made));
	struct reading reading = {made, RESULT_OK, fault};
	enum result result;

	if (made == NULL)
		return RESULT_MEMORY;
	*fault = (struct policy_fault){0};
	result = store_policy_generation(store, &made->generation);
	if (result == RESULT_OK)
		result = store_rules_each(store, rule_add, &reading);
	if (result == RESULT_OK)
		result = reading.result;
	if (result != RESULT_OK) {
		policy_source_free(made);
		return result;
	}
	*source = made;
	return RESULT_OK;
}

enum result policy_source_settle(struct policy_source *source,
				 const struct policy_settings *settings)
{
	enum result result = RESULT_OK;

	source->settings = *settings;
	expressions_free(&source->screen);
	source->screen.is_caseless = true;
	for (uint32_t i = 0; result == RESULT_OK && i < settings->screen_count; i++)
		result = expressions_add(&source->screen, settings->screen[i], i);
	return result;
}

bool policy_source_is_settled(const struct policy_source *source,
			      const struct policy_settings *settings)
{
	return memcmp(&source->settings, settings, sizeof(*settings)) == 0;
}

void policy_source_free(struct policy_source *source)
{
	if (source == NULL)
		return;
	free(source->rule);
	free(source->strings);
	expressions_free(&source->patterns);
	expressions_free(&source->screen);
	free(source);
}

uint64_t policy_source_generation(const struct policy_source *source)
{
	return source->generation;
}

uint32_t policy_source_patterns(const struct policy_source *source)
{
	return source->patterns.count;
}

bool policy_source_is_quick(const struct policy_source *source)
{
	return source->patterns.count + source->screen.count <= QUICK_PATTERNS;
}

enum result policy_rule_check(const struct store_rule *rule, struct policy_fault *fault)
{
	struct expressions alone = {0};
	char expression[EXPRESSION_BYTES], *bytes = NULL;
	enum result result;
	uint32_t place;
	size_t length;

	if (rule_expression(rule, expression) != RESULT_OK)
		return bad(fault, rule->id, "its patterns are too long together");
	fault->rule = rule->id;
	result = expressions_add(&alone, expression, 0);
	if (result == RESULT_OK)
		result = expressions_compile(&alone, &bytes, &length, &place, fault->reason,
					     sizeof(fault->reason));
	expressions_free(&alone);
	free(bytes);
	return result;
}
