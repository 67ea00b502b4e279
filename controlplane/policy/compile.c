#include "controlplane/policy/compile.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/policy/rule_text.h"

struct compiler {
	struct policy_rule *rule;
	uint32_t count, capacity;
	char *strings;
	size_t strings_length, strings_capacity;
	enum result result;
	uint32_t bad_rule;
};

static bool strings_grow(struct compiler *compiler, size_t length)
{
	size_t capacity = compiler->strings_capacity == 0 ? 4096 : compiler->strings_capacity;
	char *strings;

	while (capacity < compiler->strings_length + length)
		capacity *= 2;
	if (capacity == compiler->strings_capacity)
		return true;
	strings = realloc(compiler->strings, capacity);
	if (strings == NULL)
		return false;
	compiler->strings = strings;
	compiler->strings_capacity = capacity;
	return true;
}

static enum result party_add(struct compiler *compiler, const struct store_party *from,
			     struct policy_party *to)
{
	size_t length = strlen(from->text);

	to->match = (uint8_t)from->match;
	if (from->match == POLICY_MATCH_GROUP) {
		to->group = from->group;
		return from->group == 0 ? RESULT_BAD : RESULT_OK;
	}
	if (from->match == POLICY_MATCH_ANY)
		return RESULT_OK;
	if (compiler->strings_length + length > UINT32_MAX)
		return RESULT_BAD;
	if (!strings_grow(compiler, length))
		return RESULT_MEMORY;
	to->text_at = (uint32_t)compiler->strings_length;
	to->text_length = (uint16_t)length;
	memcpy(compiler->strings + compiler->strings_length, from->text, length);
	compiler->strings_length += length;
	return RESULT_OK;
}

static bool rules_grow(struct compiler *compiler)
{
	uint32_t capacity = compiler->capacity == 0 ? 64 : 2 * compiler->capacity;
	struct policy_rule *rule;

	if (compiler->count < compiler->capacity)
		return true;
	rule = realloc(compiler->rule, capacity * sizeof(*rule));
	if (rule == NULL)
		return false;
	compiler->rule = rule;
	compiler->capacity = capacity;
	return true;
}

static bool rule_add(void *ctx, const struct store_rule *from)
{
	struct compiler *compiler = ctx;
	struct policy_rule rule = {.id = from->id,
				   .priority = from->priority,
				   .action = (uint8_t)from->action,
				   .minimum_level = from->minimum_level};

	compiler->result = rule_methods_parse(from->methods, &rule.methods);
	if (compiler->result == RESULT_OK)
		compiler->result = party_add(compiler, &from->caller, &rule.caller);
	if (compiler->result == RESULT_OK)
		compiler->result = party_add(compiler, &from->callee, &rule.callee);
	if (compiler->result == RESULT_OK && !rules_grow(compiler))
		compiler->result = RESULT_MEMORY;
	if (compiler->result != RESULT_OK) {
		compiler->bad_rule = from->id;
		return false;
	}
	compiler->rule[compiler->count++] = rule;
	return true;
}

static enum result blob_make(const struct compiler *compiler, uint64_t generation,
			     struct policy_compiled *compiled)
{
	size_t rules = compiler->count * sizeof(*compiler->rule);
	size_t strings_at = sizeof(struct policy_blob) + rules;
	size_t length = strings_at + compiler->strings_length;
	struct policy_blob *blob = calloc(1, length);

	if (blob == NULL)
		return RESULT_MEMORY;
	*blob = (struct policy_blob){.magic = POLICY_BLOB_MAGIC,
				     .rule_count = compiler->count,
				     .generation = generation,
				     .strings_at = strings_at,
				     .strings_length = compiler->strings_length};
	if (rules > 0)
		memcpy(blob + 1, compiler->rule, rules);
	if (compiler->strings_length > 0)
		memcpy((char *)blob + strings_at, compiler->strings, compiler->strings_length);
	if (policy_blob_validate(blob, length) != RESULT_OK) {
		free(blob);
		return RESULT_BAD;
	}
	*compiled = (struct policy_compiled){blob, length};
	return RESULT_OK;
}

enum result policy_compile(struct store *store, struct policy_compiled *compiled,
			   uint32_t *bad_rule)
{
	struct compiler compiler = {.result = RESULT_OK};
	uint64_t generation;
	enum result result = store_policy_generation(store, &generation);

	if (result == RESULT_OK)
		result = store_rules_each(store, rule_add, &compiler);
	if (result == RESULT_OK)
		result = compiler.result;
	if (result == RESULT_OK)
		result = blob_make(&compiler, generation, compiled);
	if (result == RESULT_BAD)
		*bad_rule = compiler.bad_rule;
	free(compiler.rule);
	free(compiler.strings);
	return result;
}

void policy_compiled_free(struct policy_compiled *compiled)
{
	free(compiled->blob);
	*compiled = (struct policy_compiled){0};
}
