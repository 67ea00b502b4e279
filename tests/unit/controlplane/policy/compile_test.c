#include "controlplane/policy/compile.h"

#include <sqlite3.h>

#include "controlplane/policy/rule_text.h"
#include "shared/pattern/pattern_set.h"
#include "shared/sip/method.h"
#include "tests/unit/controlplane/store/stored.h"

static enum result compile(struct store *store, struct policy_compiled *compiled,
			   struct policy_fault *fault)
{
	struct policy_source *source;
	enum result result = policy_source_read(store, &source, fault);

	if (result != RESULT_OK)
		return result;
	result = policy_source_build(source, compiled, fault);
	policy_source_free(source);
	return result;
}

static uint32_t rule_put(struct store *store, int32_t priority, enum policy_action action,
			 const char *caller, const char *callee, const char *methods)
{
	struct store_rule rule = {.priority = priority, .action = action};
	uint32_t id = 0, bits;

	assert_int_equal(rule_party_parse(caller, &rule.caller), RESULT_OK);
	assert_int_equal(rule_party_parse(callee, &rule.callee), RESULT_OK);
	assert_int_equal(rule_methods_parse(methods, &bits), RESULT_OK);
	rule_methods_show(bits, rule.methods);
	assert_int_equal(store_rule_add(store, &rule, &id), RESULT_OK);
	return id;
}

static void empty_policy_compiles_to_a_sound_blob(void **state)
{
	struct stored *s = *state;
	struct policy_compiled compiled;
	struct policy_fault bad = {0};

	assert_int_equal(compile(s->store, &compiled, &bad), RESULT_OK);
	assert_int_equal(compiled.blob->rule_count, 0);
	assert_int_equal(policy_blob_validate(compiled.blob, compiled.length), RESULT_OK);
	policy_compiled_free(&compiled);
	assert_null(compiled.blob);
}

static void rules_stand_in_order_with_their_texts(void **state)
{
	struct stored *s = *state;
	struct policy_compiled compiled;
	const struct policy_rule *rule;
	const char *strings;
	uint32_t low = rule_put(s->store, 1, POLICY_DENY, "group:staff", "any", "any");
	uint32_t high =
		rule_put(s->store, 2, POLICY_ALLOW, "user-a@abc.com", "@xyz.com", "MESSAGE,INVITE");
	struct policy_fault bad = {0};

	assert_int_equal(compile(s->store, &compiled, &bad), RESULT_OK);
	assert_int_equal(compiled.blob->rule_count, 2);
	rule = policy_blob_rules(compiled.blob);
	strings = (const char *)compiled.blob + compiled.blob->strings_at;
	assert_int_equal(rule[0].id, high);
	assert_int_equal(rule[0].methods, 1u << SIP_METHOD_INVITE | 1u << SIP_METHOD_MESSAGE);
	assert_int_equal(rule[0].caller.match, POLICY_MATCH_AOR);
	assert_int_equal(rule[0].caller.text_length, 14);
	assert_memory_equal(strings + rule[0].caller.text_at, "user-a@abc.com", 14);
	assert_int_equal(rule[0].callee.match, POLICY_MATCH_DOMAIN);
	assert_memory_equal(strings + rule[0].callee.text_at, "xyz.com", 7);
	assert_int_equal(rule[1].id, low);
	assert_int_equal(rule[1].caller.match, POLICY_MATCH_GROUP);
	assert_true(rule[1].caller.group >= 1);
	assert_int_equal(rule[1].methods, 0);
	policy_compiled_free(&compiled);
}

