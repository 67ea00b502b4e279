/*
 * The headers of an outbound SA, made once when it is put in, so that sealing copies them and fills
 * in lengths and sums. A sum is the ones' complement sum of 16-bit words in network order as they
 * lie in memory (RFC 1071), not yet complemented.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_SA_HEADER_H
#define SEKISHO_DATAPLANE_TABLES_SA_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/tables/sa.h"
#include "shared/contract/contract.h"

/* Fill *outer for packets from local to remote, in UDP from port to port or plain ESP. */
void sa_header_outer(struct sa_outer *outer, const struct contract_address *local,
		     const struct contract_address *remote, bool is_in_udp, uint8_t dscp);

/*
 * Fill *outer as `like`, whose local address and port it keeps, but to remote, which is of the same
 * family.
 */
void sa_header_outer_to(struct sa_outer *outer, const struct sa_outer *like,
			const struct contract_address *remote);

/* The name by which an inbound half knows where packets of it come from: struct sa_in's outer_tag. */
uint64_t sa_outer_tag(const struct contract_address *outer, bool is_in_udp);

/* Fill inner_header, inner_len, inner_udp_sum and the flag SA_IS_INNER_IPV4; is_tunnel by flags. */
void sa_header_inner(struct sa_out *out, const struct contract_address *local,
		     const struct contract_address *remote, uint8_t dscp);

#endif
