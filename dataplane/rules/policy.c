#include "dataplane/rules/policy.h"

#include "dataplane/rules/ahead.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/worker.h"

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

/* The host of an AOR, which a URI most likely is as it stands. */
static struct slice domain_get(const struct text_key *aor, const struct sip_uri *uri)
{
	return uri->is_canonical && aor->text.at == uri->user.at ? uri->host
								 : rules_aor_domain(aor->text);
}

static void subject_set(struct policy_subject *subject, const struct text_key *aor,
			struct slice domain, const struct identity *identity)
{
	subject->aor = aor->text;
	subject->domain = domain;
	subject->group = identity ? identity->group : NULL;
	subject->group_count = identity ? identity->group_count : 0;
}

/* An ACK and a CANCEL are judged as their INVITE was, by what was in force then or is now. */
static bool is_of_invite(const struct packet_rules *rules)
{
	return rules->message->method == SIP_METHOD_ACK ||
	       rules->message->method == SIP_METHOD_CANCEL;
}

static bool is_admitted(const struct packet_rules *rules, const struct policy_question *question)
{
	const struct policy_pair *pair = policy_table_view(rules->tables->policies);
	const struct policy_index *previous;

	if (policy_index_decide(pair->current, question).is_allowed)
		return true;
	if (!is_of_invite(rules))
		return false;
	previous = policy_previous(pair, rules->now_s);
	return previous && policy_index_decide(previous, question).is_allowed;
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

static bool is_passed(struct packet_rules *rules)
{
	const struct identity_table *identities = rules->tables->identities;
	const struct identity *caller = identity_table_find(identities, &rules->caller);
	struct text_key domain = text_key_make(domain_get(&rules->target, &rules->message->uri));
	struct policy_question question = {
		.method = is_of_invite(rules) ? SIP_METHOD_INVITE : rules->message->method,
		.caller_level = caller_level(rules),
		/* A number without a domain is looked for among our own names. */
		.is_callee_ours =
			domain.text.len == 0 || settings_is_own_domain(rules->settings, &domain),
	};
	bool is_admitted_now, is_there;

	/* All that could tell two callees apart is done for each of them, whatever it finds. */
	rules->callee = identity_table_find(identities, &rules->target);
	if (!question.is_callee_ours) {
		rules->callee = NULL;
		rules->next_peer = peer_table_by_domain(rules->tables->peers, &domain);
	}
	subject_set(&question.caller, &rules->caller,
		    domain_get(&rules->caller, &rules->message->from.uri), caller);
	subject_set(&question.callee, &rules->target, domain.text, rules->callee);
	is_admitted_now = is_admitted(rules, &question);
	is_there = question.is_callee_ours ? is_open(rules->callee, question.caller_level)
					   : is_reachable(rules, &domain);
	return is_admitted_now & is_there;
}

enum rules_way rules_policy(struct packet_rules *rules)
{
	if (rules->route.own != rules->route.count || rules->route.is_bad)
		return rules_refuse(rules, 403, DROP_sip_dialog_foreign);
	if (is_passed(rules)) {
		if (rules->callee)
			ahead_binding(rules->tables->bindings, rules->callee->binding_index);
		return RULES_NEXT;
	}
	rules_tell_refusal(rules, CONTRACT_EVENT_REFUSED, 404, slice_make("", 0));
	return rules_refuse(rules, 404, DROP_sip_refused);
}
