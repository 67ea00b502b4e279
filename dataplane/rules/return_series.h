/* The Route-Security series that a response brings back, judged against what sk= says was sent, and what we put into it. */
#ifndef SEKISHO_DATAPLANE_RULES_RETURN_SERIES_H
#define SEKISHO_DATAPLANE_RULES_RETURN_SERIES_H

#include "dataplane/rules/packet_rules.h"

/* With returning proven and the series read: is it the one that we sent, and above it only what may be there? */
bool return_series_is_right(const struct packet_rules *rules);

/* Of one that is right: our remark where our entry was not sent; the series itself where the next hop, marked
 * legacy, left it out. */
void return_series_edit(struct packet_rules *rules, struct sip_edit *edit);

#endif
