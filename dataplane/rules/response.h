/*
 * Responses: ours by the MAC in our own Via, from where we sent the request, with the series that
 * we sent (P14), back on the leg the request came by. Then our Via goes, and nothing else.
 */
#ifndef SEKISHO_DATAPLANE_RULES_RESPONSE_H
#define SEKISHO_DATAPLANE_RULES_RESPONSE_H

#include "dataplane/rules/packet_rules.h"
#include "shared/sip/edit.h"

/* Reads what our Via holds, before anything is proven, and asks for what the next will read. */
void rules_response_read(struct packet_rules *rules);

/* After it: the binding that the response most likely goes back to, to be asked for; 0: none. */
uint32_t rules_response_likely(struct packet_rules *rules);

/* Works out for up to RULES_TOGETHER responses which of their proofs hold. */
void rules_responses_prove(struct packet_rules *const rules[], unsigned count);

/*
 * edit is begun here. RULES_NEXT with egress set; RULES_BAD_GATEWAY with egress set: the series or
 * our Record-Route entry came back changed, bad_gateway_write() makes what goes on instead;
 * RULES_DROP.
 */
enum rules_way rules_response(struct packet_rules *rules, struct sip_edit *edit);

#endif
