/*
 * What goes with an mbuf over a ring, where its packet context cannot: in the mbuf's private area,
 * written by who enqueues, read by who dequeues.
 */
#ifndef SEKISHO_DATAPLANE_MBUF_NOTE_H
#define SEKISHO_DATAPLANE_MBUF_NOTE_H

#include <stdint.h>

#include <rte_mbuf.h>

#include "shared/contract/contract.h"

enum mbuf_note_kind {
	MBUF_NOTE_SIP = 1, /* the data is a SIP message, received or to be sent by `origin` */
	MBUF_NOTE_FRAME,   /* the data is an Ethernet frame, from or for the kernel */
	MBUF_NOTE_ENTER,   /* the data is a SIP message that the control plane lets in (inject.h) */
	MBUF_NOTE_IP,	   /* the data is an IP packet for `destination` */
	MBUF_NOTE_PATH,	   /* the data is room for a question about the path of `sa_handle` */
};

struct mbuf_note {
	uint8_t kind;	/* enum mbuf_note_kind */
	uint8_t origin; /* SIP: enum contract_origin */
	uint8_t port;
	uint8_t peer_index; /* origin PEER */
	uint32_t sa_handle;		     /* SIP through an SA, PATH: which */
	struct contract_address source;	     /* SIP: as struct contract_sip_received has it; */
	struct contract_address destination; /*      for injected SIP the clear egress */
	struct contract_address outer_source;
	uint16_t path_bytes; /* PATH: what it comes to on the wire */
};

/* Every mbuf pool of this process has this much private area. */
#define MBUF_NOTE_BYTES RTE_ALIGN_CEIL(sizeof(struct mbuf_note), RTE_MBUF_PRIV_ALIGN)

static inline struct mbuf_note *mbuf_note(struct rte_mbuf *mbuf)
{
	return (struct mbuf_note *)rte_mbuf_to_priv(mbuf);
}

#endif
