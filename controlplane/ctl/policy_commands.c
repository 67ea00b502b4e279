#include <string.h>

#include "controlplane/aor.h"
#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/fields.h"
#include "controlplane/ctl/policy_reply.h"
#include "controlplane/gateway_policy.h"
#include "controlplane/policy/rule_text.h"
#include "controlplane/policy/rule_when.h"

static const char missing_rule[] = "there is no such rule: policy list has all";

/* Told with the pattern and a mark under the place. */
static bool pattern_is_good(const char *pattern, struct ctl_reply *reply)
{
	struct pattern_fault fault;
	enum result result = pattern_check(pattern, &fault);

	if (result == RESULT_OK)
		return true;
	ctl_reply_error(reply, "the pattern is refused at character %zu: %s\n  ~%s\n  %*s^",
			fault.position + 1, fault.reason, pattern, (int)fault.position + 1, "");
	return false;
}

static bool party_read(const json_t *request, const char *name, struct store_party *party,
		       struct ctl_reply *reply)
{
	const char *text;

	if (!field_text(request, name, 2 * LIMIT_AOR_BYTES, &text, reply))
		return false;
	if (rule_party_parse(text, party) == RESULT_OK)
		return party->match != POLICY_MATCH_PATTERN || pattern_is_good(party->text, reply);
	if (text[0] == '~' && text[1] != '\0')
		return pattern_is_good(text + 1, reply);
	ctl_reply_error(reply, "\"%s\" is not any, user@host, @domain, group:NAME or ~PATTERN",
			text);
	return false;
}

static bool methods_read(const json_t *request, struct store_rule *rule, struct ctl_reply *reply)
{
	const char *methods, *pattern;
	uint32_t bits;

	if (!field_text_or(request, "methods", STORE_METHODS_BYTES, "any", &methods, reply))
		return false;
	pattern = rule_method_pattern(methods);
	if (pattern != NULL) {
		strcpy(rule->methods, methods);
		return pattern_is_good(pattern, reply);
	}
	if (rule_methods_parse(methods, &bits) != RESULT_OK) {
		ctl_reply_error(reply,
				"\"%s\" is no list of methods: INVITE,MESSAGE and the like, any,"
				" or ~PATTERN (ACK and CANCEL follow their INVITE)",
				methods);
		return false;
	}
	rule_methods_show(bits, rule->methods);
	return true;
}

static bool action_read(const json_t *request, struct store_rule *rule, struct ctl_reply *reply)
{
	static const char *const words[] = {"allow", "deny", "limit"};
	const char *action;

	if (!field_text(request, "action", 64, &action, reply))
		return false;
	for (int i = 0; i < 3; i++) {
		if (strcmp(action, words[i]) == 0) {
			rule->action = (enum policy_action)(POLICY_ALLOW + i);
			return true;
		}
	}
	ctl_reply_error(reply, "\"%s\" is none of allow, deny and limit", action);
	return false;
}

/* Hours and rate, in their one spelling. */
static bool when_read(const json_t *request, struct store_rule *rule, struct ctl_reply *reply)
{
	const char *hours, *rate;
	struct policy_rule read;

	if (!field_text_or(request, "hours", STORE_WHEN_BYTES, "", &hours, reply) ||
	    !field_text_or(request, "rate", STORE_WHEN_BYTES, "", &rate, reply))
		return false;
	if (rule_hours_parse(hours, &read) != RESULT_OK) {
		ctl_reply_error(reply,
				"\"%s\" are no hours: \"mon-fri 08:00-18:00\", \"sat,sun\","
				" \"22:00-06:00\"",
				hours);
		return false;
	}
	if (rule_rate_parse(rate, &read) != RESULT_OK) {
		ctl_reply_error(reply, "\"%s\" is no rate: \"10/min\", \"3/10s\", \"100/h\"",
				rate);
		return false;
	}
	rule_hours_show(&read, rule->hours);
	rule_rate_show(&read, rule->rate);
	return true;
}

