#include "dataplane/io/netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#define REQUEST_BYTES 1024

struct netlink {
	struct mnl_socket *socket;
	unsigned port;
	uint32_t sequence;
};

enum result netlink_create(struct netlink **netlink)
{
	struct netlink *made = calloc(1, sizeof(*made));

	if (!made)
		return RESULT_MEMORY;
	made->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!made->socket || mnl_socket_bind(made->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		netlink_destroy(made);
		return RESULT_IO;
	}
	made->port = mnl_socket_get_portid(made->socket);
	*netlink = made;
	return RESULT_OK;
}

void netlink_destroy(struct netlink *netlink)
{
	if (!netlink)
		return;
	if (netlink->socket)
		mnl_socket_close(netlink->socket);
	free(netlink);
}

/* Send, and take the kernel's word for it: it answers at once. */
static enum result ask(struct netlink *netlink, struct nlmsghdr *request)
{
	_Alignas(8) char answer[8192];
	ssize_t got;

	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = ++netlink->sequence;
	if (mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0)
		return RESULT_IO;
	got = mnl_socket_recvfrom(netlink->socket, answer, sizeof(answer));
	if (got < 0)
		return RESULT_IO;
	if (mnl_cb_run(answer, (size_t)got, netlink->sequence, netlink->port, NULL, NULL) < 0)
		return RESULT_IO;
	return RESULT_OK;
}

static uint8_t kernel_family(const struct contract_address *address)
{
	return address->family == 4 ? AF_INET : AF_INET6;
}

static void put_address(struct nlmsghdr *request, uint16_t type,
			const struct contract_address *address)
{
	mnl_attr_put(request, type, address->family == 4 ? 4 : 16, address->bytes);
}

enum result netlink_link_up(struct netlink *netlink, unsigned ifindex,
			    const struct rte_ether_addr *mac, uint16_t mtu)
{
	_Alignas(8) char bytes[REQUEST_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct ifinfomsg *link;

	request->nlmsg_type = RTM_NEWLINK;
	link = mnl_nlmsg_put_extra_header(request, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	link->ifi_index = (int)ifindex;
	link->ifi_change = IFF_UP;
	link->ifi_flags = IFF_UP;
	mnl_attr_put(request, IFLA_ADDRESS, RTE_ETHER_ADDR_LEN, mac->addr_bytes);
	mnl_attr_put_u32(request, IFLA_MTU, mtu);
	return ask(netlink, request);
}

enum result netlink_address_add(struct netlink *netlink, unsigned ifindex,
				const struct contract_address *address, uint8_t bits)
{
	_Alignas(8) char bytes[REQUEST_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct ifaddrmsg *body;

	request->nlmsg_type = RTM_NEWADDR;
	request->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	body = mnl_nlmsg_put_extra_header(request, sizeof(*body));
	body->ifa_family = kernel_family(address);
	body->ifa_prefixlen = bits;
	body->ifa_flags = address->family == 6 ? IFA_F_NODAD : 0;
	body->ifa_scope = RT_SCOPE_UNIVERSE;
	body->ifa_index = ifindex;
	put_address(request, IFA_LOCAL, address);
	put_address(request, IFA_ADDRESS, address);
	return ask(netlink, request);
}

enum result netlink_router_add(struct netlink *netlink, unsigned ifindex,
			       const struct contract_address *router)
{
	_Alignas(8) char bytes[REQUEST_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct rtmsg *body;

	request->nlmsg_type = RTM_NEWROUTE;
	request->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	body = mnl_nlmsg_put_extra_header(request, sizeof(*body));
	body->rtm_family = kernel_family(router);
	body->rtm_table = RT_TABLE_MAIN;
	body->rtm_protocol = RTPROT_STATIC;
	body->rtm_scope = RT_SCOPE_UNIVERSE;
	body->rtm_type = RTN_UNICAST;
	put_address(request, RTA_GATEWAY, router);
	mnl_attr_put_u32(request, RTA_OIF, ifindex);
	return ask(netlink, request);
}

static int state_note(const struct nlmsghdr *answer, void *state)
{
	const struct ndmsg *body = mnl_nlmsg_get_payload(answer);

	if (answer->nlmsg_type == RTM_NEWNEIGH)
		*(uint16_t *)state = body->ndm_state;
	return MNL_CB_OK;
}

/* What an operator has set for good: to ask for it would make it one that is found out. */
static bool is_set_for_good(struct netlink *netlink, unsigned ifindex,
			    const struct contract_address *address)
{
	_Alignas(8) char bytes[8192];
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct ndmsg *body;
	uint16_t state = NUD_NONE;
	ssize_t got;

	request->nlmsg_type = RTM_GETNEIGH;
	request->nlmsg_flags = NLM_F_REQUEST;
	request->nlmsg_seq = ++netlink->sequence;
	body = mnl_nlmsg_put_extra_header(request, sizeof(*body));
	body->ndm_family = kernel_family(address);
	body->ndm_ifindex = (int)ifindex;
	put_address(request, NDA_DST, address);
	if (mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0)
		return false;
	got = mnl_socket_recvfrom(netlink->socket, bytes, sizeof(bytes));
	if (got < 0 || mnl_cb_run(bytes, (size_t)got, netlink->sequence, netlink->port, state_note,
				  &state) < 0)
		return false; /* there is none yet */
	return (state & (NUD_PERMANENT | NUD_NOARP)) != 0;
}

enum result netlink_neighbour_want(struct netlink *netlink, unsigned ifindex,
				   const struct contract_address *address, bool is_managed)
{
	_Alignas(8) char bytes[REQUEST_BYTES];
	struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
	struct ndmsg *body;
	enum result result;

	if (is_set_for_good(netlink, ifindex, address))
		return RESULT_OK;
	request->nlmsg_type = RTM_NEWNEIGH;
	request->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	body = mnl_nlmsg_put_extra_header(request, sizeof(*body));
	body->ndm_family = kernel_family(address);
	body->ndm_ifindex = (int)ifindex;
	body->ndm_state = NUD_NONE;
	body->ndm_flags = is_managed ? 0 : NTF_USE;
	put_address(request, NDA_DST, address);
	if (is_managed)
		mnl_attr_put_u32(request, NDA_FLAGS_EXT, NTF_EXT_MANAGED);
	result = ask(netlink, request);
	if (result != RESULT_OK && is_managed)
		return netlink_neighbour_want(netlink, ifindex, address, false);
	return result;
}
