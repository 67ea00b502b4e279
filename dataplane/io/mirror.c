#include "dataplane/io/mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#define READ_BYTES 65536
/* A burst of notices; what does not fit is told by ENOBUFS, and everything is read again. */
#define SOCKET_BYTES (1 << 20)

/* Each attribute behind the message's own struct of `offset` bytes. */
#define ATTRIBUTES_FOR_EACH(attribute, message, offset)                                            \
	for ((attribute) = mnl_nlmsg_get_payload_offset((message), (offset));                      \
	     mnl_attr_ok((attribute), (int)((const char *)mnl_nlmsg_get_payload_tail(message) -    \
					    (const char *)(attribute)));                           \
	     (attribute) = mnl_attr_next(attribute))

struct mirror {
	struct mnl_socket *socket;
	struct next_hop_table *table;
	mirror_resolved *resolved;
	void *context;
	unsigned ifindex[CONFIGURATION_PORTS];
	unsigned count;
	uint64_t left_out;
	bool is_reading_all; /* a dump is under way */
	bool must_read_all;  /* and another one after it */
	uint8_t dump_step;   /* which table is being read: 0 neighbours, 1 IPv4, 2 IPv6 routes */
	_Alignas(8) char bytes[READ_BYTES]; /* read as struct nlmsghdr and what follows it */
};

static int port_of(const struct mirror *mirror, unsigned ifindex)
{
	for (unsigned i = 0; i < mirror->count; i++)
		if (mirror->ifindex[i] == ifindex)
			return (int)i;
	return -1;
}

static bool address_read(const struct nlattr *attribute, uint8_t family,
			 struct contract_address *address)
{
	size_t bytes = family == AF_INET ? 4 : 16;

	if (mnl_attr_get_payload_len(attribute) != bytes)
		return false;
	*address = (struct contract_address){.family = family == AF_INET ? 4 : 6};
	memcpy(address->bytes, mnl_attr_get_payload(attribute), bytes);
	return true;
}

static void neighbour_take(struct mirror *mirror, const struct nlmsghdr *notice)
{
	const uint16_t usable =
		NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;
	const struct ndmsg *body = mnl_nlmsg_get_payload(notice);
	int port = port_of(mirror, (unsigned)body->ndm_ifindex);
	struct contract_address address = {0};
	struct rte_ether_addr mac;
	const struct nlattr *attribute;
	bool has_mac = false;

	if (port < 0 || (body->ndm_family != AF_INET && body->ndm_family != AF_INET6))
		return;
	ATTRIBUTES_FOR_EACH(attribute, notice, sizeof(*body))
	{
		if (mnl_attr_get_type(attribute) == NDA_DST &&
		    !address_read(attribute, body->ndm_family, &address))
			return;
		if (mnl_attr_get_type(attribute) == NDA_LLADDR &&
		    mnl_attr_get_payload_len(attribute) == RTE_ETHER_ADDR_LEN) {
			memcpy(mac.addr_bytes, mnl_attr_get_payload(attribute), RTE_ETHER_ADDR_LEN);
			has_mac = true;
		}
	}
	if (address.family == 0)
		return;
	if (notice->nlmsg_type != RTM_NEWNEIGH || !has_mac || !(body->ndm_state & usable)) {
		next_hop_neighbour_clear(mirror->table, (uint8_t)port, &address);
		return;
	}
	if (next_hop_neighbour_set(mirror->table, (uint8_t)port, &address, &mac) != RESULT_OK)
		mirror->left_out++;
	else
		mirror->resolved(mirror->context, (uint8_t)port, &address);
}

/* The attributes of a route; false: it is none by one of our interfaces. */
static bool route_read(const struct mirror *mirror, const struct nlmsghdr *notice,
		       struct next_hop_route *route)
{
	const struct rtmsg *body = mnl_nlmsg_get_payload(notice);
	const struct nlattr *attribute;
	int port = -1;

	*route = (struct next_hop_route){.bits = body->rtm_dst_len};
	route->prefix.family = body->rtm_family == AF_INET ? 4 : 6;
	ATTRIBUTES_FOR_EACH(attribute, notice, sizeof(*body))
	{
		switch (mnl_attr_get_type(attribute)) {
		case RTA_DST:
			if (!address_read(attribute, body->rtm_family, &route->prefix))
				return false;
			break;
		case RTA_GATEWAY:
			if (!address_read(attribute, body->rtm_family, &route->gateway))
				return false;
			break;
		case RTA_OIF:
			port = port_of(mirror, mnl_attr_get_u32(attribute));
			break;
		case RTA_PRIORITY:
			route->metric = mnl_attr_get_u32(attribute);
			break;
		default:
			break;
		}
	}
	route->port = (uint8_t)port;
	return port >= 0;
}

static void route_take(struct mirror *mirror, const struct nlmsghdr *notice)
{
	const struct rtmsg *body = mnl_nlmsg_get_payload(notice);
	struct next_hop_route route;

	if (body->rtm_type != RTN_UNICAST || body->rtm_table != RT_TABLE_MAIN ||
	    (body->rtm_flags & RTM_F_CLONED) != 0 ||
	    (body->rtm_family != AF_INET && body->rtm_family != AF_INET6))
		return;
	if (!route_read(mirror, notice, &route))
		return;
	if (notice->nlmsg_type == RTM_DELROUTE)
		(void)!next_hop_route_delete(mirror->table, &route);
	else if (next_hop_route_add(mirror->table, &route) != RESULT_OK)
		mirror->left_out++;
}

