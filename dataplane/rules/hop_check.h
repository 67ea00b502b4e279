/* Step 3: what the previous hop says of itself in Route-Security is true (P11, P12, P15). */
#ifndef SEKISHO_DATAPLANE_RULES_HOP_CHECK_H
#define SEKISHO_DATAPLANE_RULES_HOP_CHECK_H

#include "dataplane/rules/packet_rules.h"

/*
 * RULES_NEXT, perhaps with is_annotated set; RULES_REPLY (400: a 17th entry; 403; 200: a
 * peer's OPTIONS to us); RULES_DROP (an
 * ACK); RULES_TO_CONTROL: right, and for the gateway itself.
 */
enum rules_way rules_hop_check(struct packet_rules *rules);

#endif
