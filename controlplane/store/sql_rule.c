#include "controlplane/store/sql.h"

#include <string.h>

static enum result generation_grow(struct store *store)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_GENERATION_GROW, &statement);

	if (result == RESULT_OK)
		result = sql_run(store, statement);
	return result == RESULT_OK ? sql_note(store, STORE_CHANGE_POLICY, "") : result;
}

static enum result party_group_ensure(struct store *store, const struct store_party *party)
{
	int64_t id;

	if (party->match != POLICY_MATCH_GROUP)
		return RESULT_OK;
	return sql_group_ensure(store, party->text, &id);
}

static enum result rule_insert(struct store *store, const struct store_rule *rule, uint32_t *id)
{
	struct sql_statement *statement;
	int64_t given;
	enum result result = party_group_ensure(store, &rule->caller);

	if (result == RESULT_OK)
		result = party_group_ensure(store, &rule->callee);
	if (result == RESULT_OK)
		result = generation_grow(store);
	if (result == RESULT_OK)
		result = sql_begin(store, SQL_RULE_ADD, &statement);
	if (result != RESULT_OK)
		return result;
	sql_bind_integer(statement, 1, rule->priority);
	sql_bind_integer(statement, 2, (int)rule->action);
	sql_bind_integer(statement, 3, rule->minimum_level);
	sql_bind_text(statement, 4, rule->methods);
	sql_bind_integer(statement, 5, (int)rule->caller.match);
	sql_bind_text(statement, 6, rule->caller.text);
	sql_bind_integer(statement, 7, (int)rule->callee.match);
	sql_bind_text(statement, 8, rule->callee.text);
	sql_bind_text(statement, 9, rule->hours);
	sql_bind_text(statement, 10, rule->rate);
	result = sql_run_for_integer(store, statement, &given);
	if (result == RESULT_OK)
		*id = (uint32_t)given;
	return result;
}

static bool party_is_good(const struct store_party *party)
{
	switch (party->match) {
	case POLICY_MATCH_ANY:
		return party->text[0] == '\0';
	case POLICY_MATCH_GROUP:
		return party->text[0] != '\0' && strlen(party->text) <= STORE_GROUP_NAME_BYTES;
	case POLICY_MATCH_AOR:
	case POLICY_MATCH_DOMAIN:
	case POLICY_MATCH_PATTERN:
		return party->text[0] != '\0';
	default:
		return false;
	}
}

enum result store_rule_add(struct store *store, const struct store_rule *rule, uint32_t *id)
{
	uint32_t given = 0;
	enum result result;

	if (!party_is_good(&rule->caller) || !party_is_good(&rule->callee) ||
	    rule->action < POLICY_ALLOW || rule->action > POLICY_LIMIT || rule->minimum_level > 3)
		return RESULT_BAD;
	result = sql_transaction(store);
	if (result != RESULT_OK)
		return result;
	result = sql_transaction_end(store, rule_insert(store, rule, &given));
	if (result == RESULT_OK)
		*id = given;
	return result;
}

static enum result rule_remove(struct store *store, uint32_t id)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_RULE_DELETE, &statement);

	if (result != RESULT_OK)
		return result;
	sql_bind_integer(statement, 1, id);
	result = sql_change(store, statement);
	return result == RESULT_OK ? generation_grow(store) : result;
}

enum result store_rule_delete(struct store *store, uint32_t id)
{
	enum result result = sql_transaction(store);

	if (result != RESULT_OK)
		return result;
	return sql_transaction_end(store, rule_remove(store, id));
}

static bool rule_read(struct sql_statement *statement, struct store_rule *rule)
{
	rule->id = (uint32_t)sql_column_integer(statement, 0);
	rule->priority = (int32_t)sql_column_integer(statement, 1);
	rule->action = (enum policy_action)sql_column_integer(statement, 2);
	rule->minimum_level = (uint8_t)sql_column_integer(statement, 3);
	rule->caller.match = (enum policy_match)sql_column_integer(statement, 5);
	rule->callee.match = (enum policy_match)sql_column_integer(statement, 7);
	rule->caller.group = (uint32_t)sql_column_integer(statement, 9);
	rule->callee.group = (uint32_t)sql_column_integer(statement, 10);
	return sql_column_copy_text(statement, 4, rule->methods, sizeof(rule->methods)) &&
	       sql_column_copy_text(statement, 6, rule->caller.text,
				       sizeof(rule->caller.text)) &&
	       sql_column_copy_text(statement, 8, rule->callee.text,
				       sizeof(rule->callee.text)) &&
	       sql_column_copy_text(statement, 11, rule->hours, sizeof(rule->hours)) &&
	       sql_column_copy_text(statement, 12, rule->rate, sizeof(rule->rate)) &&
	       party_is_good(&rule->caller) && party_is_good(&rule->callee);
}

enum result store_rules_each(struct store *store, store_rule_each *each, void *ctx)
{
	struct store_rule rule;
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_RULES, &statement);

	if (result != RESULT_OK)
		return result;
	while ((result = sql_step(store, statement)) == RESULT_OK) {
		memset(&rule, 0, sizeof(rule));
		if (!rule_read(statement, &rule))
			result = sql_corrupt(store, "a policy rule is malformed");
		if (result != RESULT_OK || !each(ctx, &rule)) {
			sql_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result store_policy_generation(struct store *store, uint64_t *generation)
{
	struct sql_statement *statement;
	enum result result = sql_begin(store, SQL_GENERATION, &statement);

	if (result == RESULT_OK)
		result = sql_step(store, statement);
	if (result == RESULT_OK) {
		*generation = (uint64_t)sql_column_integer(statement, 0);
		sql_reset(statement);
	} else if (result == RESULT_NOT_FOUND) {
		result = sql_corrupt(store, "the policy's generation is missing");
	}
	return result;
}
