/* What the rules decided, put into the packet: its new bytes, and by which way it leaves. */
#ifndef SEKISHO_DATAPLANE_NODES_RULES_OUTPUT_H
#define SEKISHO_DATAPLANE_NODES_RULES_OUTPUT_H

#include <stdbool.h>

#include <rte_common.h>

#include "dataplane/packet.h"
#include "dataplane/rules/link.h"
#include "dataplane/rules/packet_rules.h"
#include "dataplane/worker.h"
#include "shared/result.h"
#include "shared/sip/edit.h"

/* How a packet goes on when it is ready to leave. */
enum rules_output { RULES_OUTPUT_SA, RULES_OUTPUT_CLEAR, RULES_OUTPUT_TLS, RULES_OUTPUT_NONE };

/*
 * Changes the packet's message, in its own buffer where that has the room, else in a fresh one. The
 * mbuf holds exactly the message afterwards. RESULT_OK, RESULT_SPACE (longer than a message may
 * be, or too many changes), RESULT_BAD or RESULT_MEMORY.
 */
enum result rules_output_edit(struct worker *worker, struct packet *packet,
			      const struct sip_edit *edit) SEKISHO_MUST_USE;

/* Fills in packet->egress for the link. RULES_OUTPUT_NONE: the peer's link is down. */
enum rules_output rules_output_to(const struct worker *worker, struct packet *packet,
				  const struct link *link);

/* Asks for what sealing for a terminal will read, once rules->egress is set. */
void rules_output_look(const struct worker *worker, const struct packet *packet);

/* The same as rules_output_to for an answer on the very SA or from the very address that the packet
 * came by. */
enum rules_output rules_output_back(const struct worker *worker, struct packet *packet,
				    const struct link *ingress);

/* Carries what a step decided over into the packet: where it answers, why it ends. */
static inline void rules_output_note(struct packet *packet)
{
	packet->status = packet->rules->status;
	packet->drop_reason = packet->rules->drop_reason;
}

static inline bool rules_output_has_controlplane(const struct worker *worker)
{
	return !worker->has_controlplane ||
	       atomic_load_explicit(worker->has_controlplane, memory_order_relaxed);
}

/*
 * Is a request for the control plane to be answered 503 (with Retry-After), there being none? Then
 * the status is set. Responses are not: they have nobody to be answered to.
 */
static inline bool rules_output_is_unserved(const struct worker *worker, struct packet *packet)
{
	if (rules_output_has_controlplane(worker))
		return false;
	packet->status = packet->rules->status = 503;
	return true;
}

/* Works on a burst a few at a time: what is proven of them is kept in their rules. */
static inline void rules_output_prove(void **packets, uint16_t count,
				      void (*prove)(struct packet_rules *const rules[], unsigned))
{
	for (uint16_t at = 0; at < count; at = (uint16_t)(at + RULES_TOGETHER)) {
		unsigned some = RTE_MIN((unsigned)(count - at), (unsigned)RULES_TOGETHER);
		struct packet_rules *rules[RULES_TOGETHER];

		for (unsigned i = 0; i < some; i++)
			rules[i] = ((struct packet *)packets[at + i])->rules;
		prove(rules, some);
	}
}

#endif
