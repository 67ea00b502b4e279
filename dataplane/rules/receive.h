/* Step 1: bytes become a message, or an answer, or nothing (signalling 2, framing). */
#ifndef SEKISHO_DATAPLANE_RULES_RECEIVE_H
#define SEKISHO_DATAPLANE_RULES_RECEIVE_H

#include "dataplane/rules/packet_rules.h"

/*
 * Parses bytes into message, which the later steps use; skeletons (shared/sip/skeleton.h) are the
 * worker's memory of heads, or NULL. An ACK to a response of our own ends here;
 * a REGISTER goes to the control plane, as does a peer's answer to its
 * OPTIONS; an SA without a registration admits nothing else.
 * RULES_NEXT (a request), RULES_RESPONSE, RULES_REPLY, RULES_TO_CONTROL or RULES_DROP.
 */
enum rules_way rules_receive(struct packet_rules *rules, struct slice bytes,
			     struct sip_skeletons *skeletons, struct sip_message *message);

#endif
