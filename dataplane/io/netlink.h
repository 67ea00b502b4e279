/* What we ask of the kernel's rtnetlink, each request acknowledged before the function returns. */
#ifndef SEKISHO_DATAPLANE_IO_NETLINK_H
#define SEKISHO_DATAPLANE_IO_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

struct netlink;

enum result netlink_create(struct netlink **netlink) SEKISHO_MUST_USE;
void netlink_destroy(struct netlink *netlink);

/* All of these: RESULT_OK, or RESULT_IO with errno as the kernel said. */

/* Give the link its MAC and MTU and bring it up. */
enum result netlink_link_up(struct netlink *netlink, unsigned ifindex,
			    const struct rte_ether_addr *mac, uint16_t mtu) SEKISHO_MUST_USE;

/* Put an address on the link, in use at once (no duplicate address detection). */
enum result netlink_address_add(struct netlink *netlink, unsigned ifindex,
				const struct contract_address *address,
				uint8_t bits) SEKISHO_MUST_USE;

/* A default route by a router on the link. */
enum result netlink_router_add(struct netlink *netlink, unsigned ifindex,
			       const struct contract_address *router) SEKISHO_MUST_USE;

/* Have the kernel find the neighbour's MAC: and keep it fresh for good, if managed and the kernel
 * can (NTF_EXT_MANAGED), else once (NTF_USE). */
enum result netlink_neighbour_want(struct netlink *netlink, unsigned ifindex,
				   const struct contract_address *address,
				   bool is_managed) SEKISHO_MUST_USE;

#endif
