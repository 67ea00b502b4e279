/*
 * Step 5 among the gateways of one domain (signalling 4): a terminal that has left its gateway, and
 * entries of a gateway that is lost. They share the keys of tokens, and know a terminal by its
 * name.
 */
#ifndef SEKISHO_DATAPLANE_RULES_DIALOG_SIBLING_H
#define SEKISHO_DATAPLANE_RULES_DIALOG_SIBLING_H

#include "dataplane/rules/packet_rules.h"

/*
 * The token of the topmost entry holds for that side. 0 with egress and route.own set; else the
 * status that it is refused with: 403, 481 or 503.
 */
uint16_t dialog_sibling_follow(struct packet_rules *rules, bool is_caller);

#endif
