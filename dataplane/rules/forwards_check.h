/* Step 4: it has hops left, and has not been here on the same way before (RFC 3261 16.3). */
#ifndef SEKISHO_DATAPLANE_RULES_FORWARDS_CHECK_H
#define SEKISHO_DATAPLANE_RULES_FORWARDS_CHECK_H

#include "dataplane/rules/packet_rules.h"

/* Makes our branch, too. RULES_NEXT, RULES_REPLY (483, 482) or RULES_DROP (an ACK). */
enum rules_way rules_forwards_check(struct packet_rules *rules);

#endif
