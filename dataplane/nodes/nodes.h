/* Every node there is, in the order of a packet's way. graph.c makes them known to rte_graph. */
#ifndef SEKISHO_DATAPLANE_NODES_NODES_H
#define SEKISHO_DATAPLANE_NODES_NODES_H

#include <rte_graph.h>

#include "dataplane/nodes/rules_nodes.h"

extern const struct rte_node_register rx_node;
extern const struct rte_node_register handoff_in_node;
extern const struct rte_node_register inject_node;
extern const struct rte_node_register classify_node;
extern const struct rte_node_register clear_in_node;
extern const struct rte_node_register reassemble_node;
extern const struct rte_node_register esp_open_node;
extern const struct rte_node_register inner_reassemble_node;
extern const struct rte_node_register esp_seal_node;
extern const struct rte_node_register inner_fragment_node;
extern const struct rte_node_register clear_out_node;
extern const struct rte_node_register fragment_node;
extern const struct rte_node_register tx_node;
extern const struct rte_node_register handoff_node;
extern const struct rte_node_register exception_node;
extern const struct rte_node_register to_control_node;
extern const struct rte_node_register to_peer_tls_node;
extern const struct rte_node_register unresolved_node;
extern const struct rte_node_register drop_node;

#endif
