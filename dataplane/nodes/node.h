/*
 * What every node file is made of: a pure step for one packet, a burst round it, a registration.
 *
 *	enum classify_edge classify_step(struct worker *worker, struct packet *packet);
 *	NODE_BURST(classify)
 *	NODE_REGISTER(classify, "sk_esp_open", "sk_drop", ...)    in the order of enum classify_edge
 *
 * The step says by which edge the packet goes on; before it takes the edge to drop it sets
 * packet->drop_reason. It may replace packet->mbuf, never the packet.
 */
#ifndef SEKISHO_DATAPLANE_NODES_NODE_H
#define SEKISHO_DATAPLANE_NODES_NODE_H

#include <rte_common.h>
#include <rte_graph.h>
#include <rte_graph_worker.h>

#include "dataplane/packet.h"
#include "dataplane/worker.h"

/* graph.c puts the worker into every node's context before the first walk. */
static inline struct worker *node_worker(const struct rte_node *node)
{
	return *(struct worker *const *)(const void *)node->ctx;
}

/* Packets that a burst looks ahead over at once. */
#define LOOK_PACKETS 32

/* Packets in a row, from `first` on, that go on by one edge: handed on together. */
struct node_run {
	rte_edge_t edge;
	uint16_t first;
};

/* The packet at `at` goes by this edge; what stood before it and goes by another is handed on. */
static inline void node_run_add(struct rte_graph *graph, struct rte_node *node, void **objs,
				uint16_t at, rte_edge_t edge, struct node_run *run)
{
	if (edge != run->edge && at > run->first) {
		rte_node_enqueue(graph, node, run->edge, &objs[run->first],
				 (uint16_t)(at - run->first));
		run->first = at;
	}
	run->edge = edge;
}

/* Hand on the rest of count packets; where it is all that the node was given, without a copy. */
static inline void node_run_end(struct rte_graph *graph, struct rte_node *node, void **objs,
				uint16_t count, const struct node_run *run)
{
	if (run->first == 0 && objs == node->objs && count == node->idx)
		rte_node_next_stream_move(graph, node, run->edge);
	else if (count > run->first)
		rte_node_enqueue(graph, node, run->edge, &objs[run->first],
				 (uint16_t)(count - run->first));
}

/* Send each packet where its step says; runs of equal edges are handed on at once. */
#define NODE_BURST(name)                                                                           \
	static inline void name##_look(struct worker *worker, void **packets, uint16_t count)      \
	{                                                                                          \
		(void)worker, (void)packets, (void)count;                                          \
	}                                                                                          \
	NODE_BURST_LOOK(name)

/* The same where name##_look(worker, packets, count) first asks for what up to LOOK_PACKETS steps
 * will read. */
#define NODE_BURST_LOOK(name)                                                                      \
	static uint16_t name##_burst(struct rte_graph *graph, struct rte_node *node, void **objs,  \
				     uint16_t count)                                               \
	{                                                                                          \
		struct worker *worker = node_worker(node);                                         \
		struct node_run run = {0};                                                         \
                                                                                                   \
		for (uint16_t i = 0; i < count; i++) {                                             \
			if (i % LOOK_PACKETS == 0)                                                 \
				name##_look(worker, &objs[i],                                      \
					    (uint16_t)RTE_MIN(count - i, LOOK_PACKETS));           \
			node_run_add(graph, node, objs, i,                                         \
				     (rte_edge_t)name##_step(worker, objs[i]), &run);              \
		}                                                                                  \
		node_run_end(graph, node, objs, count, &run);                                      \
		return count;                                                                      \
	}

/* The burst of a node where the way ends: its step takes the mbuf (true) or leaves it to be
 * dropped. */
#define NODE_BURST_END(name)                                                                       \
	static uint16_t name##_burst(struct rte_graph *graph, struct rte_node *node, void **objs,  \
				     uint16_t count)                                               \
	{                                                                                          \
		struct worker *worker = node_worker(node);                                         \
                                                                                                   \
		for (uint16_t i = 0; i < count; i++) {                                             \
			if (name##_step(worker, objs[i]))                                          \
				packet_put(worker->packets, objs[i]);                              \
			else                                                                       \
				rte_node_enqueue_x1(graph, node, 0, objs[i]);                      \
		}                                                                                  \
		return count;                                                                      \
	}

/* nodes.h lists the registrations; graph.c makes them known to rte_graph. */
#define NODE_REGISTER_FLAGS(node_name, node_flags, ...)                                            \
	const struct rte_node_register node_name##_node = {                                        \
		.name = "sk_" #node_name,                                                          \
		.process = node_name##_burst,                                                      \
		.flags = (node_flags),                                                             \
		.nb_edges = RTE_DIM(((const char *const[]){__VA_ARGS__})),                         \
		.next_nodes = {__VA_ARGS__},                                                       \
	};
#define NODE_REGISTER(node_name, ...) NODE_REGISTER_FLAGS(node_name, 0, __VA_ARGS__)
#define NODE_REGISTER_SOURCE(node_name, ...)                                                       \
	NODE_REGISTER_FLAGS(node_name, RTE_NODE_SOURCE_F, __VA_ARGS__)

#endif
