/* The graph that a worker walks: its nodes made known to rte_graph, one graph a worker. */
#ifndef SEKISHO_DATAPLANE_GRAPH_H
#define SEKISHO_DATAPLANE_GRAPH_H

#include <stdint.h>
#include <stdio.h>

#include "dataplane/worker.h"
#include "shared/result.h"

/* Once a process, after EAL: RESULT_OK or RESULT_MEMORY. */
enum result graph_nodes_register(void) SEKISHO_MUST_USE;

/* Make worker->graph and put the worker into its nodes. RESULT_OK or RESULT_MEMORY. */
enum result graph_create(struct worker *worker) SEKISHO_MUST_USE;
void graph_destroy(struct worker *worker);

/* The running graph as Graphviz text, as rte_graph has it. RESULT_OK or RESULT_IO. */
enum result graph_print(const struct worker *worker, FILE *out) SEKISHO_MUST_USE;

/* How many nodes there are, the name of one, and how many packets it has seen in this worker. */
unsigned graph_node_count(void);
const char *graph_node_name(unsigned node);
uint64_t graph_node_packets(const struct worker *worker, unsigned node);

#endif
