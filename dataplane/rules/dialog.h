/* Step 5: a request with a token of ours goes to the other leg that the token names. */
#ifndef SEKISHO_DATAPLANE_RULES_DIALOG_H
#define SEKISHO_DATAPLANE_RULES_DIALOG_H

#include "dataplane/rules/packet_rules.h"

/*
 * RULES_IN_DIALOG with egress set; RULES_NEXT: no token; RULES_REPLY (403: a wrong leg, method or
 * Route, 481: not the recorded dialog, or gone, 503: the peer's link is down); RULES_DROP (an ACK).
 */
enum rules_way rules_dialog(struct packet_rules *rules);

/*
 * What stands next in Route, our own entries aside: nothing, or an entry of the peer that egress
 * leads to, whichever of its gateways it is. That gateway, if it is up, is then the one to send to.
 * RESULT_OK, or RESULT_DENIED: another's.
 */
enum result dialog_next_check(struct packet_rules *rules) SEKISHO_MUST_USE;

#endif
