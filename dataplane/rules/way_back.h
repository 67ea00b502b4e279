/* Where a response goes: to the leg of its request (signalling 10), whatever Via says. */
#ifndef SEKISHO_DATAPLANE_RULES_WAY_BACK_H
#define SEKISHO_DATAPLANE_RULES_WAY_BACK_H

#include "dataplane/rules/packet_rules.h"

/* The Via entry below the topmost one; empty if there is none. */
struct slice way_back_via(const struct sip_message *message);

/* With returning.state set and proven: RULES_NEXT with egress set, or RULES_DROP: that leg is gone,
 * or is ourselves. */
enum rules_way rules_way_back(struct packet_rules *rules);

#endif
