/*
 * Segments of TCP that come one behind the other, joined to one packet of up to 64 KB for this
 * machine's kernel; everything else is handed on as it is. No byte of the payload is copied.
 */
#ifndef SEKISHO_TERMINAL_CHANNEL_SEGMENT_JOIN_H
#define SEKISHO_TERMINAL_CHANNEL_SEGMENT_JOIN_H

#include <linux/virtio_net.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Connections whose segments are joined at one time; one more ends the oldest. */
#define SEGMENT_JOIN_FLOWS 8
/* Segments in one packet. */
#define SEGMENT_JOIN_PARTS 64
/* IP's header, without options or others behind it, and the longest of TCP. */
#define SEGMENT_JOIN_HEADER_BYTES 100

/* One packet that grows: its header, and the payloads where they were. */
struct joined {
	uint8_t header[SEGMENT_JOIN_HEADER_BYTES];
	size_t ip_len, header_len;
	size_t segment; /* payload of the first, which none exceeds */
	size_t payload; /* of all */
	unsigned count;
	struct iovec parts[1 + SEGMENT_JOIN_PARTS]; /* the header's is the first */
};

struct segment_join {
	/* Takes a packet in parts, at once; how says what the kernel has to know of it. */
	void (*write)(void *context, const struct virtio_net_hdr *how, const struct iovec *parts,
		      unsigned count);
	void *context;
	unsigned count;
	struct joined open[SEGMENT_JOIN_FLOWS]; /* the first count of them, oldest first */
};

/*
 * An IP packet that is good for this machine; it stays as it is until segment_join_end. Those of a
 * connection are written in the order in which they were taken.
 */
void segment_join_take(struct segment_join *join, const uint8_t *packet, size_t len);
/* Nothing follows for now: all that is held is written. */
void segment_join_end(struct segment_join *join);

#endif
