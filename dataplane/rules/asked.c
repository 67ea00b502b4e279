#include "dataplane/rules/asked.h"

#include "dataplane/rules/policy_state.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/worker.h"

/* Where names stand says nothing of what is found there: their hashes need not be strong. */
static uint64_t place_of(const struct packet_rules *rules, const struct policy_state *state)
{
	uint64_t callee = rules->is_callee_ours ? rules->target.hash : rules->domain.hash;

	return text_key_mix(rules->caller.hash ^ state->seed, callee + asked_method(rules));
}

void asked_begin(struct packet_rules *rules, const struct policy_state *state)
{
	struct slice domain = asked_domain(&rules->target, &rules->message->uri);

	rules->domain.text = domain;
	/* A number without a domain is looked for among our own names. */
	rules->is_callee_ours = domain.len == 0 || settings_is_own_domain(rules->settings, domain);
	if (!rules->is_callee_ours)
		rules->domain.hash = text_hash(domain);
	rules->is_asked = true;
	if (policy_table_view(rules->tables->policies)->has_patterns)
		policy_cache_ahead(state->cache, place_of(rules, state));
}

/* A method that has no number is in it by its name. */
static uint64_t facts_of(const struct packet_rules *rules, struct slice callee)
{
	enum sip_method method = asked_method(rules);
	uint64_t name = method == SIP_METHOD_OTHER ? rules->message->method_name.len : 0;

	return (uint64_t)rules->caller.text.len | (uint64_t)callee.len << 16 | name << 32 |
	       (uint64_t)method << 56 | (uint64_t)rules->is_callee_ours << 63;
}

_Static_assert(SIP_METHOD_COUNT <= 128, "a method is seven bits of the facts");

/* A caller who is the first of a binding's names is known by that record, which never changes. */
void asked_print(const struct packet_rules *rules, const struct policy_state *state,
		 struct policy_print *print)
{
	struct slice callee = rules->is_callee_ours ? rules->target.text : rules->domain.text;
	struct print_hash hash;

	print->place = place_of(rules, state);
	print->record = rules->is_caller_first ? rules->ingress.binding->serial : 0;
	print_hash_begin(&hash, &state->key, facts_of(rules, callee));
	print_hash_text(&hash, PRINT_CALLEE_AT, callee, LIMIT_AOR_BYTES);
	if (print->record == 0)
		print_hash_text(&hash, PRINT_CALLER_AT, rules->caller.text, LIMIT_AOR_BYTES);
	if (asked_method(rules) == SIP_METHOD_OTHER)
		print_hash_text(&hash, PRINT_METHOD_AT, rules->message->method_name,
				LIMIT_SIP_METHOD_BYTES);
	print_hash_end(&hash, print->half);
}
