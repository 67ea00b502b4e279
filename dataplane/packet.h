/*
 * What one packet carries from node to node, from rx to where it leaves the graph. The graph's
 * streams hold struct packet pointers; the mbuf hangs off it. Contexts come from the worker's
 * last-in-first-out pool (packet_pool.h), so the same few stay in the cache, and each graph walk
 * gives all of them back. All of it belongs to the worker that walks; nothing here is shared.
 */
#ifndef SEKISHO_DATAPLANE_PACKET_H
#define SEKISHO_DATAPLANE_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "shared/contract/contract.h"
#include "shared/slice.h"

struct sip_message;
struct packet_rules;

/* Bytes kept free before a SIP message in our buffers: inner UDP, inner IP, ESP header and IV,
 * outer UDP, outer IP with fragment header, Ethernet. */
#define PACKET_HEADROOM_BYTES 160
/* Bytes kept free behind it: ESP padding, its two trailer bytes, the ICV. */
#define PACKET_TAILROOM_BYTES 64

/* By which way a packet is to leave; set by whoever decides, read by esp_seal, clear_out and tx. */
struct egress {
	uint8_t origin;	    /* enum contract_origin: through an SA or clear; 0: not decided */
	uint8_t port;	    /* clear: by which port. SA: filled in by esp_seal */
	uint8_t peer_index; /* origin PEER */
	bool is_urgent;	    /* of an emergency call: before others where a port is busy */
	uint32_t sa_handle; /* SA: which (tables/sa.h); it must have an outbound half */
	struct contract_address source; /* clear: one of our addresses and port */
	struct contract_address
		destination; /* clear: address and UDP port. esp_seal: the outer one */
};

struct packet {
	struct rte_mbuf *mbuf; /* owned; steps that replace it do so by packet_output_* */

	/* Where it came from: rx, classify and esp_open write. */
	uint16_t port;	    /* ingress port */
	uint8_t origin;	    /* enum contract_origin */
	uint8_t peer_index; /* origin PEER: whose TLS connection it came by */
	bool is_proved;	    /* clear: the control plane has seen by digest that From is right */
	uint32_t sa_handle; /* origin SA: the one that authenticated it (tables/sa.h), the sender's
			       identity from there on; also in the mbuf (sa_tag.h) */
	uint16_t l3_offset; /* of the outermost IP header, from the start of the data */
	uint16_t l4_offset; /* of ESP, or of UDP when clear */
	bool is_inner;	/* the mbuf holds not the message but an inner IP packet or fragment, or
			   with is_probe what a dummy is to hold */
	bool is_probe;	/* for outer_source, wherever the SA goes (esp/probe.h) */
	bool is_framed; /* the data is a whole Ethernet frame for egress.port: tx adds nothing */
	uint16_t drop_reason; /* enum drop_reason, set before taking an edge to drop */
	struct contract_address outer_source; /* as on the wire; port 0 when not in UDP */
	struct contract_address outer_destination;
	struct contract_address source; /* SA: the SA's inner remote; clear: outer_source */
	struct contract_address destination;

	/* The SIP message: esp_open or classify say where, sip_parse fills in. Until
	 * packet_output_end() its slices point into the mbuf. */
	struct slice sip;
	bool is_parsed;		     /* message and rules are of this packet: set by sip_parse */
	struct sip_message *message; /* storage, one for each context */

	/* What the rules found out and decided (dataplane/rules): storage likewise. */
	struct packet_rules *rules;

	struct egress egress;
	uint16_t status; /* what reply answers with */
};

#endif
