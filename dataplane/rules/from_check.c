#include "dataplane/rules/from_check.h"

#include "dataplane/rules/ahead.h"
#include "dataplane/rules/emergency.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/worker.h"
#include "shared/sip/entries.h"

/* The AOR of one entry of a P-Preferred- or P-Asserted-Identity; empty if it has none. */
static struct text_key entry_aor(struct packet_rules *rules, struct slice text)
{
	struct sip_name_addr addr;
	struct sip_uri uri;

	if (sip_name_addr_parse(text, &addr) != RESULT_OK ||
	    sip_uri_parse(addr.uri, &uri) != RESULT_OK)
		return (struct text_key){0};
	return text_key_make(rules_canonical_text(rules, &uri));
}

/* The first entry of a header that says who an anonymous caller is; empty if there is none. */
static struct text_key stated_aor(struct packet_rules *rules, enum sip_header header)
{
	struct sip_entries entries = sip_entries_begin(rules->message, header);
	struct sip_entry entry;

	if (!sip_entries_next(&entries, &entry))
		return (struct text_key){0};
	return entry_aor(rules, entry.text);
}

/* Who is to be proven: From itself, or what an anonymous one states in header. */
static void caller_set(struct packet_rules *rules, enum sip_header header)
{
	rules->caller = rules->from;
	if (!sip_uri_is_anonymous(&rules->message->from.uri))
		return;
	rules->caller = stated_aor(rules, header);
	rules->is_caller_first = false;
}

static bool is_bound(const struct packet_rules *rules)
{
	const struct text_key *caller = &rules->caller;

	return rules->is_caller_first ||
	       (caller->text.len > 0 && binding_has_identity(rules->ingress.binding, caller));
}

static bool is_spoken_for(const struct peer *peer, const struct text_key *claimed)
{
	struct text_key domain = text_key_make(rules_aor_domain(claimed->text));

	/* a sibling speaks for whatever its own terminals and peers may */
	return domain.text.len > 0 && (peer->is_sibling || peer_speaks_for(peer, &domain));
}

static bool is_admitted_in_clear(const struct packet_rules *rules)
{
	switch ((enum contract_insecure)rules->settings->insecure_access) {
	case CONTRACT_INSECURE_ANY:
		return true;
	case CONTRACT_INSECURE_AUTHENTICATED:
		return rules->ingress.level >= SIP_LEVEL_AUTHENTICATED;
	case CONTRACT_INSECURE_OFF:
		break;
	}
	return false;
}

/*
 * Somebody in clear is believed at level 1 if a digest proved him, else at level 0 where the
 * operator said so, or for an emergency call; but never under a name that has or must have a secure
 * channel, or for whose domain a peer speaks (P18).
 */
static bool is_free_for_clear(struct packet_rules *rules, const struct text_key *claimed)
{
	struct text_key domain = text_key_make(rules_aor_domain(claimed->text));
	bool is_proved = rules->ingress.level >= SIP_LEVEL_AUTHENTICATED;
	const struct identity *identity;
	const struct binding *binding;

	if (domain.text.len == 0 ||
	    (!is_admitted_in_clear(rules) && !emergency_is(rules->settings, &rules->message->uri)))
		return false;
	if (!settings_is_own_domain(rules->settings, domain.text))
		return !is_proved && !peer_table_by_domain(rules->tables->peers, &domain);
	identity = identity_table_find(rules->tables->identities, claimed);
	if (!identity || identity->must_be_secure)
		return false;
	binding = binding_table_find(rules->tables->bindings, identity->binding_index,
				     identity->binding_generation);
	return !binding || binding->sa_index == 0;
}

/* Is the identity that is claimed, which becomes the caller, the sender's? */
static bool is_proven(struct packet_rules *rules)
{
	switch (rules->ingress.kind) {
	case LEG_TERMINAL:
		caller_set(rules, SIP_HEADER_P_PREFERRED_IDENTITY);
		return is_bound(rules);
	case LEG_PEER:
		caller_set(rules, SIP_HEADER_P_ASSERTED_IDENTITY);
		return is_spoken_for(rules->ingress.peer, &rules->caller);
	case LEG_CLEAR:
		caller_set(rules, SIP_HEADER_P_PREFERRED_IDENTITY);
		return is_free_for_clear(rules, &rules->caller);
	case LEG_SELF:
		break;
	}
	return false;
}

