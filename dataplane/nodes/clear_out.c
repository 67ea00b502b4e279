/*
 * In: SIP messages that are to leave in the clear, from and to where packet->egress says.
 * Out: IP packets to tx, those too long for their path to fragment.
 * Drops: no_headroom, not_ours.
 */
#include "dataplane/nodes/clear_out.h"

#include <netinet/in.h>

#include "dataplane/drop_reason.h"
#include "dataplane/io/port.h"
#include "dataplane/ip_header.h"
#include "dataplane/bounds.h"
#include "dataplane/nodes/fragment.h"
#include "dataplane/nodes/node.h"
#include "dataplane/nodes/forbid.h"

static bool egress_is_ours(const struct worker *worker, const struct egress *egress)
{
	const struct port_table *ports = worker->tables->ports;

	return egress->port < ports->count &&
	       port_has_address(&ports->ports[egress->port], &egress->source) &&
	       egress->source.family == egress->destination.family && egress->source.port != 0 &&
	       egress->destination.port != 0;
}

enum clear_out_edge clear_out_step(struct worker *worker, struct packet *packet)
{
	const struct egress *egress = &packet->egress;
	uint16_t length = (uint16_t)(packet->mbuf->data_len + UDP_HEADER_BYTES);
	uint16_t ip_bytes = egress->source.family == 4 ? 20 : 40;
	char *at;

	packet->drop_reason = DROP_not_ours;
	if (!egress_is_ours(worker, egress))
		return CLEAR_OUT_DROP;
	at = rte_pktmbuf_prepend(packet->mbuf, (uint16_t)(ip_bytes + UDP_HEADER_BYTES));
	packet->drop_reason = DROP_no_headroom;
	if (!at)
		return CLEAR_OUT_DROP;
	packet->drop_reason = DROP_NONE;
	ip_udp_write((uint8_t *)at + ip_bytes, &egress->source, &egress->destination, length);
	ip_header_write((uint8_t *)at, &egress->source, &egress->destination, IPPROTO_UDP,
			atomic_load_explicit(&worker->dscp, memory_order_relaxed), length);
	return fragment_is_needed(worker, packet) ? CLEAR_OUT_FRAGMENT : CLEAR_OUT_TX;
}

NODE_BURST(clear_out)
NODE_REGISTER(clear_out, "sk_tx", "sk_fragment", "sk_drop")
