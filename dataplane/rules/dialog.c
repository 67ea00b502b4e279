#include "dataplane/rules/dialog.h"

#include "dataplane/rules/ahead.h"
#include "dataplane/rules/dialog_sibling.h"
#include "dataplane/rules/dialog_token.h"
#include "dataplane/rules/locate.h"
#include "dataplane/worker.h"

static enum rules_way refused(struct packet_rules *rules, uint16_t status)
{
	if (status == 503)
		return rules_refuse(rules, 503, DROP_sip_peer_down);
	rules_tell_refusal(rules, CONTRACT_EVENT_REFUSED, status, slice_make("", 0));
	return rules_refuse(rules, status,
			    status == 403 ? DROP_sip_dialog_foreign : DROP_sip_dialog_unknown);
}

enum result dialog_next_check(struct packet_rules *rules)
{
	const struct route *route = &rules->route;
	const struct peer *peer;

	if (route->is_bad)
		return RESULT_DENIED;
	if (route->own == route->count)
		return RESULT_OK;
	if (rules->egress.kind != LEG_PEER || route->next.family == 0)
		return RESULT_DENIED;
	if (peer_has_address(rules->egress.peer, &route->next))
		return RESULT_OK;
	peer = peer_table_beside(rules->tables->peers, rules->egress.peer, &route->next);
	if (!peer)
		return RESULT_DENIED;
	/* Of a lost one another takes the place, which knows the token, too. */
	return peer_is_up(peer) ? link_to_peer(rules->tables, peer, &rules->egress) : RESULT_OK;
}

/* By the token of our own entry: egress is set and 0 answered, or with which status it is refused.
 */
static uint16_t token_follow(struct packet_rules *rules, bool is_caller)
{
	const struct token *token = &rules->token;
	const struct leg *from = is_caller ? &token->caller : &token->callee;
	const struct leg *to = is_caller ? &token->callee : &token->caller;

	if (!leg_is_equal(from, &rules->ingress.leg))
		return 403;
	if (link_to_leg(rules->tables, rules->settings, to, &rules->egress) != RESULT_OK ||
	    rules->egress.kind == LEG_SELF)
		return 481;
	if (dialog_next_check(rules) != RESULT_OK)
		return 403;
	return locate_is_up(rules, &rules->egress) ? 0 : 503;
}

enum rules_way rules_dialog(struct packet_rules *rules)
{
	uint16_t status = 481;
	bool is_caller;

	if (!rules->has_token) {
		ahead_callee(rules);
		return RULES_NEXT;
	}
	if (dialog_token_side(rules, &is_caller) != RESULT_OK)
		return refused(rules, 481);
	if (!token_admits(&rules->token, rules->message->method))
		return refused(rules, 403);
	if (!rules->route.is_siblings)
		status = token_follow(rules, is_caller);
	if (status != 0 && peer_table_has_siblings(rules->tables->peers))
		status = dialog_sibling_follow(rules, is_caller);
	if (status != 0)
		return refused(rules, status);
	if (rules->message->method == SIP_METHOD_BYE)
		rules_tell_dialog(rules, CONTRACT_EVENT_DIALOG_END, 0);
	return RULES_IN_DIALOG;
}
