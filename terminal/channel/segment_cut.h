/*
 * One packet of this machine's as its kernel hands it over, cut into such as a wire carries: a TCP
 * stream's piece or equal UDP datagrams of up to 64 KB, and checksums that are still to be made.
 */
#ifndef SEKISHO_TERMINAL_CHANNEL_SEGMENT_CUT_H
#define SEKISHO_TERMINAL_CHANNEL_SEGMENT_CUT_H

#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

/* Younger than some kernels' headers. */
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

/* All zero: nothing to cut. */
struct segment_cut {
	const uint8_t *packet;
	size_t len;
	size_t transport;  /* where TCP's or UDP's header begins */
	size_t header_len; /* all before the payload */
	size_t segment;	   /* payload of each but the last */
	size_t next;	   /* where the next one's payload begins */
	unsigned index;
	uint8_t kind;	   /* VIRTIO_NET_HDR_GSO_*, without _ECN */
	uint16_t checksum; /* where in the packet; 0: there is none to make */
};

/*
 * Borrows the packet. RESULT_BAD where what its header says of it cannot be, RESULT_SPACE where a
 * segment would be longer than most bytes.
 */
SEKISHO_MUST_USE enum result segment_cut_begin(struct segment_cut *cut,
					       const struct virtio_net_hdr *how,
					       const uint8_t *packet, size_t len, size_t most);

/* Writes the next segment, at most `most` bytes of segment_cut_begin; 0: there is no more. */
size_t segment_cut_next(struct segment_cut *cut, uint8_t *out);

#endif
