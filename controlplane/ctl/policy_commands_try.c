#include <string.h>
#include <time.h>

#include "controlplane/aor.h"
#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/fields.h"
#include "controlplane/ctl/policy_explain.h"
#include "controlplane/ctl/policy_reply.h"
#include "controlplane/gateway_policy.h"
#include "controlplane/policy/rule_text.h"
#include "controlplane/policy/trial.h"

json_t *policy_rule_json(const struct store_rule *rule)
{
	static const char *const actions[] = {"", "allow", "deny", "limit"};
	char caller[RULE_PARTY_TEXT_BYTES], callee[RULE_PARTY_TEXT_BYTES];
	json_t *json;

	rule_party_show(&rule->caller, caller);
	rule_party_show(&rule->callee, callee);
	json = json_pack("{s:I,s:i,s:s,s:s,s:s,s:s,s:i}", "id", (json_int_t)rule->id, "priority",
			 rule->priority, "action", actions[rule->action], "caller", caller,
			 "callee", callee, "methods",
			 rule->methods[0] == '\0' ? "any" : rule->methods, "minimum_level",
			 rule->minimum_level);
	if (rule->hours[0] != '\0')
		json_object_set_new(json, "hours", json_string(rule->hours));
	if (rule->rate[0] != '\0')
		json_object_set_new(json, "rate", json_string(rule->rate));
	return json;
}

/* What is asked of the policy: ACK and CANCEL share the INVITE's verdict. */
static bool trial_read(struct gateway *gateway, const json_t *request, struct policy_trial *trial,
		       char caller[LIMIT_AOR_BYTES + 1], char callee[LIMIT_AOR_BYTES + 1],
		       struct ctl_reply *reply)
{
	const int64_t secure = 3, now_s = (int64_t)time(NULL);
	const char *method;
	int64_t level, at_s;

	if (!field_aor(request, "caller", caller, reply) ||
	    !field_aor(request, "callee", callee, reply) ||
	    !field_text(request, "method", LIMIT_SIP_METHOD_BYTES, &method, reply) ||
	    !field_number(request, "level", 0, 3, &secure, &level, reply) ||
	    !field_number(request, "at", 0, INT64_MAX / 2, &now_s, &at_s, reply))
		return false;
	trial->caller = caller;
	trial->callee = callee;
	trial->method_name = slice_make(method, strlen(method));
	trial->method = sip_method_find(trial->method_name);
	if (trial->method == SIP_METHOD_ACK || trial->method == SIP_METHOD_CANCEL)
		trial->method = SIP_METHOD_INVITE;
	trial->caller_level = (uint8_t)level;
	trial->now_s = (uint64_t)at_s;
	trial->is_callee_ours =
		gateway_has_domain(gateway, aor_domain(slice_make(callee, strlen(callee))));
	return true;
}

/* The rules that a verdict names, found in one walk through the store. */
struct explaining {
	const struct policy_trial *trial;
	const struct policy_trial_result *result;
	json_t *decides, *limit, *passed;
};

static void passed_explain(struct explaining *explaining, const struct store_rule *rule)
{
	const struct policy_trial_result *result = explaining->result;

	for (unsigned i = 0; i < result->passed_count; i++) {
		json_t *json;

		if (result->passed[i].rule != rule->id)
			continue;
		json = policy_rule_json(rule);
		json_object_set_new(
			json, "passed_over",
			policy_passed_text(explaining->trial, result->passed[i].fit, json));
		json_array_append_new(explaining->passed, json);
	}
}

static bool rule_explain(void *ctx, const struct store_rule *rule)
{
	struct explaining *explaining = ctx;

	if (rule->id == explaining->result->verdict.rule)
		explaining->decides = policy_rule_json(rule);
	if (rule->id == explaining->result->limit)
		explaining->limit = policy_rule_json(rule);
	passed_explain(explaining, rule);
	return true;
}

static json_t *or_null(json_t *json)
{
	return json != NULL ? json : json_null();
}

static void verdict_reply(struct gateway *gateway, const struct policy_trial *trial,
			  const struct policy_trial_result *trial_result, uint64_t generation,
			  struct ctl_reply *reply)
{
	struct explaining explaining = {
		.trial = trial, .result = trial_result, .passed = json_array()};
	struct store *store = gateway_store(gateway);
	uint64_t newest = generation;
	enum result result = store_rules_each(store, rule_explain, &explaining);

	if (result == RESULT_OK)
		result = store_policy_generation(store, &newest);
	if (result != RESULT_OK) {
		json_decref(explaining.decides);
		json_decref(explaining.limit);
		json_decref(explaining.passed);
		reply_store_error(store, result, "", "", reply);
		return;
	}
	const struct policy_named named = {explaining.decides, explaining.limit, explaining.passed};
	json_t *sentences = policy_explain(trial, trial_result, &named);

	ctl_reply_result(reply,
			 json_pack("{s:s,s:s,s:s,s:b,s:o,s:o,s:o,s:o,s:I,s:b}", "verdict",
				   trial_result->verdict.is_allowed ? "allow" : "deny", "caller",
				   trial->caller, "callee", trial->callee, "callee_is_ours",
				   trial->is_callee_ours, "rule", or_null(explaining.decides),
				   "limit", or_null(explaining.limit), "passed_over",
				   explaining.passed, "explanation", or_null(sentences), "policy",
				   (json_int_t)generation, "compiling", newest != generation));
}

void ctl_policy_test(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	char caller[LIMIT_AOR_BYTES + 1], callee[LIMIT_AOR_BYTES + 1];
	struct policy_in_force *in_force;
	struct policy_trial_result found;
	struct policy_trial trial;
	enum result result;

	if (!trial_read(gateway, request, &trial, caller, callee, reply))
		return;
	in_force = gateway_policy_get(gateway);
	if (in_force == NULL) {
		ctl_reply_error(reply, "no policy is in force yet");
		return;
	}
	result = policy_trial_run(gateway_store(gateway), in_force->compiled.blob,
				  in_force->patterns, &trial, &found);
	if (result == RESULT_OK)
		verdict_reply(gateway, &trial, &found, in_force->compiled.blob->generation, reply);
	else
		reply_store_error(gateway_store(gateway), result, "", "", reply);
	gateway_policy_put(gateway, in_force);
}
