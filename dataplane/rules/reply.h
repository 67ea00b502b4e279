/* Answers of our own: to a request that is refused, and the 502 in place of a wrong response. */
#ifndef SEKISHO_DATAPLANE_RULES_REPLY_H
#define SEKISHO_DATAPLANE_RULES_REPLY_H

#include "dataplane/rules/packet_rules.h"
#include "shared/result.h"
#include "shared/writer.h"

/*
 * The response with rules->status to the request, back by ingress: Route-Security as received, a To
 * tag by which its ACK is known again. Sets egress. RESULT_OK, or RESULT_SPACE.
 */
enum result reply_write(struct packet_rules *rules, struct writer *w) SEKISHO_MUST_USE;

/*
 * A 502 made from a response, for egress: without Route-Security; with the To tag of a non-2xx, so
 * that the ACK reaches its sender, or one of ours instead of a 2xx's. RESULT_OK, or RESULT_SPACE.
 */
enum result bad_gateway_write(const struct packet_rules *rules, struct writer *w) SEKISHO_MUST_USE;

#endif
