#include "controlplane/ctl/policy_explain.h"

#include <stdio.h>
#include <string.h>

#include "shared/limits.h"

static const char *text_of(const json_t *rule, const char *field)
{
	const char *text = json_string_value(json_object_get(rule, field));

	return text != NULL ? text : "";
}

static json_int_t number_of(const json_t *rule, const char *field)
{
	return json_integer_value(json_object_get(rule, field));
}

json_t *policy_passed_text(const struct policy_trial *trial, enum policy_fit fit,
			   const json_t *rule)
{
	json_int_t minimum = number_of(rule, "minimum_level");

	switch (fit) {
	case POLICY_OTHER_METHOD:
		return json_sprintf("it is for other methods (%s)", text_of(rule, "methods"));
	case POLICY_OTHER_LEVEL:
		if (strcmp(text_of(rule, "action"), "deny") == 0)
			return json_sprintf("it denies below level %" JSON_INTEGER_FORMAT
					    " only and the caller's link has level %u",
					    minimum, trial->caller_level);
		return json_sprintf("the caller's link has level %u, below its minimum level "
				    "%" JSON_INTEGER_FORMAT,
				    trial->caller_level, minimum);
	case POLICY_OTHER_TIME:
		return json_sprintf("it is outside its hours (%s)", text_of(rule, "hours"));
	default:
		return json_string("another is before it");
	}
}

/* "30, deny any to @abc.com, methods any", and what else it has. */
static void rule_write(const json_t *rule, char *out, size_t size)
{
	json_int_t minimum = number_of(rule, "minimum_level");
	const char *hours = text_of(rule, "hours"), *rate = text_of(rule, "rate");
	char level[40] = "";

	if (minimum > 0)
		snprintf(level, sizeof(level), ", minimum level %" JSON_INTEGER_FORMAT, minimum);
	snprintf(out, size,
		 "rule %" JSON_INTEGER_FORMAT " (priority %" JSON_INTEGER_FORMAT
		 ": %s %s to %s, methods %s%s%s%s%s%s)",
		 number_of(rule, "id"), number_of(rule, "priority"), text_of(rule, "action"),
		 text_of(rule, "caller"), text_of(rule, "callee"), text_of(rule, "methods"), level,
		 hours[0] != '\0' ? ", hours " : "", hours, rate[0] != '\0' ? ", rate " : "", rate);
}

#define RULE_TEXT_BYTES (2 * LIMIT_AOR_BYTES + 512)

static void add(json_t *sentences, json_t *sentence)
{
	json_array_append_new(sentences, sentence);
}

static void decision_add(const struct policy_named *named, json_t *sentences)
{
	char rule[RULE_TEXT_BYTES];

	if (named->decides == NULL) {
		add(sentences, json_string("no rule fits, and what no rule allows is denied"));
		return;
	}
	rule_write(named->decides, rule, sizeof(rule));
	add(sentences, json_sprintf("%s decides: it is the first that fits", rule));
}

static void passed_add(const struct policy_trial_result *result, const struct policy_named *named,
		       json_t *sentences)
{
	char text[RULE_TEXT_BYTES];
	const json_t *rule;
	size_t i;

	json_array_foreach(named->passed, i, rule)
	{
		rule_write(rule, text, sizeof(text));
		add(sentences,
		    json_sprintf("%s is for both, but %s", text, text_of(rule, "passed_over")));
	}
	if (result->passed_more > 0)
		add(sentences, json_sprintf("%u more are for both and do not fit otherwise",
					    result->passed_more));
}

/* How many there are of each kind that did not come near. */
static void others_add(const struct policy_trial_result *result, bool is_decided, json_t *sentences)
{
	static const char *const kind[] = {"for other callers", "for other callees",
					   "with patterns that do not match"};
	const unsigned count[] = {result->other_callers, result->other_callees,
				  result->other_patterns};
	char text[200] = "";
	size_t length = 0;

	for (size_t i = 0; i < sizeof(count) / sizeof(count[0]); i++)
		if (count[i] > 0)
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%u %s",
						   length > 0 ? ", " : "", count[i], kind[i]);
	if (length > 0)
		add(sentences,
		    json_sprintf("%s: %s", is_decided ? "of the rules before it" : "of the other rules",
				 text));
}

static void limit_add(const struct policy_named *named, json_t *sentences)
{
	char text[RULE_TEXT_BYTES];

	if (named->limit == NULL)
		return;
	rule_write(named->limit, text, sizeof(text));
	add(sentences,
	    json_sprintf("%s limits the caller: what is beyond its rate gets 503", text));
}

json_t *policy_explain(const struct policy_trial *trial, const struct policy_trial_result *result,
		       const struct policy_named *named)
{
	json_t *sentences = json_array();

	if (sentences == NULL)
		return NULL;
	decision_add(named, sentences);
	passed_add(result, named, sentences);
	others_add(result, named->decides != NULL, sentences);
	limit_add(named, sentences);
	if (!trial->is_callee_ours)
		add(sentences,
		    json_string("the callee is of another domain: only rules for everybody, "
				"for a pattern or for its domain count here, its own gateway "
				"judges the rest"));
	if (!result->verdict.is_allowed)
		add(sentences,
		    json_string(
			    trial->is_callee_ours
				    ? "the caller gets 404, as for a callee that does not exist"
				    : "the caller gets 404, as for a domain that nobody knows"));
	return sentences;
}