/* What a limit is, and nothing else is. */
static bool limit_is_good(const struct store_rule *rule, struct ctl_reply *reply)
{
	if (rule->action != POLICY_LIMIT && rule->rate[0] != '\0')
		ctl_reply_error(reply, "a rate is a limit's: policy add PRIORITY limit CALLER any");
	else if (rule->action == POLICY_LIMIT && rule->rate[0] == '\0')
		ctl_reply_error(reply, "a limit needs its --rate");
	else if (rule->action == POLICY_LIMIT && rule->callee.match != POLICY_MATCH_ANY)
		ctl_reply_error(reply, "a limit is the caller's alone: its callee is any, so that"
				       " nothing of a callee shows in it");
	else if (rule->action == POLICY_LIMIT && rule->minimum_level != 0)
		ctl_reply_error(reply, "a limit has no minimum level");
	else
		return true;
	return false;
}

static bool rule_has_pattern(const struct store_rule *rule)
{
	return rule->caller.match == POLICY_MATCH_PATTERN ||
	       rule->callee.match == POLICY_MATCH_PATTERN ||
	       rule_method_pattern(rule->methods) != NULL;
}

/* Each pattern is good alone: are they in this rule? */
static bool patterns_are_good(const struct store_rule *rule, struct ctl_reply *reply)
{
	struct policy_fault fault;

	if (!rule_has_pattern(rule) || policy_rule_check(rule, &fault) == RESULT_OK)
		return true;
	ctl_reply_error(reply, "the rule's patterns are refused: %s", fault.reason);
	return false;
}

static bool rule_read(const json_t *request, struct store_rule *rule, struct ctl_reply *reply)
{
	const int64_t no_level = 0;
	int64_t priority, level;

	if (!field_number(request, "priority", INT32_MIN, INT32_MAX, NULL, &priority, reply) ||
	    !action_read(request, rule, reply) ||
	    !party_read(request, "caller", &rule->caller, reply) ||
	    !party_read(request, "callee", &rule->callee, reply) ||
	    !methods_read(request, rule, reply) ||
	    !field_number(request, "minimum_level", 0, 3, &no_level, &level, reply) ||
	    !when_read(request, rule, reply))
		return false;
	rule->priority = (int32_t)priority;
	rule->minimum_level = (uint8_t)level;
	return limit_is_good(rule, reply) && patterns_are_good(rule, reply);
}

/* The change stands in the store; can it be put in force? Those who follow the store do so. */
static void changed_reply(struct gateway *gateway, json_t *result, struct ctl_reply *reply)
{
	struct policy_source *source;
	struct policy_fault fault = {0};
	enum result compiled = policy_source_read(gateway_store(gateway), &source, &fault);

	if (compiled == RESULT_OK) {
		if (result != NULL && !policy_source_is_quick(source))
			json_object_set_new(result, "compiling", json_true());
		policy_source_free(source);
		ctl_reply_result(reply, result);
		return;
	}
	json_decref(result);
	if (compiled == RESULT_BAD)
		ctl_reply_error(reply, "rule %u cannot be compiled (%s): the policy before stays",
				fault.rule, fault.reason);
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

static bool rule_list(void *ctx, const struct store_rule *rule)
{
	json_array_append_new(ctx, policy_rule_json(rule));
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

void ctl_policy_status(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct gateway_policy_status status;
	json_t *result;

	(void)request;
	gateway_policy_status(gateway, &status);
	result = json_pack("{s:I,s:I,s:I,s:I,s:I}", "in_force", (json_int_t)status.in_force,
			   "compiling", (json_int_t)status.building, "rules",
			   (json_int_t)status.rules, "with_patterns", (json_int_t)status.patterns,
			   "compiled_in_ms", (json_int_t)status.took_ms);
	if (status.fault.reason[0] != '\0')
		json_object_set_new(result, "failed",
				    json_sprintf("rule %u: %s", status.fault.rule,
						 status.fault.reason));
	ctl_reply_result(reply, result);
}
