/* Socket addresses of an address of ours, and back. */
#ifndef SEKISHO_TERMINAL_LINK_ENDPOINT_H
#define SEKISHO_TERMINAL_LINK_ENDPOINT_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "shared/sip/host.h"

union endpoint {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
};

/* Returns its length. */
socklen_t endpoint_make(const struct sip_address *address, uint16_t port, union endpoint *out);
struct sip_address endpoint_address(const union endpoint *endpoint);

#endif
