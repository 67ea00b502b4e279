/*
 * The kernel's routes and neighbours of our exception interfaces, followed by netlink into the
 * next-hop table. Control lcore only.
 */
#ifndef SEKISHO_DATAPLANE_IO_MIRROR_H
#define SEKISHO_DATAPLANE_IO_MIRROR_H

#include "dataplane/configuration.h"
#include "dataplane/io/next_hop.h"
#include "shared/result.h"

struct mirror;

/* Told when a neighbour's MAC has become known: what waits for it may go. */
typedef void mirror_resolved(void *context, uint8_t port, const struct contract_address *neighbour);

/*
 * Follow the interfaces ifindex[0..count-1], which are those of ports 0..count-1, and take in what
 * is there already. RESULT_OK, RESULT_MEMORY or RESULT_IO.
 */
enum result mirror_create(const unsigned *ifindex, unsigned count, struct next_hop_table *table,
			  mirror_resolved *resolved, void *context,
			  struct mirror **mirror) SEKISHO_MUST_USE;
void mirror_destroy(struct mirror *mirror);

/* To be polled for reading; then mirror_read(). */
int mirror_fd(const struct mirror *mirror);

/* Take in what has changed. Lost notices are made up for by reading everything again. */
void mirror_read(struct mirror *mirror);

/* Routes and neighbours that found no room. */
uint64_t mirror_left_out(const struct mirror *mirror);

#endif