static void thousands_of_rules_compile(void **state)
{
	struct stored *s = *state;
	struct policy_compiled compiled;
	char callee[64];
	struct policy_fault bad = {0};
	sqlite3 *db;

	/* Put in from beside: one transaction instead of a synchronous write for each. */
	assert_int_equal(sqlite3_open(s->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
	for (int i = 0; i < 5000; i++) {
		char sql[256];

		snprintf(callee, sizeof(callee), "user-%d@abc.com", i);
		snprintf(sql, sizeof(sql),
			 "INSERT INTO rule(priority, action, minimum_level, methods, caller_match,"
			 " caller_text, callee_match, callee_text)"
			 " VALUES(%d, 1, 0, '', 1, '', 2, '%s')",
			 i % 7, callee);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	}
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(compile(s->store, &compiled, &bad), RESULT_OK);
	assert_int_equal(compiled.blob->rule_count, 5000);
	policy_compiled_free(&compiled);
}

static void rule_with_a_method_nobody_knows_is_named(void **state)
{
	struct stored *s = *state;
	struct policy_compiled compiled;
	struct store_rule rule = {.priority = 1, .action = POLICY_ALLOW, .methods = "FROBNICATE"};
	struct policy_fault bad = {0};
	uint32_t id;

	rule.caller.match = rule.callee.match = POLICY_MATCH_ANY;
	assert_int_equal(store_rule_add(s->store, &rule, &id), RESULT_OK);
	assert_int_equal(compile(s->store, &compiled, &bad), RESULT_BAD);
	assert_int_equal(bad.rule, id);
}

static void rule_with_patterns_is_found_under_its_place(void **state)
{
	struct stored *s = *state;
	struct policy_compiled compiled;
	struct pattern_set *set = NULL;
	struct policy_fault bad = {0};

	rule_put(s->store, 1, POLICY_DENY, "any", "any", "any");
	rule_put(s->store, 2, POLICY_ALLOW, "~emergency-.*@abc\\.com", "@xyz.com", "any");
	assert_int_equal(compile(s->store, &compiled, &bad), RESULT_OK);
	assert_true(policy_rule_has_pattern(&policy_blob_rules(compiled.blob)[0]));
	assert_true(compiled.blob->patterns_length > 0);
	assert_int_equal(pattern_set_read(policy_blob_patterns(compiled.blob),
					  compiled.blob->patterns_length, 1, &set),
			 RESULT_OK);
	pattern_set_destroy(set);
	policy_compiled_free(&compiled);
}

static void hours_rate_and_method_pattern_are_in_the_blob(void **state)
{
	struct store_rule rule = {.priority = 1,
				  .action = POLICY_LIMIT,
				  .methods = "~X-.*",
				  .hours = "mon 08:00-09:00",
				  .rate = "3/10s"};
	struct stored *s = *state;
	struct policy_compiled compiled;
	struct policy_fault bad = {0};
	const struct policy_rule *made;
	uint32_t id;

	rule.caller.match = rule.callee.match = POLICY_MATCH_ANY;
	assert_int_equal(store_rule_add(s->store, &rule, &id), RESULT_OK);
	assert_int_equal(compile(s->store, &compiled, &bad), RESULT_OK);
	made = policy_blob_rules(compiled.blob);
	assert_int_equal(made->flags, POLICY_RULE_METHOD_PATTERN);
	assert_int_equal(made->days, 1);
	assert_int_equal(made->from_minute, 480);
	assert_int_equal(made->rate_count, 3);
	assert_int_equal(made->rate_period_s, 10);
	policy_compiled_free(&compiled);
}

/* By a hand in the data base, past every check of the command. */
static void rule_whose_pattern_cannot_be_compiled_is_named_with_a_reason(void **state)
{
	struct store_rule rule = {.priority = 1, .action = POLICY_ALLOW};
	struct stored *s = *state;
	struct policy_compiled compiled;
	struct policy_fault bad = {0};
	uint32_t id;

	rule.caller = (struct store_party){.match = POLICY_MATCH_PATTERN, .text = "a(b"};
	rule.callee.match = POLICY_MATCH_ANY;
	rule_put(s->store, 3, POLICY_ALLOW, "~good", "any", "any");
	assert_int_equal(store_rule_add(s->store, &rule, &id), RESULT_OK);
	assert_int_equal(compile(s->store, &compiled, &bad), RESULT_BAD);
	assert_int_equal(bad.rule, id);
	assert_true(strlen(bad.reason) > 0);
}

static void settings_are_in_the_blob_and_may_change(void **state)
{
	static const struct policy_settings plain;
	struct policy_settings settings = {.zone_count = 1, .screen_count = 1};
	struct stored *s = *state;
	struct policy_compiled compiled;
	struct policy_source *source;
	struct policy_fault bad;

	settings.zone[0].offset_s = 3600;
	strcpy(settings.screen[0], "friendly-scanner");
	assert_int_equal(policy_source_read(s->store, &source, &bad), RESULT_OK);
	assert_true(policy_source_is_settled(source, &plain));
	assert_int_equal(policy_source_settle(source, &settings), RESULT_OK);
	assert_true(policy_source_is_settled(source, &settings));
	assert_int_equal(policy_source_build(source, &compiled, &bad), RESULT_OK);
	assert_int_equal(compiled.blob->zone_count, 1);
	assert_int_equal(compiled.blob->zone[0].offset_s, 3600);
	assert_true(compiled.blob->screen_length > 0);
	policy_compiled_free(&compiled);
	assert_int_equal(policy_source_settle(source, &plain), RESULT_OK);
	assert_int_equal(policy_source_build(source, &compiled, &bad), RESULT_OK);
	assert_int_equal(compiled.blob->screen_length, 0);
	policy_compiled_free(&compiled);
	policy_source_free(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED_TEST(empty_policy_compiles_to_a_sound_blob),
		STORED_TEST(rules_stand_in_order_with_their_texts),
		STORED_TEST(thousands_of_rules_compile),
		STORED_TEST(rule_with_a_method_nobody_knows_is_named),
		STORED_TEST(rule_with_patterns_is_found_under_its_place),
		STORED_TEST(settings_are_in_the_blob_and_may_change),
		STORED_TEST(hours_rate_and_method_pattern_are_in_the_blob),
		STORED_TEST(rule_whose_pattern_cannot_be_compiled_is_named_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