static bool is_addressed_to_us(const struct packet_rules *rules)
{
	const struct sip_uri *uri = &rules->message->uri;

	return uri->scheme <= SIP_SCHEME_SIPS && uri->user.len == 0 && !rules->has_token &&
	       rules->route.own == rules->route.count &&
	       route_is_own_host(rules->tables, rules->settings, uri->host);
}

/* A terminal that says who it is says most often what its binding has first: the hash is there. */
static void from_set(struct packet_rules *rules)
{
	const struct binding *likely = rules->likely;
	struct slice from = rules_canonical_text(rules, &rules->message->from.uri);
	bool is_first = likely && likely->identity_count > 0 && from.len > 0 &&
			slice_is_equal(from, binding_identity_at(likely, 0));

	rules->from.text = from;
	rules->from.hash = is_first ? likely->identity[0].hash : text_hash(from);
	rules->is_caller_first = is_first && likely == rules->ingress.binding;
}

/* Whom it is to, and where it goes. */
static void target_set(struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;
	struct slice to = rules_canonical_text(rules, &message->to.uri);
	struct slice target = rules_canonical_text(rules, &message->uri);

	rules->to.text = to;
	rules->target.text = target;
	rules->is_target_to = slice_is_equal(to, target);
	rules->target.hash = text_hash(target);
}

/* What the later steps judge by. */
static void message_read(struct packet_rules *rules)
{
	const struct sip_message *message = rules->message;

	from_set(rules);
	route_read(rules->tables, rules->settings, message, &rules->route);
	rules->has_token = message->to.tag.len > 0 && rules->route.token.len > 0;
	rules->is_token =
		rules->has_token && token_read(rules->route.token, &rules->token) == RESULT_OK;
	target_set(rules);
	rules->is_for_gateway = is_addressed_to_us(rules);
}

static enum rules_way mismatch(struct packet_rules *rules)
{
	/* Clear requests under `authenticated` prove themselves by digest to the control plane, and
	 * come back here with level 1. */
	if (rules->ingress.kind == LEG_CLEAR && rules->ingress.level == SIP_LEVEL_CLEAR &&
	    rules->settings->insecure_access == CONTRACT_INSECURE_AUTHENTICATED)
		return RULES_TO_CONTROL;
	rules->caller = (struct text_key){0};
	rules_tell_refusal(rules, CONTRACT_EVENT_SENDER_MISMATCH, 403,
			   rules->message->from.uri.text);
	return rules_refuse(rules, 403, DROP_sip_sender_mismatch);
}

/* Without a token To and Request-URI name the same (RFC 3261 8.1.1.1). */
static enum rules_way target_check(struct packet_rules *rules)
{
	if (rules->to.text.len == 0 && (rules->has_token || rules->target.text.len > 0))
		return rules_refuse(rules, 400, DROP_sip_ack_refused);
	if (rules->has_token || rules->is_for_gateway)
		return RULES_NEXT;
	if (rules->target.text.len == 0)
		return rules_refuse(rules, 404, DROP_sip_ack_refused);
	if (!rules->is_target_to)
		return rules_refuse(rules, 400, DROP_sip_ack_refused);
	return RULES_NEXT;
}

/*
 * An anonymous From, and in the clear that of who made an emergency call, is compared with the one
 * that the token remembers.
 */
static bool is_left_to_dialog(const struct packet_rules *rules)
{
	return rules->has_token && rules->from.text.len > 0 &&
	       (sip_uri_is_anonymous(&rules->message->from.uri) ||
		(rules->ingress.kind == LEG_CLEAR && rules->settings->emergency_peer != 0));
}

/* From somebody who does not say who he is, so who claims nobody's name. */
static bool is_nameless_emergency(const struct packet_rules *rules)
{
	const struct sip_uri *uri = &rules->message->uri;

	if (!sip_uri_is_anonymous(&rules->message->from.uri))
		return false;
	if (rules->ingress.kind == LEG_CLEAR)
		return emergency_is(rules->settings, uri);
	/* What the caller's gateway let through in that way is answered. */
	return rules->ingress.kind == LEG_PEER && emergency_is_answered_here(rules->settings, uri);
}

enum rules_way rules_from_check(struct packet_rules *rules)
{
	message_read(rules);
	if (!is_proven(rules)) {
		if (!is_left_to_dialog(rules) && !is_nameless_emergency(rules))
			return mismatch(rules);
		rules->caller = rules->from;
	}
	ahead_buckets(rules);
	return target_check(rules);
}
