/*
 * Emergency calls (RFC 5031, signalling 9): they pass policy and rates, and go to the one peer that
 * answers them.
 */
#ifndef SEKISHO_DATAPLANE_RULES_EMERGENCY_H
#define SEKISHO_DATAPLANE_RULES_EMERGENCY_H

#include <stdbool.h>

#include "dataplane/rules/packet_rules.h"
#include "dataplane/tables/settings.h"
#include "shared/sip/uri.h"

/*
 * Is a Request-URI one: urn:service:sos and what is under it, or one of the configured numbers as a
 * tel: URI or at one of our domains? Never, where no peer is configured for them.
 */
bool emergency_is(const struct settings *settings, const struct sip_uri *uri);

/* Is it one where numbers are configured and no peer is: who answers is a subscriber of ours? */
bool emergency_is_answered_here(const struct settings *settings, const struct sip_uri *uri);

/*
 * Does a message whose two links are known belong to an emergency call? Where a peer answers those: what
 * goes to it or comes from it, and names one in Request-URI, To or From, which nobody gains anything by
 * who wants to reach others. Where a subscriber of ours does: requests by their Request-URI, responses
 * by their To.
 */
bool emergency_is_urgent(const struct packet_rules *rules);

#endif
