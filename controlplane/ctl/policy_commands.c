#include <string.h>

#include "controlplane/aor.h"
#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/fields.h"
#include "controlplane/policy/rule_text.h"
#include "controlplane/policy/trial.h"

static const char missing_rule[] = "there is no such rule";

static bool party_read(const json_t *request, const char *name, struct store_party *party,
		       struct ctl_reply *reply)
{
	const char *text;

	if (!field_text(request, name, 2 * LIMIT_AOR_BYTES, &text, reply))
		return false;
	if (rule_party_parse(text, party) == RESULT_OK)
		return true;
	ctl_reply_error(reply, "\"%s\" is not any, user@host, @domain or group:NAME", text);
	return false;
}

static bool rule_read(const json_t *request, struct store_rule *rule, struct ctl_reply *reply)
{
	const int64_t no_level = 0;
	const char *action, *methods;
	int64_t priority, level;
	uint32_t bits;

	if (!field_number(request, "priority", INT32_MIN, INT32_MAX, NULL, &priority, reply) ||
	    !field_text(request, "action", 5, &action, reply) ||
	    !party_read(request, "caller", &rule->caller, reply) ||
	    !party_read(request, "callee", &rule->callee, reply) ||
	    !field_text_or(request, "methods", STORE_METHODS_BYTES, "any", &methods, reply) ||
	    !field_number(request, "minimum_level", 0, 3, &no_level, &level, reply))
		return false;
	if (strcmp(action, "allow") != 0 && strcmp(action, "deny") != 0) {
		ctl_reply_error(reply, "\"%s\" is neither allow nor deny", action);
		return false;
	}
	if (rule_methods_parse(methods, &bits) != RESULT_OK) {
		ctl_reply_error(reply,
				"\"%s\" is no list of methods: INVITE,MESSAGE and the like, or any"
				" (ACK and CANCEL follow their INVITE)",
				methods);
		return false;
	}
	rule_methods_show(bits, rule->methods);
	rule->priority = (int32_t)priority;
	rule->minimum_level = (uint8_t)level;
	rule->action = action[0] == 'a' ? POLICY_ALLOW : POLICY_DENY;
	return true;
}

/* The change stands in the store; can it be put in force? Those who follow the store do so. */
static void changed_reply(struct gateway *gateway, json_t *result, struct ctl_reply *reply)
{
	struct policy_compiled trial;
	uint32_t bad_rule = 0;
	enum result compiled = policy_compile(gateway_store(gateway), &trial, &bad_rule);

	if (compiled == RESULT_OK) {
		policy_compiled_free(&trial);
		ctl_reply_result(reply, result);
		return;
	}
	json_decref(result);
	if (compiled == RESULT_BAD)
		ctl_reply_error(reply, "rule %u cannot be compiled: the policy before stays",
				bad_rule);
	else
		reply_store_error(gateway_store(gateway), compiled, missing_rule, "", reply);
}

void ctl_policy_add(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	struct store_rule rule = {0};
	enum result result;
	uint32_t id;

	if (!rule_read(request, &rule, reply))
		return;
	result = store_rule_add(store, &rule, &id);
	if (result == RESULT_OK)
		changed_reply(gateway, json_pack("{s:I}", "id", (json_int_t)id), reply);
	else
		reply_store_error(store, result, missing_rule, "", reply);
}

void ctl_policy_delete(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	enum result result;
	int64_t id;

	if (!field_number(request, "id", 1, UINT32_MAX, NULL, &id, reply))
		return;
	result = store_rule_delete(store, (uint32_t)id);
	if (result == RESULT_OK)
		changed_reply(gateway, NULL, reply);
	else
		reply_store_error(store, result, missing_rule, "", reply);
}

static json_t *rule_json(const struct store_rule *rule)
{
	char caller[RULE_PARTY_TEXT_BYTES], callee[RULE_PARTY_TEXT_BYTES];

	rule_party_show(&rule->caller, caller);
	rule_party_show(&rule->callee, callee);
	return json_pack("{s:I,s:i,s:s,s:s,s:s,s:s,s:i}", "id", (json_int_t)rule->id, "priority",
			 rule->priority, "action", rule->action == POLICY_ALLOW ? "allow" : "deny",
			 "caller", caller, "callee", callee, "methods",
			 rule->methods[0] == '\0' ? "any" : rule->methods, "minimum_level",
			 rule->minimum_level);
}

