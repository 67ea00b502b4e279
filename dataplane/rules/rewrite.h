/*
 * Step 8: what a request needs to leave by its egress: our Via with all we would have to remember,
 * Record-Route, Route-Security, one hop less (RFC 3261 16.6, P9). Nothing in the message moves yet:
 * the step makes a list of changes.
 */
#ifndef SEKISHO_DATAPLANE_RULES_REWRITE_H
#define SEKISHO_DATAPLANE_RULES_REWRITE_H

#include "dataplane/rules/packet_rules.h"
#include "shared/sip/edit.h"

/*
 * Makes the digests and MACs of what up to RULES_TOGETHER requests will carry: our sk= and, where
 * the request forms a dialog, our token. Their egress is known.
 */
void rules_rewrites_prove(struct packet_rules *const rules[], unsigned count);

/*
 * edit is begun here. A request without token gets the registered Contact as its Request-URI on the
 * way to a terminal. RULES_NEXT, RULES_REPLY (400: a 17th entry, a 65th
 * Via or a 257th line would leave; the policy's 404 where a leg marked legacy is not to have it) or
 * RULES_DROP (an ACK).
 */
enum rules_way rules_rewrite(struct packet_rules *rules, struct sip_edit *edit);

#endif
