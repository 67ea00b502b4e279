#include "dataplane/io/exception_ports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/counters.h"
#include "dataplane/io/mirror.h"
#include "dataplane/io/netlink.h"
#include "dataplane/io/next_hop.h"
#include "dataplane/io/pending.h"
#include "dataplane/io/port.h"
#include "dataplane/io/tap.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/worker.h"

/* Frames taken from one TAP a turn. */
#define TAP_BURST 64
/* Next hops asked for lately, so that a thousand SAs behind one router ask once. */
#define FRESH_MAX 64

struct fresh {
	struct contract_address neighbour;
	uint8_t port;
};

struct exception_ports {
	struct exception_ports_config config;
	struct tap taps[CONFIGURATION_PORTS];
	unsigned count;
	struct netlink *netlink;
	struct mirror *mirror;
	struct pending pending;
	struct fresh fresh[FRESH_MAX];
	unsigned fresh_next;
};

/* To the worker, which sends it; the mbuf is taken either way. */
static void inject(void *context, struct rte_mbuf *mbuf)
{
	struct exception_ports *ports = context;

	if (rte_ring_enqueue(ports->config.worker->injected, mbuf) == 0)
		return;
	ports->config.counts->drops[DROP_exception_busy]++;
	rte_pktmbuf_free(mbuf);
}

static void give_up(void *context, struct rte_mbuf *mbuf)
{
	struct exception_ports *ports = context;

	ports->config.counts->drops[DROP_next_hop_unknown]++;
	rte_pktmbuf_free(mbuf);
}

static void neighbour_resolved(void *context, uint8_t port,
			       const struct contract_address *neighbour)
{
	struct exception_ports *ports = context;

	pending_release(&ports->pending, port, neighbour, inject, ports);
}

static enum result tap_make(struct exception_ports *ports, unsigned port)
{
	const struct configuration_port *wanted = &ports->config.configuration->ports[port];
	struct tap *tap = &ports->taps[port];
	enum result result = tap_open(wanted->tap, tap);

	if (result != RESULT_OK) {
		fprintf(stderr, "%s: %s\n", wanted->tap, strerror(errno));
		return result;
	}
	ports->count = port + 1;
	result = netlink_link_up(ports->netlink, tap->ifindex,
				 &ports->config.ports->ports[port].mac, wanted->mtu);
	for (unsigned i = 0; result == RESULT_OK && i < 2; i++)
		if (wanted->address[i].family != 0)
			result = netlink_address_add(ports->netlink, tap->ifindex,
						     &wanted->address[i], wanted->prefix_bits[i]);
	for (unsigned i = 0; result == RESULT_OK && i < 2; i++)
		if (wanted->router[i].family != 0)
			result = netlink_router_add(ports->netlink, tap->ifindex,
						    &wanted->router[i]);
	if (result != RESULT_OK)
		fprintf(stderr, "%s: cannot be set up: %s\n", wanted->tap, strerror(errno));
	return result;
}

static enum result mirror_make(struct exception_ports *ports)
{
	unsigned ifindex[CONFIGURATION_PORTS];

	for (unsigned i = 0; i < ports->count; i++)
		ifindex[i] = ports->taps[i].ifindex;
	return mirror_create(ifindex, ports->count, ports->config.next_hops, neighbour_resolved,
			     ports, &ports->mirror);
}

enum result exception_ports_create(const struct exception_ports_config *config,
				   struct exception_ports **ports)
{
	struct exception_ports *made = calloc(1, sizeof(*made));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	made->config = *config;
	result = netlink_create(&made->netlink);
	for (unsigned i = 0; result == RESULT_OK && i < config->configuration->port_count; i++)
		result = tap_make(made, i);
	if (result == RESULT_OK)
		result = mirror_make(made);
	if (result != RESULT_OK) {
		exception_ports_destroy(made);
		return result;
	}
	*ports = made;
	return RESULT_OK;
}

void exception_ports_destroy(struct exception_ports *ports)
{
	if (!ports)
		return;
	pending_expire(&ports->pending, UINT64_MAX, give_up, ports);
	mirror_destroy(ports->mirror);
	netlink_destroy(ports->netlink);
	for (unsigned i = 0; i < ports->count; i++)
		tap_close(&ports->taps[i]);
	free(ports);
}

