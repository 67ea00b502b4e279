/* Step 7: where the callee is (P8): at a terminal of ours, or behind a peer. */
#ifndef SEKISHO_DATAPLANE_RULES_LOCATE_H
#define SEKISHO_DATAPLANE_RULES_LOCATE_H

#include "dataplane/rules/packet_rules.h"

/* RULES_NEXT with egress set; RULES_REPLY (480: not registered, 503: the peer's link is down) or
 * RULES_DROP (an ACK). */
enum rules_way rules_locate(struct packet_rules *rules);

/* May a new request go by the link: to a terminal always; to a peer that answers, while it has an
 * outbound SA, or a TLS connection and the control plane, which has it, is there? */
bool locate_is_up(const struct packet_rules *rules, const struct link *link);

/* Can what is owed to the other side go by it? As above, whether or not the peer seems to answer.
 */
bool locate_is_linked(const struct packet_rules *rules, const struct link *link);

#endif
