/*
 * Another address: the kernel says when one came or went, and if the way to the gateway now starts
 * at another one, everything moves there: sockets, channel, registration. Calls stay, for the
 * gateways know them by the terminal and not by its address.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/agent/state.h"

/* Changes come in bursts, and an IPv6 address is of use only when no other has it (RFC 4862 5.4).
 */
#define SETTLE_MS 300

/* Asked again after this while there is no way, or the new address cannot be bound yet. */
#define AGAIN_MS 1000

int roaming_open(void)
{
	struct sockaddr_nl groups = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
			     RTMGRP_IPV6_ROUTE,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&groups, sizeof(groups)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void roaming_receive(struct agent *agent)
{
	char news[8192];
	bool has_any = false;

	/* What it says does not matter, only that something has changed; so do overruns. */
	while (agent->roaming_fd >= 0) {
		ssize_t got = recv(agent->roaming_fd, news, sizeof(news), 0);

		if (got < 0 && errno != ENOBUFS)
			break;
		has_any = true;
	}
	if (has_any && agent->roaming_ms == TIMER_NEVER)
		agent->roaming_ms = agent->now_ms + SETTLE_MS;
}

/* Sockets at the new address in place of the old ones; false, and the old ones stay, if it is not
 * ours yet. */
static bool move_to(struct agent *agent, const struct sip_address *own)
{
	struct sockets sockets;

	if (sockets_open(own, agent->settings->without_offloads, &sockets) != RESULT_OK)
		return false;
	sockets_close(&agent->sockets);
	agent->sockets = sockets;
	agent->own = agent->series.own = *own;
	initiator_address_set(agent->initiator, own);
	return true;
}

static void tell_moved(struct agent *agent)
{
	char text[SIP_ADDRESS_PORT_CHARS];
	struct writer w = writer_make(text, sizeof(text));

	sip_address_write(&agent->series.own, &w);
	agent_tell(agent, "moved", "our address is %.*s now", (int)w.len, w.at);
}

void roaming_tick(struct agent *agent)
{
	struct sip_address own;

	if (agent->now_ms < agent->roaming_ms)
		return;
	agent->roaming_ms = TIMER_NEVER;
	/* An address that the configuration names is waited for. */
	if (agent->settings->own.family != 0)
		return;
	if (sockets_own_address(attach_gateway(&agent->attach), &own) != RESULT_OK) {
		agent->roaming_ms = agent->now_ms + AGAIN_MS;
		return;
	}
	own.port = agent->settings->own.port;
	if (sip_address_is_same_host(&own, &agent->series.own))
		return;
	if (!move_to(agent, &own)) {
		agent->roaming_ms = agent->now_ms + AGAIN_MS;
		return;
	}
	tell_moved(agent);
	data_channel_moved(agent);
	if (agent->presence != PRESENCE_AWAY)
		presence_attach(agent);
}
