/*
 * The rules' nodes with real buffers, no graph: what each node's step answers, in the order in
 * which the graph takes them, and the packet as it leaves.
 */
#ifndef SEKISHO_TESTS_UNIT_RULES_NODE_KIT_H
#define SEKISHO_TESTS_UNIT_RULES_NODE_KIT_H

#include "dataplane/nodes/rules_nodes.h"
#include "dataplane/packet.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/worker.h"
#include "tests/unit/rules/message_kit.h"

#define NODE_NOT_TAKEN (-1)

/* The edge each node took. */
struct node_trace {
	int sip_parse, from_check, hop_check, dialog, policy, locate, rewrite, response,
		bad_gateway, reply;
};

struct node_kit {
	struct gateway_kit *gateway; /* example_kit_create */
	struct worker worker;
	struct sa_table sas; /* only its inbound halves */
	struct packet packet;
	struct sip_message message;
	struct packet_rules rules;
	struct node_trace trace;
	/* What bad_gateway made beside its 502, until the next packet. */
	struct packet *made[BAD_GATEWAY_REQUESTS];
	enum bad_gateway_edge made_edge[BAD_GATEWAY_REQUESTS];
	unsigned made_count;
};

/* Starts the EAL, once for a program, without hugepages or ports. */
struct node_kit *node_kit_create(void);
void node_kit_destroy(struct node_kit *kit);

/* Lets a message that came through the sender's SA, or in clear, pass the nodes. The packet stays
 * as it left until the next one. */
void node_kit_send(struct node_kit *kit, enum example_sender by, const struct text *text);
void node_kit_send_clear(struct node_kit *kit, const char *address, const struct text *text);

/* The same of what the control plane lets in: proved by digest, or by a peer's TLS connection. */
void node_kit_enter_proved(struct node_kit *kit, const char *address, const struct text *text);
void node_kit_enter_tls(struct node_kit *kit, uint8_t peer_index, const char *address,
			const struct text *text);

/* Asserts: the packet leaves for this peer over TLS. */
void node_kit_expect_tls(struct node_kit *kit, uint8_t peer_index, const char *start);

/* Asserts of one that bad_gateway made, as the next of the packet. */
void node_kit_expect_made(struct node_kit *kit, unsigned which, uint32_t sa_index,
			  const char *start);

/* Asserts: the packet leaves by this SA, its mbuf holding exactly a message that starts so. */
void node_kit_expect_sealed(struct node_kit *kit, uint32_t sa_index, const char *start);

#endif
