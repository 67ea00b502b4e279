/* Headers that say who somebody is beside From (RFC 3325): which leave, which stay, which we add.
 */
#ifndef SEKISHO_DATAPLANE_RULES_ASSERTED_H
#define SEKISHO_DATAPLANE_RULES_ASSERTED_H

#include "dataplane/rules/packet_rules.h"
#include "shared/sip/edit.h"

/*
 * Nothing of the kind from a terminal or a clear sender passes; P-Asserted-Identity goes from
 * trusted peers to trusted peers and trusted terminals (there not against `Privacy: id`). A new
 * line of ours goes in at offset. Ingress and egress are set; requests and responses alike.
 */
void asserted_edit(const struct packet_rules *rules, struct sip_edit *edit, uint16_t offset);

#endif
