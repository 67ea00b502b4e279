/* Step 4: it has hops left, and has not been here on the same way before (RFC 3261 16.3). */
#ifndef SEKISHO_DATAPLANE_RULES_FORWARDS_CHECK_H
#define SEKISHO_DATAPLANE_RULES_FORWARDS_CHECK_H

#include "dataplane/rules/packet_rules.h"

/* Our branches for up to RULES_TOGETHER requests, whose targets are known. */
void rules_branches_make(struct packet_rules *const rules[], unsigned count);

/* The branch is made here if it was not before. RULES_NEXT, RULES_REPLY (483, 482) or RULES_DROP
 * (an ACK). */
enum rules_way rules_forwards_check(struct packet_rules *rules);

#endif
