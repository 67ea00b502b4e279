/*
 * ESP forwarding by the gateway's own graph: what esp_open has opened goes to esp_seal at once, for
 * the terminal on the other side of the dialog, and no node that knows SIP is on the way.
 */
#ifndef SEKISHO_BENCH_PIPELINE_TURN_H
#define SEKISHO_BENCH_PIPELINE_TURN_H

#include <stdbool.h>
#include <stdint.h>

/* After graph_nodes_register() and before the graph is made: one more node behind esp_open. */
bool turn_node_put(void);

/* Once the graph is there: terminals 1 to half and those behind them are each other's. Half 0: one
 * alone is its own. */
bool turn_halves_set(const char *graph, uint32_t half);

/* Whose turn it is. */
static inline uint32_t turn_other(uint32_t terminal, uint32_t half)
{
	return terminal <= half ? terminal + half : terminal - half;
}

#endif
