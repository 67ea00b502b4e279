#include "dataplane/rules/policy.h"

#include "dataplane/bounds.h"
#include "dataplane/rules/ahead.h"
#include "dataplane/rules/asked.h"
#include "dataplane/rules/emergency.h"
#include "dataplane/rules/policy_state.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/worker.h"
#include "shared/contract/policy_text.h"

/* The lowest that any link behind the request was worth: an annotation is worth nothing. */
static uint8_t caller_level(const struct packet_rules *rules)
{
	uint8_t lowest = rules->ingress.level;

	if (rules->is_annotated)
		return SIP_LEVEL_CLEAR;
	for (unsigned i = 0; i < rules->series.count; i++) {
		uint8_t level = rules->series.entries[i].level;

		if (level == SIP_LEVEL_ABSENT)
			return SIP_LEVEL_CLEAR;
		if (level < lowest)
			lowest = level;
	}
	return lowest;
}

static void subject_set(struct policy_subject *subject, const struct text_key *aor,
			struct slice domain, const struct identity *identity)
{
	subject->aor = aor->text;
	subject->domain = domain;
	subject->group = identity ? identity->group : NULL;
	subject->group_count = identity ? identity->group_count : 0;
}

/* One request on its way through the policy. */
struct asking {
	const struct packet_rules *rules;
	struct policy_state *state;
	struct policy_question question;
	struct policy_print print; /* set if there are patterns */
	bool is_text;		   /* text and sight are made */
	char text[POLICY_TEXT_BYTES];
	struct policy_sight sight;
};

/* Who asks anew again and again makes us scan: each sender so often, whatever he finds. */
static bool may_scan(const struct asking *asking)
{
	const struct packet_rules *rules = asking->rules;
	bool is_peer = rules->ingress.kind == LEG_PEER;
	uint64_t sender = rules->sa_handle;

	if (is_peer)
		sender = rules->ingress.peer->index + (UINT64_C(1) << 32);
	else if (sender == 0)
		sender = text_hash(slice_make((const char *)rules->ingress.remote.bytes,
					      sizeof(rules->ingress.remote.bytes)));
	return buckets_take(asking->state->buckets, text_key_mix(asking->state->seed, sender),
			    is_peer ? POLICY_SCANS_PEER : POLICY_SCANS_TERMINAL, 1, rules->now_ms);
}

static void text_make(struct asking *asking)
{
	size_t length = 0;

	asking->is_text = policy_text_write(&asking->question, asking->rules->message->method_name,
					    asking->text, &length) == RESULT_OK;
	asking->sight.text = slice_make(asking->text, length);
	asking->sight.scanner = asking->state->scanner;
}

/* What the policy's patterns find in the request, remembered or looked for. false: not now. */
static bool is_seen(struct asking *asking, const struct policy_index *index)
{
	struct policy_state *state = asking->state;
	uint64_t serial;

	if (!policy_index_has_patterns(index))
		return true;
	serial = policy_index_serial(index);
	if (policy_cache_find(state->cache, &asking->print, serial, &asking->sight.hits))
		return true;
	if (!asking->is_text)
		text_make(asking);
	if (!asking->is_text || !may_scan(asking))
		return false;
	policy_index_look(index, &asking->sight);
	policy_cache_keep(state->cache, &asking->print, serial, &asking->sight.hits);
	return true;
}

static bool is_allowed(struct asking *asking, const struct policy_index *index)
{
	return is_seen(asking, index) &&
	       policy_index_decide(index, &asking->question, &asking->sight).is_allowed;
}

/* Has the caller asked more often than a limit lets him? ACK and CANCEL are never counted. */
static bool is_over_limit(struct asking *asking, const struct policy_index *index)
{
	const struct packet_rules *rules = asking->rules;
	const struct policy_rule *limit =
		policy_index_limit(index, &asking->question, &asking->sight);

	return limit &&
	       !buckets_take(asking->state->buckets,
			     text_key_mix(asking->state->seed ^ limit->id, rules->caller.hash),
			     limit->rate_count, limit->rate_period_s, rules->now_ms);
}

