#include "controlplane/store/sqlite.h"

#include <string.h>

static enum result generation_grow(struct store *store)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_GENERATION_GROW, &statement);

	return result == RESULT_OK ? sqlite_run(store, statement) : result;
}

static enum result party_group_ensure(struct store *store, const struct store_party *party)
{
	sqlite3_int64 id;

	if (party->match != POLICY_MATCH_GROUP)
		return RESULT_OK;
	return sqlite_group_ensure(store, party->text, &id);
}

static enum result rule_insert(struct store *store, const struct store_rule *rule, uint32_t *id)
{
	sqlite3_stmt *statement;
	enum result result = party_group_ensure(store, &rule->caller);

	if (result == RESULT_OK)
		result = party_group_ensure(store, &rule->callee);
	if (result == RESULT_OK)
		result = generation_grow(store);
	if (result == RESULT_OK)
		result = sqlite_begin(store, SQLITE_STATEMENT_RULE_ADD, &statement);
	if (result != RESULT_OK)
		return result;
	sqlite3_bind_int(statement, 1, rule->priority);
	sqlite3_bind_int(statement, 2, (int)rule->action);
	sqlite3_bind_int(statement, 3, rule->minimum_level);
	sqlite_bind_text(statement, 4, rule->methods);
	sqlite3_bind_int(statement, 5, (int)rule->caller.match);
	sqlite_bind_text(statement, 6, rule->caller.text);
	sqlite3_bind_int(statement, 7, (int)rule->callee.match);
	sqlite_bind_text(statement, 8, rule->callee.text);
	result = sqlite_run(store, statement);
	if (result == RESULT_OK)
		*id = (uint32_t)sqlite3_last_insert_rowid(store->db);
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
	    (rule->action != POLICY_ALLOW && rule->action != POLICY_DENY) ||
	    rule->minimum_level > 3)
		return RESULT_BAD;
	result = sqlite_transaction(store);
	if (result != RESULT_OK)
		return result;
	result = sqlite_transaction_end(store, rule_insert(store, rule, &given));
	if (result == RESULT_OK)
		*id = given;
	return result;
}

static enum result rule_remove(struct store *store, uint32_t id)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_RULE_DELETE, &statement);

	if (result != RESULT_OK)
		return result;
	sqlite3_bind_int64(statement, 1, id);
	result = sqlite_change(store, statement);
	return result == RESULT_OK ? generation_grow(store) : result;
}

enum result store_rule_delete(struct store *store, uint32_t id)
{
	enum result result = sqlite_transaction(store);

	if (result != RESULT_OK)
		return result;
	return sqlite_transaction_end(store, rule_remove(store, id));
}

static bool rule_read(sqlite3_stmt *statement, struct store_rule *rule)
{
	rule->id = (uint32_t)sqlite3_column_int64(statement, 0);
	rule->priority = (int32_t)sqlite3_column_int64(statement, 1);
	rule->action = (enum policy_action)sqlite3_column_int(statement, 2);
	rule->minimum_level = (uint8_t)sqlite3_column_int(statement, 3);
	rule->caller.match = (enum policy_match)sqlite3_column_int(statement, 5);
	rule->callee.match = (enum policy_match)sqlite3_column_int(statement, 7);
	rule->caller.group = (uint32_t)sqlite3_column_int64(statement, 9);
	rule->callee.group = (uint32_t)sqlite3_column_int64(statement, 10);
	return sqlite_column_copy_text(statement, 4, rule->methods, sizeof(rule->methods)) &&
	       sqlite_column_copy_text(statement, 6, rule->caller.text,
				       sizeof(rule->caller.text)) &&
	       sqlite_column_copy_text(statement, 8, rule->callee.text,
				       sizeof(rule->callee.text)) &&
	       party_is_good(&rule->caller) && party_is_good(&rule->callee);
}

enum result store_rules_each(struct store *store, store_rule_each *each, void *ctx)
{
	struct store_rule rule;
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_RULES, &statement);

	if (result != RESULT_OK)
		return result;
	while ((result = sqlite_step(store, statement)) == RESULT_OK) {
		memset(&rule, 0, sizeof(rule));
		if (!rule_read(statement, &rule))
			result = sqlite_corrupt(store, "a policy rule is malformed");
		if (result != RESULT_OK || !each(ctx, &rule)) {
			sqlite3_reset(statement);
			return result;
		}
	}
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

enum result store_policy_generation(struct store *store, uint64_t *generation)
{
	sqlite3_stmt *statement;
	enum result result = sqlite_begin(store, SQLITE_STATEMENT_GENERATION, &statement);

	if (result == RESULT_OK)
		result = sqlite_step(store, statement);
	if (result == RESULT_OK) {
		*generation = (uint64_t)sqlite3_column_int64(statement, 0);
		sqlite3_reset(statement);
	} else if (result == RESULT_NOT_FOUND) {
		result = sqlite_corrupt(store, "the policy's generation is missing");
	}
	return result;
}
