#include "dataplane/graph.h"

#include <stdio.h>
#include <string.h>

#include <rte_graph.h>
#include <rte_graph_worker.h>

#include "dataplane/bounds.h"
#include "dataplane/nodes/nodes.h"

static const struct rte_node_register *const nodes[] = {
	&rx_node,	   &handoff_in_node, &inject_node,    &classify_node,	&clear_in_node,
	&reassemble_node,  &esp_open_node,   &sip_parse_node, &from_check_node, &hop_check_node,
	&dialog_node,	   &policy_node,     &locate_node,    &rewrite_node,	&response_node,
	&bad_gateway_node, &reply_node,	     &esp_seal_node,  &clear_out_node,	&fragment_node,
	&tx_node,	   &handoff_node,    &exception_node, &to_control_node, &to_peer_tls_node,
	&unresolved_node,  &drop_node, &inner_reassemble_node,
	&inner_fragment_node,
};

enum result graph_nodes_register(void)
{
	for (size_t i = 0; i < RTE_DIM(nodes); i++)
		if (__rte_node_register(nodes[i]) == RTE_NODE_ID_INVALID)
			return RESULT_MEMORY;
	return RESULT_OK;
}

static void graph_name(const struct worker *worker, char name[RTE_GRAPH_NAMESIZE])
{
	snprintf(name, RTE_GRAPH_NAMESIZE, "worker%u", worker->id);
}

/* Each node its worker, and a stream that never has to grow while packets wait. */
static enum result nodes_prepare(struct worker *worker, const char *name)
{
	for (size_t i = 0; i < RTE_DIM(nodes); i++) {
		struct rte_node *node = rte_graph_node_get_by_name(name, nodes[i]->name);

		if (!node)
			return RESULT_NOT_FOUND;
		memcpy(node->ctx, &worker, sizeof(worker));
		__rte_node_stream_alloc_size(worker->graph, node, WORKER_PACKETS);
	}
	return RESULT_OK;
}

enum result graph_create(struct worker *worker)
{
	/* The sources; every other node is reached from them. */
	const char *patterns[] = {"sk_rx", "sk_handoff_in", "sk_inject"};
	struct rte_graph_param parameters = {
		.socket_id = worker->socket,
		.nb_node_patterns = RTE_DIM(patterns),
		.node_patterns = patterns,
	};
	char name[RTE_GRAPH_NAMESIZE];
	enum result result;

	graph_name(worker, name);
	if (rte_graph_create(name, &parameters) == RTE_GRAPH_ID_INVALID)
		return RESULT_MEMORY;
	worker->graph = rte_graph_lookup(name);
	result = worker->graph ? nodes_prepare(worker, name) : RESULT_NOT_FOUND;
	if (result != RESULT_OK)
		graph_destroy(worker);
	return result;
}

void graph_destroy(struct worker *worker)
{
	char name[RTE_GRAPH_NAMESIZE];

	if (!worker->graph)
		return;
	graph_name(worker, name);
	rte_graph_destroy(rte_graph_from_name(name));
	worker->graph = NULL;
}

enum result graph_print(const struct worker *worker, FILE *out)
{
	char name[RTE_GRAPH_NAMESIZE];

	graph_name(worker, name);
	return rte_graph_export(name, out) == 0 ? RESULT_OK : RESULT_IO;
}

unsigned graph_node_count(void)
{
	return RTE_DIM(nodes);
}

const char *graph_node_name(unsigned node)
{
	return nodes[node]->name;
}

uint64_t graph_node_packets(const struct worker *worker, unsigned node)
{
	char name[RTE_GRAPH_NAMESIZE];
	const struct rte_node *found;

	graph_name(worker, name);
	found = rte_graph_node_get_by_name(name, nodes[node]->name);
	/* Written by the worker alone, in one store; a figure, not a fact to act on. */
	return found ? __atomic_load_n(&found->total_objs, __ATOMIC_RELAXED) : 0;
}
