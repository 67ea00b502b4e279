/*
 * Where a packet goes next: the kernel's routes and neighbours of our ports, mirrored. Writer: the
 * control lcore. Readers: workers, under rte_rcu_qsbr.
 */
#ifndef SEKISHO_DATAPLANE_IO_NEXT_HOP_H
#define SEKISHO_DATAPLANE_IO_NEXT_HOP_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

struct rte_rcu_qsbr;
struct next_hop_table;

#define NEXT_HOP_ROUTES	    512	  /* of all ports; what is beyond is told and left out */
#define NEXT_HOP_NEIGHBOURS 16384 /* likewise */

/* A route by one of our ports; gateway family 0: the destination is on the link itself. */
struct next_hop_route {
	struct contract_address prefix; /* port 0, bits behind `bits` are zero */
	struct contract_address gateway;
	uint32_t metric;
	uint8_t bits;
	uint8_t port;
};

/* rcu NULL: no readers but the writer (tests). RESULT_OK or RESULT_MEMORY. */
enum result next_hop_table_create(struct rte_rcu_qsbr *rcu, unsigned socket,
				  struct next_hop_table **table) SEKISHO_MUST_USE;
void next_hop_table_destroy(struct next_hop_table *table);

/* Writer: a route came or went. RESULT_OK, RESULT_SPACE, RESULT_NOT_FOUND (to delete). The readers
 * see it after next_hop_publish(). */
enum result next_hop_route_add(struct next_hop_table *table,
			       const struct next_hop_route *route) SEKISHO_MUST_USE;
enum result next_hop_route_delete(struct next_hop_table *table,
				  const struct next_hop_route *route) SEKISHO_MUST_USE;
void next_hop_routes_clear(struct next_hop_table *table);

/* Writer: show the readers the routes as they are now, as soon as no reader can still be at what is
 * to be overwritten; to be called again (each turn of the control loop) while it returns false. */
bool next_hop_publish(struct next_hop_table *table);

/* Writer: the neighbour's address is known, or no longer. RESULT_OK or RESULT_SPACE. */
enum result next_hop_neighbour_set(struct next_hop_table *table, uint8_t port,
				   const struct contract_address *address,
				   const struct rte_ether_addr *mac) SEKISHO_MUST_USE;
void next_hop_neighbour_clear(struct next_hop_table *table, uint8_t port,
			      const struct contract_address *address);

/*
 * The neighbour to hand a packet for `destination` to, by this port: its address always, its MAC if
 * known. RESULT_OK; RESULT_MORE (no MAC yet: have the kernel ask); RESULT_NOT_FOUND (no route).
 * The UDP port of addresses is not looked at.
 */
enum result next_hop_find(const struct next_hop_table *table, uint8_t port,
			  const struct contract_address *destination,
			  struct contract_address *neighbour,
			  struct rte_ether_addr *mac) SEKISHO_MUST_USE;

#endif
