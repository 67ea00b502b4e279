#include "dataplane/rules/ahead.h"

#include "dataplane/tables/identity_table.h"
#include "dataplane/worker.h"
#include "shared/base64url.h"

/* Where in sk= the ingress leg begins, and how much of a leg says which binding it is. */
#define SK_INGRESS_AT  1
#define SK_HEAD_BYTES  6
#define LEG_HEAD_BYTES 4

/* The binding that the leg at at names; 0: no terminal's. */
static uint32_t leg_binding(const uint8_t at[LEG_HEAD_BYTES])
{
	if (at[0] >> 6 != LEG_TERMINAL)
		return 0;
	return (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The first bytes of what a text of ours holds; false: it is none. */
static bool head_decode(struct slice text, uint8_t *out, size_t bytes)
{
	size_t chars = bytes / 3 * 4, length;

	return text.len > chars &&
	       base64url_decode(slice_make(text.at, chars), out, bytes, &length) == RESULT_OK;
}

/* Where the token leads: to the leg that did not send. */
static uint32_t token_binding(const struct packet_rules *rules)
{
	const struct binding *sender = rules->ingress.binding;
	uint32_t caller, callee;

	if (!sender || !rules->is_token)
		return 0;
	caller = leg_binding(rules->token.caller.bytes);
	callee = leg_binding(rules->token.callee.bytes);
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
	identity_table_prefetch(identities, rules->caller.hash);
}

void ahead_records(const struct packet_rules *rules)
{
	const struct identity_table *identities = rules->tables->identities;

	if (rules->has_token) {
		ahead_binding(rules->tables->bindings, rules->ahead);
		return;
	}
	identity_table_prefetch_record(identities, rules->target.hash);
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

uint32_t ahead_response_binding(const struct sip_message *message)
{
	uint8_t head[SK_HEAD_BYTES];

	if (!head_decode(message->via.sk, head, sizeof(head)))
		return 0;
	return leg_binding(head + SK_INGRESS_AT);
}
