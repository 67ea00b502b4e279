/*
 * No ghost calls (P14): a 2xx to INVITE that came back wrong is a 502 for the caller, but the
 * callee has taken the call. The gateway ends it itself: ACK and BYE to where the 2xx came from
 * and, where the INVITE was inside a dialog, BYE to the other side too. Branches are deterministic:
 * for a retransmitted 2xx the same requests go out again, and are retransmissions.
 */
#ifndef SEKISHO_DATAPLANE_RULES_HANG_UP_H
#define SEKISHO_DATAPLANE_RULES_HANG_UP_H

#include "dataplane/rules/packet_rules.h"
#include "shared/result.h"
#include "shared/writer.h"

#define HANG_UP_REQUESTS_MAX 3

/* How many requests it takes after RULES_BAD_GATEWAY: none but for a 2xx to INVITE. */
unsigned hang_up_count(const struct packet_rules *rules);

/*
 * Writes the which-th of them and says by which link it goes. RESULT_OK, RESULT_NOT_FOUND (the leg
 * is gone, or nothing says where on it to send) or RESULT_SPACE.
 */
enum result hang_up_write(const struct packet_rules *rules, unsigned which, struct link *to,
			  struct writer *w) SEKISHO_MUST_USE;

#endif
