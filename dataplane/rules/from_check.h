/* Step 2: the name in From is one that is bound to the channel the request came by (P6, P17). */
#ifndef SEKISHO_DATAPLANE_RULES_FROM_CHECK_H
#define SEKISHO_DATAPLANE_RULES_FROM_CHECK_H

#include "dataplane/rules/packet_rules.h"

/*
 * Works out the canonical identities and the Route, and proves the caller. An anonymous From inside
 * a dialog is left to the dialog's step, which knows who spoke. RULES_NEXT, RULES_REPLY (400, 403,
 * 404), RULES_DROP (an ACK) or RULES_TO_CONTROL (a clear request whose digest is to be checked).
 */
enum rules_way rules_from_check(struct packet_rules *rules);

#endif
