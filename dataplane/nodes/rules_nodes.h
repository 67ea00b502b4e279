/*
 * The steps of the rules as nodes of the graph: edges in the order in which they are registered,
 * and the steps themselves, for tests.
 */
#ifndef SEKISHO_DATAPLANE_NODES_RULES_NODES_H
#define SEKISHO_DATAPLANE_NODES_RULES_NODES_H

#include <rte_graph.h>

struct worker;
struct packet;

enum sip_parse_edge {
	SIP_PARSE_TO_FROM_CHECK,
	SIP_PARSE_TO_RESPONSE,
	SIP_PARSE_TO_REPLY,
	SIP_PARSE_TO_CONTROL,
	SIP_PARSE_TO_DROP,
};

enum from_check_edge {
	FROM_CHECK_TO_HOP_CHECK,
	FROM_CHECK_TO_REPLY,
	FROM_CHECK_TO_CONTROL,
	FROM_CHECK_TO_DROP,
};

enum hop_check_edge {
	HOP_CHECK_TO_DIALOG,
	HOP_CHECK_TO_REPLY,
	HOP_CHECK_TO_CONTROL,
	HOP_CHECK_TO_DROP,
};

enum dialog_edge { DIALOG_TO_POLICY, DIALOG_TO_REWRITE, DIALOG_TO_REPLY, DIALOG_TO_DROP };
enum policy_edge { POLICY_TO_LOCATE, POLICY_TO_REPLY, POLICY_TO_DROP };
enum locate_edge { LOCATE_TO_REWRITE, LOCATE_TO_REPLY, LOCATE_TO_DROP };

enum rewrite_edge {
	REWRITE_TO_ESP_SEAL,
	REWRITE_TO_CLEAR_OUT,
	REWRITE_TO_PEER_TLS,
	REWRITE_TO_REPLY,
	REWRITE_TO_DROP,
};

enum response_edge {
	RESPONSE_TO_ESP_SEAL,
	RESPONSE_TO_CLEAR_OUT,
	RESPONSE_TO_PEER_TLS,
	RESPONSE_TO_BAD_GATEWAY,
	RESPONSE_TO_DROP,
};

enum bad_gateway_edge {
	BAD_GATEWAY_TO_ESP_SEAL,
	BAD_GATEWAY_TO_CLEAR_OUT,
	BAD_GATEWAY_TO_PEER_TLS,
	BAD_GATEWAY_TO_DROP,
};

enum reply_edge { REPLY_TO_ESP_SEAL, REPLY_TO_CLEAR_OUT, REPLY_TO_PEER_TLS, REPLY_TO_DROP };

/* Before the steps of a burst: where each message came from. */
void sip_parse_look(struct worker *worker, void **packets, uint16_t count);

enum sip_parse_edge sip_parse_step(struct worker *worker, struct packet *packet);
enum from_check_edge from_check_step(struct worker *worker, struct packet *packet);
enum hop_check_edge hop_check_step(struct worker *worker, struct packet *packet);
enum dialog_edge dialog_step(struct worker *worker, struct packet *packet);
enum policy_edge policy_step(struct worker *worker, struct packet *packet);
enum locate_edge locate_step(struct worker *worker, struct packet *packet);
enum rewrite_edge rewrite_step(struct worker *worker, struct packet *packet);
enum response_edge response_step(struct worker *worker, struct packet *packet);
enum bad_gateway_edge bad_gateway_step(struct worker *worker, struct packet *packet);
enum reply_edge reply_step(struct worker *worker, struct packet *packet);

/* The requests that end a call whose 2xx came back wrong, each with its edge; how many. */
#define BAD_GATEWAY_REQUESTS 3
unsigned bad_gateway_hang_up(struct worker *worker, const struct packet *packet,
			     struct packet *made[BAD_GATEWAY_REQUESTS],
			     enum bad_gateway_edge edge[BAD_GATEWAY_REQUESTS]);

extern const struct rte_node_register sip_parse_node;
extern const struct rte_node_register from_check_node;
extern const struct rte_node_register hop_check_node;
extern const struct rte_node_register dialog_node;
extern const struct rte_node_register policy_node;
extern const struct rte_node_register locate_node;
extern const struct rte_node_register rewrite_node;
extern const struct rte_node_register response_node;
extern const struct rte_node_register bad_gateway_node;
extern const struct rte_node_register reply_node;

#endif
