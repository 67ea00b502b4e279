/*
 * Datagrams that come in fragments, put together straight into one buffer each (RFC 815's
 * intervals): a small fixed table of one worker. Only for sources that something vouches for.
 */
#ifndef SEKISHO_DATAPLANE_REASSEMBLY_H
#define SEKISHO_DATAPLANE_REASSEMBLY_H

#include <stdint.h>

#include "dataplane/drop_reason.h"
#include "dataplane/ip_header.h"
#include "shared/result.h"

struct reassembly;
struct rte_mbuf;
struct rte_mempool;

/* Datagrams go into buffers of this pool. RESULT_OK or RESULT_MEMORY. */
enum result reassembly_create(struct rte_mempool *buffers,
			      struct reassembly **reassembly) SEKISHO_MUST_USE;
void reassembly_destroy(struct reassembly *reassembly);

/*
 * Take in a fragment: `at` is its IP header, as `header` has it; `channel` keeps apart what must
 * not be mixed (an SA's handle; 0: the wire). RESULT_OK: the datagram is whole and *whole, the
 * caller's from now on, holds it as one IP packet without fragment header. RESULT_MORE: others are
 * missing. Else *reason says why the fragment, and with it its datagram, is dropped: RESULT_BAD.
 */
enum result reassembly_take(struct reassembly *reassembly, uint32_t channel, const uint8_t *at,
			    const struct ip_header *header, uint64_t now_ms,
			    struct rte_mbuf **whole, enum drop_reason *reason) SEKISHO_MUST_USE;

/* Datagrams given up since the last call, for the counter of DROP_fragment_late. */
uint64_t reassembly_late_take(struct reassembly *reassembly);

#endif