static int notice_take(const struct nlmsghdr *notice, void *context)
{
	struct mirror *mirror = context;
	size_t least = notice->nlmsg_type == RTM_NEWNEIGH || notice->nlmsg_type == RTM_DELNEIGH
			       ? sizeof(struct ndmsg)
			       : sizeof(struct rtmsg);

	if (mnl_nlmsg_get_payload_len(notice) < least)
		return MNL_CB_OK;
	switch (notice->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		neighbour_take(mirror, notice);
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		route_take(mirror, notice);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

/* Ask for a whole table; the answers come like notices, and NLMSG_DONE after them. */
static enum result dump_ask(struct mirror *mirror)
{
	static const struct {
		uint16_t type;
		uint8_t family;
	} steps[] = {{RTM_GETNEIGH, AF_UNSPEC}, {RTM_GETROUTE, AF_INET}, {RTM_GETROUTE, AF_INET6}};
	struct nlmsghdr *request = mnl_nlmsg_put_header(mirror->bytes);
	size_t body_bytes;
	uint8_t *body;

	if (mirror->dump_step >= sizeof(steps) / sizeof(steps[0])) {
		mirror->is_reading_all = false;
		return RESULT_OK;
	}
	request->nlmsg_type = steps[mirror->dump_step].type;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	body_bytes =
		request->nlmsg_type == RTM_GETNEIGH ? sizeof(struct ndmsg) : sizeof(struct rtmsg);
	body = mnl_nlmsg_put_extra_header(request, body_bytes);
	body[0] = steps[mirror->dump_step].family; /* first in both structs */
	if (mnl_socket_sendto(mirror->socket, request, request->nlmsg_len) < 0)
		return RESULT_IO;
	return RESULT_OK;
}

static void read_all_begin(struct mirror *mirror)
{
	next_hop_routes_clear(mirror->table);
	mirror->must_read_all = false;
	mirror->is_reading_all = true;
	mirror->dump_step = 0;
	if (dump_ask(mirror) != RESULT_OK)
		mirror->must_read_all = true;
}

/* How mnl_cb_run() ended: MNL_CB_STOP is the end of a dump. */
static void run_end(struct mirror *mirror, int end)
{
	if (end < 0) {
		mirror->must_read_all = true; /* the dump was disturbed: NLM_F_DUMP_INTR */
		mirror->is_reading_all = false;
	} else if (end == MNL_CB_STOP && mirror->is_reading_all) {
		mirror->dump_step++;
		if (dump_ask(mirror) != RESULT_OK) {
			mirror->must_read_all = true;
			mirror->is_reading_all = false;
		}
	}
}

void mirror_read(struct mirror *mirror)
{
	for (;;) {
		ssize_t got = mnl_socket_recvfrom(mirror->socket, mirror->bytes, READ_BYTES);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == ENOBUFS) {
			mirror->must_read_all = true;
			continue;
		}
		if (got <= 0)
			break;
		run_end(mirror, mnl_cb_run(mirror->bytes, (size_t)got, 0, 0, notice_take, mirror));
	}
	if (mirror->must_read_all && !mirror->is_reading_all)
		read_all_begin(mirror);
}

static enum result socket_open(struct mirror *mirror)
{
	static const int groups[] = {RTNLGRP_NEIGH, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE};
	const int bytes = SOCKET_BYTES;
	int fd;

	mirror->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!mirror->socket || mnl_socket_bind(mirror->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return RESULT_IO;
	fd = mnl_socket_get_fd(mirror->socket);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) != 0)
		return RESULT_IO;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (mnl_socket_setsockopt(mirror->socket, NETLINK_ADD_MEMBERSHIP,
					  (void *)(uintptr_t)&groups[i], sizeof(groups[i])) < 0)
			return RESULT_IO;
	return RESULT_OK;
}

enum result mirror_create(const unsigned *ifindex, unsigned count, struct next_hop_table *table,
			  mirror_resolved *resolved, void *context, struct mirror **mirror)
{
	struct mirror *made = calloc(1, sizeof(*made));

	if (!made)
		return RESULT_MEMORY;
	made->table = table;
	made->resolved = resolved;
	made->context = context;
	made->count = count;
	memcpy(made->ifindex, ifindex, count * sizeof(*ifindex));
	if (socket_open(made) != RESULT_OK) {
		mirror_destroy(made);
		return RESULT_IO;
	}
	read_all_begin(made);
	*mirror = made;
	return RESULT_OK;
}

void mirror_destroy(struct mirror *mirror)
{
	if (!mirror)
		return;
	if (mirror->socket)
		mnl_socket_close(mirror->socket);
	free(mirror);
}

int mirror_fd(const struct mirror *mirror)
{
	return mnl_socket_get_fd(mirror->socket);
}

uint64_t mirror_left_out(const struct mirror *mirror)
{
	return mirror->left_out;
}