/* Whether a foreign domain can be reached from this link at all. */
static bool is_reachable(const struct packet_rules *rules, const struct text_key *domain)
{
	const struct peer *from = rules->ingress.peer;

	if (!rules->next_peer)
		return false;
	return !from || (from->is_transit && peer_may_reach(from, domain));
}

/* Whether a callee of our own can be reached, but for the policy. */
static bool is_open(const struct identity *callee, uint8_t level)
{
	return callee && callee->kind == CONTRACT_IDENTITY_LOCAL && level >= callee->minimum_level;
}

/* May it be asked at all now? What patterns find is found here, for the verdict as well. */
static bool is_paced(struct asking *asking, const struct policy_pair *pair)
{
	if (asked_is_of_invite(asking->rules))
		return true;
	return is_seen(asking, pair->current) && !is_over_limit(asking, pair->current);
}

static bool is_admitted(struct asking *asking, const struct policy_pair *pair)
{
	const struct policy_index *previous;

	if (!asked_is_of_invite(asking->rules))
		return policy_index_decide(pair->current, &asking->question, &asking->sight)
			.is_allowed;
	if (is_allowed(asking, pair->current))
		return true;
	previous = policy_previous(pair, asking->rules->now_s);
	return previous && is_allowed(asking, previous);
}

/* All that could tell two callees apart is done for each of them, whatever it finds. */
static void callee_find(struct packet_rules *rules, struct asking *asking)
{
	rules->callee = identity_table_find(rules->tables->identities, &rules->target);
	if (!asking->question.is_callee_ours) {
		rules->callee = NULL;
		rules->next_peer = peer_table_by_domain(rules->tables->peers, &rules->domain);
	}
	subject_set(&asking->question.callee, &rules->target, rules->domain.text, rules->callee);
}

static void question_make(struct asking *asking, bool has_groups)
{
	const struct packet_rules *rules = asking->rules;
	struct policy_question *question = &asking->question;

	*question = (struct policy_question){
		.method = asked_method(rules),
		.caller_level = caller_level(rules),
		.is_callee_ours = rules->is_callee_ours,
		.is_past = asked_is_of_invite(rules),
		.now_s = rules->now_s,
	};
	subject_set(&question->caller, &rules->caller,
		    asked_domain(&rules->caller, &rules->message->from.uri),
		    has_groups ? identity_table_find(rules->tables->identities, &rules->caller)
			       : NULL);
	subject_set(&question->callee, &rules->target, rules->domain.text, NULL);
}

enum rules_way rules_unknown(struct packet_rules *rules)
{
	rules_tell_refusal(rules, CONTRACT_EVENT_REFUSED, 404, slice_make("", 0));
	return rules_refuse(rules, 404, DROP_sip_refused);
}

enum rules_way rules_policy(struct packet_rules *rules, struct policy_state *state)
{
	const struct policy_pair *pair = policy_table_view(rules->tables->policies);
	struct asking asking;
	bool is_admitted_now, is_there;

	if (!rules->is_asked)
		asked_begin(rules, state);
	if (rules->route.own != rules->route.count || rules->route.is_bad)
		return rules_refuse(rules, 403, DROP_sip_dialog_foreign);
	if (emergency_is(rules->settings, &rules->message->uri)) {
		rules->callee = NULL;
		rules->next_peer =
			peer_table_at(rules->tables->peers, rules->settings->emergency_peer);
		return rules->next_peer ? RULES_NEXT : rules_refuse(rules, 503, DROP_sip_peer_down);
	}
	asking.rules = rules;
	asking.state = state;
	asking.is_text = false;
	if (pair->has_patterns)
		asked_print(rules, state, &asking.print);
	question_make(&asking, pair->has_caller_groups);
	if (!is_paced(&asking, pair))
		return rules_refuse(rules, 503, DROP_sip_refused);
	callee_find(rules, &asking);
	is_admitted_now = is_admitted(&asking, pair);
	is_there = asking.question.is_callee_ours
			   ? is_open(rules->callee, asking.question.caller_level)
			   : is_reachable(rules, &rules->domain);
	if (!(is_admitted_now & is_there))
		return rules_unknown(rules);
	if (rules->callee)
		ahead_binding(rules->tables->bindings, rules->callee->binding_index);
	return RULES_NEXT;
}