static bool rule_list(void *ctx, const struct store_rule *rule)
{
	json_array_append_new(ctx, rule_json(rule));
	return true;
}

void ctl_policy_list(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct store *store = gateway_store(gateway);
	json_t *list = json_array();
	enum result result = store_rules_each(store, rule_list, list);

	(void)request;
	if (result == RESULT_OK) {
		ctl_reply_result(reply, list);
		return;
	}
	json_decref(list);
	reply_store_error(store, result, missing_rule, "", reply);
}

/* What is asked of the policy: ACK and CANCEL share the INVITE's verdict. */
static bool trial_read(struct gateway *gateway, const json_t *request, struct policy_trial *trial,
		       char caller[LIMIT_AOR_BYTES + 1], char callee[LIMIT_AOR_BYTES + 1],
		       struct ctl_reply *reply)
{
	const int64_t secure = 3;
	const char *method;
	int64_t level;

	if (!field_aor(request, "caller", caller, reply) ||
	    !field_aor(request, "callee", callee, reply) ||
	    !field_text(request, "method", LIMIT_SIP_METHOD_BYTES, &method, reply) ||
	    !field_number(request, "level", 0, 3, &secure, &level, reply))
		return false;
	trial->caller = caller;
	trial->callee = callee;
	trial->method = sip_method_find(slice_make(method, strlen(method)));
	if (trial->method == SIP_METHOD_ACK || trial->method == SIP_METHOD_CANCEL)
		trial->method = SIP_METHOD_INVITE;
	trial->caller_level = (uint8_t)level;
	trial->is_callee_ours = control_config_has_domain(
		gateway_config(gateway), aor_domain(slice_make(callee, strlen(callee))));
	return true;
}

struct rule_wanted {
	uint32_t id;
	json_t *found;
};

static bool rule_pick(void *ctx, const struct store_rule *rule)
{
	struct rule_wanted *wanted = ctx;

	if (rule->id != wanted->id)
		return true;
	wanted->found = rule_json(rule);
	return false;
}

static void verdict_reply(struct store *store, const struct policy_trial *trial,
			  const struct policy_verdict *verdict, struct ctl_reply *reply)
{
	struct rule_wanted wanted = {.id = verdict->rule};
	enum result result = RESULT_OK;

	if (verdict->rule != 0)
		result = store_rules_each(store, rule_pick, &wanted);
	if (result != RESULT_OK) {
		reply_store_error(store, result, missing_rule, "", reply);
		return;
	}
	ctl_reply_result(reply,
			 json_pack("{s:s,s:s,s:s,s:b,s:o}", "verdict",
				   verdict->is_allowed ? "allow" : "deny", "caller", trial->caller,
				   "callee", trial->callee, "callee_is_ours", trial->is_callee_ours,
				   "rule", wanted.found != NULL ? wanted.found : json_null()));
}

void ctl_policy_test(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	char caller[LIMIT_AOR_BYTES + 1], callee[LIMIT_AOR_BYTES + 1];
	struct store *store = gateway_store(gateway);
	struct policy_compiled compiled;
	struct policy_verdict verdict;
	struct policy_trial trial;
	uint32_t bad_rule = 0;
	enum result result;

	if (!trial_read(gateway, request, &trial, caller, callee, reply))
		return;
	result = policy_compile(store, &compiled, &bad_rule);
	if (result == RESULT_BAD) {
		ctl_reply_error(reply, "rule %u cannot be compiled", bad_rule);
		return;
	}
	if (result == RESULT_OK) {
		result = policy_trial_run(store, &compiled, &trial, &verdict);
		policy_compiled_free(&compiled);
	}
	if (result == RESULT_OK)
		verdict_reply(store, &trial, &verdict, reply);
	else
		reply_store_error(store, result, missing_rule, "", reply);
}
