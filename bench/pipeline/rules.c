#include "bench/pipeline/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/pipeline/must.h"
#include "controlplane/policy/expressions.h"
#include "controlplane/policy/pattern.h"
#include "dataplane/tables/key_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/tables/settings.h"
#include "dataplane/worker.h"
#include "shared/contract/policy_blob.h"

/* Rules of others' customers, as carriers have them: all are looked for, none is found. */
static char *patterns_make(uint32_t rules, size_t *length)
{
	struct expressions expressions = {0};
	char text[EXPRESSION_BYTES], reason[PATTERN_REASON_BYTES] = "", *bytes = NULL;
	uint32_t place;

	*length = 0;
	if (rules == 0)
		return NULL;
	for (uint32_t n = 0; n < rules; n++) {
		char caller[64];
		struct expression_part part[3] = {
			{EXPRESSION_PATTERN, caller}, {EXPRESSION_ANY, ""}, {EXPRESSION_ANY, ""}};

		snprintf(caller, sizeof(caller), "c%u-[a-z0-9]+@bench\\.example", n);
		bench_must(expression_write(part, text, EXPRESSION_BYTES) == RESULT_OK &&
				   expressions_add(&expressions, text, n) == RESULT_OK,
			   "an expression is refused");
	}
	bench_must(expressions_compile(&expressions, &bytes, length, &place, reason,
				       sizeof(reason)) == RESULT_OK,
		   reason);
	expressions_free(&expressions);
	return bytes;
}

/* That many rules with patterns that deny, and one that lets everybody call everybody. */
static void policy_make(const struct tables *tables, uint32_t rules, uint64_t now_s)
{
	size_t set_length, rule_bytes = (rules + 1) * sizeof(struct policy_rule);
	char *set = patterns_make(rules, &set_length);
	size_t length = sizeof(struct policy_blob) + rule_bytes + set_length;
	struct policy_blob *blob = calloc(1, length);
	struct policy_rule *rule;

	bench_must(blob != NULL, "out of memory");
	*blob = (struct policy_blob){.magic = POLICY_BLOB_MAGIC,
				     .rule_count = rules + 1,
				     .generation = 1,
				     .strings_at = sizeof(*blob) + rule_bytes,
				     .patterns_length = set_length};
	rule = (struct policy_rule *)(blob + 1);
	for (uint32_t n = 0; n <= rules; n++)
		rule[n] = (struct policy_rule){.id = n + 1,
					       .action = n < rules ? POLICY_DENY : POLICY_ALLOW,
					       .caller.match = n < rules ? POLICY_MATCH_PATTERN
									 : POLICY_MATCH_ANY,
					       .callee.match = POLICY_MATCH_ANY};
	if (set_length > 0)
		memcpy((char *)blob + blob->strings_at, set, set_length);
	bench_must(policy_table_put(tables->policies, blob, length, now_s) == RESULT_OK,
		   "the policy is refused");
	free(blob);
	free(set);
}

/* In the clear every link is worth nothing, and marked all the same: the header lines are as many.
 */
static void settings_make(const struct tables *tables, bool is_clear)
{
	struct contract_settings settings = {.gateway_id = 1,
					     .route_security = CONTRACT_RS_REQUIRE,
					     .route_security_add_level = is_clear ? 0 : 1,
					     .insecure_access = is_clear ? CONTRACT_INSECURE_ANY
									 : CONTRACT_INSECURE_OFF,
					     .max_dialog_s = 86400,
					     .domain_count = 1,
					     .domain = {"bench.example"}};

	bench_must(settings_table_put(tables->settings, &settings) == RESULT_OK,
		   "the settings are refused");
}

static void keys_make(const struct tables *tables, uint64_t now_s)
{
	struct contract_key key = {.active_from_s = now_s - 10};

	for (uint8_t purpose = CONTRACT_KEY_PERSISTENT; purpose <= CONTRACT_KEY_TOKEN; purpose++) {
		key.purpose = purpose;
		key.id = purpose == CONTRACT_KEY_PERSISTENT ? 0 : 1;
		memset(key.key, 0x50 + purpose, sizeof(key.key));
		bench_must(key_table_put(tables->keys, &key) == RESULT_OK, "a key is refused");
	}
}

void bench_rules_put(const struct tables *tables, const struct bench_gateway_config *config,
		     uint64_t now_s)
{
	settings_make(tables, config->is_clear);
	keys_make(tables, now_s);
	policy_make(tables, config->rules, now_s);
}
