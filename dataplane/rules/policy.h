/*
 * Step 6: may this caller reach this callee (P7, P23)? Denied, unknown and below the callee's
 * minimum level are one answer, from one place, after the same look-ups. How often a caller may ask is
 * looked at before, and is his alone: nothing of a callee shows in it.
 */
#ifndef SEKISHO_DATAPLANE_RULES_POLICY_H
#define SEKISHO_DATAPLANE_RULES_POLICY_H

#include "dataplane/rules/packet_rules.h"

struct policy_state;

/*
 * RULES_NEXT with callee or next_peer set; RULES_REPLY (403: a Route that is not ours; 404; 503: the
 * caller asks more often than he may) or RULES_DROP (an ACK).
 */
enum rules_way rules_policy(struct packet_rules *rules, struct policy_state *state);

/* The one 404, for whatever reason: RULES_REPLY or RULES_DROP (an ACK). */
enum rules_way rules_unknown(struct packet_rules *rules);

#endif