nfds_t exception_ports_poll_fill(const struct exception_ports *ports, struct pollfd *polled)
{
	polled[0] = (struct pollfd){mirror_fd(ports->mirror), POLLIN, 0};
	for (unsigned i = 0; i < ports->count; i++)
		polled[i + 1] = (struct pollfd){ports->taps[i].fd, POLLIN, 0};
	return ports->count + 1;
}

/* One frame of the kernel's, on its way to the port; false: none waits, or no buffer is free. */
static bool frame_take(struct exception_ports *ports, unsigned port)
{
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(ports->config.worker->small_buffers);
	size_t length;

	if (!mbuf)
		return false;
	if (tap_read(&ports->taps[port], rte_pktmbuf_mtod(mbuf, void *), rte_pktmbuf_tailroom(mbuf),
		     &length) != RESULT_OK) {
		rte_pktmbuf_free(mbuf);
		return false;
	}
	mbuf->data_len = (uint16_t)length;
	mbuf->pkt_len = (uint32_t)length;
	*mbuf_note(mbuf) = (struct mbuf_note){.kind = MBUF_NOTE_FRAME, .port = (uint8_t)port};
	ports->config.counts->frames_from_kernel++;
	inject(ports, mbuf);
	return true;
}

void exception_ports_serve(struct exception_ports *ports, const struct pollfd *polled)
{
	if (polled[0].revents != 0)
		mirror_read(ports->mirror);
	for (unsigned i = 0; i < ports->count; i++) {
		if (polled[i + 1].revents == 0)
			continue;
		for (unsigned taken = 0; taken < TAP_BURST; taken++)
			if (!frame_take(ports, i))
				break;
	}
}

void exception_ports_to_kernel(struct exception_ports *ports, struct rte_mbuf *mbuf)
{
	const struct tap *tap = &ports->taps[mbuf_note(mbuf)->port];

	if (tap_write(tap, rte_pktmbuf_mtod(mbuf, const void *), mbuf->data_len) == RESULT_OK)
		ports->config.counts->frames_to_kernel++;
	else
		ports->config.counts->frames_refused++;
	rte_pktmbuf_free(mbuf);
}

void exception_ports_resolve(struct exception_ports *ports, struct rte_mbuf *mbuf, uint64_t now_ms)
{
	const struct mbuf_note *note = mbuf_note(mbuf);
	const struct tap *tap = &ports->taps[note->port];

	if (pending_add(&ports->pending, note->port, &note->destination, mbuf, now_ms) !=
	    RESULT_OK) {
		ports->config.counts->drops[DROP_unresolved_busy]++;
		rte_pktmbuf_free(mbuf);
		return;
	}
	if (netlink_neighbour_want(ports->netlink, tap->ifindex, &note->destination, true) !=
	    RESULT_OK)
		ports->config.counts->neighbours_refused++;
}

void exception_ports_expire(struct exception_ports *ports, uint64_t now_ms)
{
	pending_expire(&ports->pending, now_ms, give_up, ports);
}

static bool is_fresh(const struct exception_ports *ports, uint8_t port,
		     const struct contract_address *neighbour)
{
	for (unsigned i = 0; i < FRESH_MAX; i++)
		if (ports->fresh[i].port == port &&
		    memcmp(&ports->fresh[i].neighbour, neighbour, sizeof(*neighbour)) == 0)
			return true;
	return false;
}

void exception_ports_keep_fresh(struct exception_ports *ports, uint8_t port,
				const struct contract_address *destination)
{
	struct contract_address neighbour = {0};
	struct rte_ether_addr mac;

	if (port >= ports->count || next_hop_find(ports->config.next_hops, port, destination,
						  &neighbour, &mac) == RESULT_NOT_FOUND)
		return;
	if (is_fresh(ports, port, &neighbour))
		return;
	if (netlink_neighbour_want(ports->netlink, ports->taps[port].ifindex, &neighbour, true) !=
	    RESULT_OK) {
		ports->config.counts->neighbours_refused++;
		return;
	}
	ports->fresh[ports->fresh_next] = (struct fresh){.neighbour = neighbour, .port = port};
	ports->fresh_next = (ports->fresh_next + 1) % FRESH_MAX;
}
