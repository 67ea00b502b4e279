#include "terminal/link/endpoint.h"

#include <arpa/inet.h>
#include <string.h>

socklen_t endpoint_make(const struct sip_address *address, uint16_t port, union endpoint *out)
{
	memset(out, 0, sizeof(*out));
	if (address->family == 4) {
		out->ipv4.sin_family = AF_INET;
		out->ipv4.sin_port = htons(port);
		memcpy(&out->ipv4.sin_addr, address->bytes, 4);
		return sizeof(out->ipv4);
	}
	out->ipv6.sin6_family = AF_INET6;
	out->ipv6.sin6_port = htons(port);
	memcpy(&out->ipv6.sin6_addr, address->bytes, 16);
	return sizeof(out->ipv6);
}

struct sip_address endpoint_address(const union endpoint *endpoint)
{
	struct sip_address address = {0};

	if (endpoint->any.sa_family == AF_INET) {
		address.family = 4;
		address.port = ntohs(endpoint->ipv4.sin_port);
		memcpy(address.bytes, &endpoint->ipv4.sin_addr, 4);
	} else {
		address.family = 6;
		address.port = ntohs(endpoint->ipv6.sin6_port);
		memcpy(address.bytes, &endpoint->ipv6.sin6_addr, 16);
	}
	return address;
}
