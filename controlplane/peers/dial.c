#include "controlplane/peers/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 64

static socklen_t sockaddr_set(const struct contract_address *from, uint16_t port,
			      struct sockaddr_storage *to)
{
	memset(to, 0, sizeof(*to));
	if (from->family == 6) {
		struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;

		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		memcpy(&six->sin6_addr, from->bytes, 16);
		return sizeof(*six);
	}
	struct sockaddr_in *four = (struct sockaddr_in *)to;

	four->sin_family = AF_INET;
	four->sin_port = htons(port);
	memcpy(&four->sin_addr, from->bytes, 4);
	return sizeof(*four);
}

/* A socket of this family bound to address and port, whether or not the address is there yet. */
static int bound_socket(const struct contract_address *address, uint16_t port)
{
	struct sockaddr_storage name;
	socklen_t length = sockaddr_set(address, port, &name);
	int one = 1, family = name.ss_family;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one)) != 0 ||
	    (family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) != 0) ||
	    bind(fd, (struct sockaddr *)&name, length) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int dial_connect(const struct contract_address own[2], const struct contract_address *to)
{
	const struct contract_address *from = own[0].family == to->family ? &own[0] : &own[1];

	if (from->family != to->family) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	struct sockaddr_storage name;
	socklen_t length = sockaddr_set(to, to->port, &name);
	int fd = bound_socket(from, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&name, length) != 0 && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

int dial_listen(const struct contract_address *at)
{
	int fd = bound_socket(at, at->port);

	if (fd >= 0 && listen(fd, BACKLOG) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool address_set(const struct sockaddr_storage *name, struct contract_address *address)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)name;
	const struct sockaddr_in *four = (const struct sockaddr_in *)name;

	*address = (struct contract_address){0};
	if (name->ss_family == AF_INET6) {
		address->family = 6;
		address->port = ntohs(six->sin6_port);
		memcpy(address->bytes, &six->sin6_addr, 16);
	} else if (name->ss_family == AF_INET) {
		address->family = 4;
		address->port = ntohs(four->sin_port);
		memcpy(address->bytes, &four->sin_addr, 4);
	}
	return address->family != 0;
}

bool dial_ends(int fd, struct contract_address *own, struct contract_address *other)
{
	struct sockaddr_storage name = {0};
	socklen_t length = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &length) != 0 || !address_set(&name, own))
		return false;
	length = sizeof(name);
	return getpeername(fd, (struct sockaddr *)&name, &length) == 0 && address_set(&name, other);
}

void dial_from_show(int fd, char out[DIAL_ADDRESS_BYTES])
{
	struct contract_address own, other;

	if (!dial_ends(fd, &own, &other) ||
	    !inet_ntop(other.family == 6 ? AF_INET6 : AF_INET, other.bytes, out,
		       DIAL_ADDRESS_BYTES))
		snprintf(out, DIAL_ADDRESS_BYTES, "somewhere");
}
