/* Step 5: a request with a token of ours goes to the other leg that the token names. */
#ifndef SEKISHO_DATAPLANE_RULES_DIALOG_H
#define SEKISHO_DATAPLANE_RULES_DIALOG_H

#include "dataplane/rules/packet_rules.h"

/*
 * Works out for up to RULES_TOGETHER requests whether their tokens hold, as far as can be known
 * before the side that sent is: those without one are left alone.
 */
void rules_tokens_prove(struct packet_rules *const rules[], unsigned count);

/*
 * RULES_IN_DIALOG with egress set; RULES_NEXT: no token; RULES_REPLY (403: a wrong leg, method or
 * Route, 481: not the recorded dialog, or gone, 503: the peer's link is down); RULES_DROP (an ACK).
 */
enum rules_way rules_dialog(struct packet_rules *rules);

#endif
