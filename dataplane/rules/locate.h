/* Step 7: where the callee is (P8): at a terminal of ours, or behind a peer. */
#ifndef SEKISHO_DATAPLANE_RULES_LOCATE_H
#define SEKISHO_DATAPLANE_RULES_LOCATE_H

#include "dataplane/rules/packet_rules.h"

/* RULES_NEXT with egress set; RULES_REPLY (480: not registered, 503: the peer's link is down) or
 * RULES_DROP (an ACK). */
enum rules_way rules_locate(struct packet_rules *rules);

/* Can the link be sent on: a terminal always; a peer while it has an outbound SA, or a TLS connection
 * and the control plane, which has it, is there? */
bool locate_is_up(const struct packet_rules *rules, const struct link *link);

#endif
