#include "dataplane/rules/ahead.h"

#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/worker.h"

/* Where the token leads: to the leg that did not send. */
static uint32_t token_binding(const struct packet_rules *rules)
{
	const struct binding *sender = rules->ingress.binding;
	uint32_t caller, callee;

	if (!rules->is_token)
		return 0;
	caller = leg_binding_index(&rules->token.caller);
	callee = leg_binding_index(&rules->token.callee);
	/* Of two legs at most one is a terminal's if the sender has none. */
	if (!sender)
		return caller ? caller : callee;
	return caller == sender->index ? callee : caller;
}

void ahead_buckets(struct packet_rules *rules)
{
	const struct identity_table *identities = rules->tables->identities;

	if (rules->has_token) {
		rules->ahead = token_binding(rules);
		ahead_slot(rules->tables->bindings, rules->ahead);
		return;
	}
	identity_table_prefetch(identities, rules->target.hash);
	if (policy_table_view(rules->tables->policies)->has_caller_groups)
		identity_table_prefetch(identities, rules->caller.hash);
}

void ahead_records(const struct packet_rules *rules)
{
	const struct identity_table *identities = rules->tables->identities;

	if (rules->has_token) {
		ahead_binding_touch(rules->tables->bindings, rules->ahead);
		return;
	}
	identity_table_prefetch_record(identities, rules->target.hash);
	if (policy_table_view(rules->tables->policies)->has_caller_groups)
		identity_table_prefetch_record(identities, rules->caller.hash);
}

void ahead_callee(const struct packet_rules *rules)
{
	const struct identity *callee;

	if (rules->has_token)
		return;
	callee = identity_table_guess(rules->tables->identities, rules->target.hash);
	if (callee)
		ahead_slot(rules->tables->bindings, callee->binding_index);
}
