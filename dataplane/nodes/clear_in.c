/*
 * In: UDP datagrams for the gateway's SIP port, outside any SA.
 * Out: REGISTER, as fast as its source may send it, to to_control; other messages, where
 *      insecure-access lets them in, to sip_parse; likewise REGISTER while there is no control
 * plane. Drops: clear_not_admitted, clear_rate, clear_response, clear_screened, control_away, keepalive, udp_header.
 */
#include "dataplane/nodes/clear_in.h"

#include <string.h>

#include "dataplane/drop_reason.h"
#include "dataplane/ip_header.h"
#include "dataplane/bounds.h"
#include "dataplane/nodes/node.h"
#include "dataplane/rate_limit.h"
#include "dataplane/rules/ahead.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/tables/settings.h"
#include "dataplane/nodes/forbid.h"

static const struct slice register_method = {"REGISTER ", 9};

static enum clear_in_edge drop(struct packet *packet, enum drop_reason reason)
{
	packet->drop_reason = (uint16_t)reason;
	return CLEAR_IN_DROP;
}

/* The datagram's length and checksum hold: the mbuf becomes its payload. */
static bool payload_take(struct packet *packet)
{
	const uint8_t *udp =
		rte_pktmbuf_mtod_offset(packet->mbuf, const uint8_t *, packet->l4_offset);
	size_t left = (size_t)packet->mbuf->data_len - packet->l4_offset;
	uint16_t length = (uint16_t)(udp[4] << 8 | udp[5]);

	if (length < UDP_HEADER_BYTES || length > left ||
	    !ip_udp_is_intact(&packet->outer_source, &packet->outer_destination, udp, length))
		return false;
	rte_pktmbuf_trim(packet->mbuf, (uint16_t)(left - length));
	rte_pktmbuf_adj(packet->mbuf, (uint16_t)(packet->l4_offset + UDP_HEADER_BYTES));
	packet->sip = slice_make(rte_pktmbuf_mtod(packet->mbuf, char *), packet->mbuf->data_len);
	return true;
}

/* RFC 5626 4.4.1: CRLFs and nothing else. */
static bool is_keepalive(struct slice sip)
{
	for (size_t i = 0; i < sip.len; i++)
		if (sip.at[i] != '\r' && sip.at[i] != '\n')
			return false;
	return true;
}

static bool is_register(struct slice sip)
{
	return sip.len >= register_method.len &&
	       memcmp(sip.at, register_method.at, register_method.len) == 0;
}

static bool is_response(struct slice sip)
{
	return sip.len >= 8 && memcmp(sip.at, "SIP/2.0 ", 8) == 0;
}

/* Has it a scanner's signature? A scan is bounded: what it costs anybody can make us pay. */
static bool is_screened(const struct worker *worker, struct slice sip)
{
	const struct policy_pair *pair = policy_table_view(worker->tables->policies);

	if (sip.len > SCREEN_BYTES)
		sip.len = SCREEN_BYTES;
	return policy_index_is_screened(pair->current, worker->id, sip);
}

enum clear_in_edge clear_in_step(struct worker *worker, struct packet *packet)
{
	if (!payload_take(packet))
		return drop(packet, DROP_udp_header);
	packet->origin = CONTRACT_ORIGIN_CLEAR;
	packet->source = packet->outer_source;
	packet->destination = packet->outer_destination;
	if (is_keepalive(packet->sip))
		return drop(packet, DROP_keepalive);
	if (!is_register(packet->sip)) {
		const struct settings *settings = settings_view(worker->tables->settings);

		/* An emergency call is known by its Request-URI, which is read later. */
		if (settings->insecure_access == CONTRACT_INSECURE_OFF &&
		    settings->emergency_peer == 0)
			return drop(packet, is_response(packet->sip) ? DROP_clear_response
								     : DROP_clear_not_admitted);
		/* What is not open to all costs an answer, or the control plane a digest. */
		if (settings->insecure_access != CONTRACT_INSECURE_ANY &&
		    !is_response(packet->sip) &&
		    !rate_limit_take(worker->register_limit, &packet->source, worker->now_ms))
			return drop(packet, DROP_clear_rate);
		if (is_screened(worker, packet->sip))
			return drop(packet, DROP_clear_screened);
		return CLEAR_IN_SIP_PARSE;
	}
	if (!rate_limit_take(worker->register_limit, &packet->source, worker->now_ms))
		return drop(packet, DROP_clear_rate);
	if (is_screened(worker, packet->sip))
		return drop(packet, DROP_clear_screened);
	if (atomic_load_explicit(worker->has_controlplane, memory_order_relaxed))
		return CLEAR_IN_TO_CONTROL;
	/* Parsed here it can be answered 503; but nobody gets more bytes than he sent. */
	if (packet->sip.len < LIMIT_KEYEXCHANGE_FIRST_BYTES)
		return drop(packet, DROP_control_away);
	return CLEAR_IN_SIP_PARSE;
}

/*
 * Where anybody is let in: who is registered where the messages come from, for sip_parse, and where his name
 * stands, for from_check, each miss asked for before the first is waited for.
 */
static void clear_in_look(struct worker *worker, void **packets, uint16_t count)
{
	const struct tables *tables = worker->tables;
	const struct binding_places *places = &tables->bindings->places;
	uint64_t hash[LOOK_PACKETS];
	uint32_t index[LOOK_PACKETS];

	if (settings_view(tables->settings)->insecure_access != CONTRACT_INSECURE_ANY)
		return;
	for (uint16_t i = 0; i < count; i++) {
		const struct packet *packet = packets[i];
		struct sip_address source = settings_address(&packet->outer_source);

		hash[i] = binding_places_hash(places, &source);
		rte_prefetch0((const void *)binding_places_bucket(places, hash[i]));
	}
	for (uint16_t i = 0; i < count; i++) {
		index[i] = binding_places_at(places, hash[i]);
		ahead_slot(tables->bindings, index[i]);
	}
	for (uint16_t i = 0; i < count; i++)
		ahead_binding_touch(tables->bindings, index[i]);
	for (uint16_t i = 0; i < count; i++) {
		const struct binding *binding = binding_table_at(tables->bindings, index[i]);

		if (binding && binding->identity_count > 0)
			identity_table_prefetch(tables->identities, binding->identity[0].hash);
	}
}

NODE_BURST_LOOK(clear_in)
NODE_REGISTER(clear_in, "sk_to_control", "sk_sip_parse", "sk_drop")
