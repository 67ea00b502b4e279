/* The TUN device skN: this machine's end of the overlay. */
#ifndef SEKISHO_TERMINAL_CHANNEL_TUN_H
#define SEKISHO_TERMINAL_CHANNEL_TUN_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "shared/result.h"
#include "terminal/channel/overlay.h"

#define TUN_NAME_BYTES 16 /* IFNAMSIZ */

/*
 * Leaves room for the outer IPv6 header and ESP within 1,500 bytes, and a little for what the path
 * may add.
 */
#define TUN_MTU_BYTES 1400

/* Of TCP, or of equal UDP datagrams, and its headers. */
#define TUN_PACKET_BYTES 65535

struct tun {
	int fd; /* non-blocking; -1: none */
	char name[TUN_NAME_BYTES];
	bool has_header; /* before each packet stands what is to be done with it */
	/* What the kernel leaves to us. */
	bool leaves_checksums, leaves_tcp, leaves_udp;
};

/*
 * Makes the device, up, with our addresses as single hosts: there is a way to nobody. is_plain: the
 * kernel does all its work on packets itself, as it does where it leaves nothing to others.
 * RESULT_IO with errno: no right to (CAP_NET_ADMIN), no /dev/net/tun.
 */
SEKISHO_MUST_USE enum result tun_open(const struct overlay *own, bool is_plain, struct tun *out);
void tun_close(struct tun *tun);

/* The way to a peer, while there is a channel to it. RESULT_IO with errno. */
SEKISHO_MUST_USE enum result tun_add_peer(const struct tun *tun, const struct overlay *peer);
/* It may be gone already. */
void tun_remove_peer(const struct tun *tun, const struct overlay *peer);

/* What this machine sends. */
struct tun_packet {
	struct virtio_net_hdr how; /* all zero: as it is */
	size_t len;
	uint8_t bytes[TUN_PACKET_BYTES];
};

/* RESULT_NOT_FOUND if there is none, RESULT_BAD for what is no packet. */
SEKISHO_MUST_USE enum result tun_read(const struct tun *tun, struct tun_packet *packet);

#define TUN_PARTS 72

/*
 * A packet for this machine in at most TUN_PARTS; how is told where the device has_header, and else
 * must be all zero. One that the kernel does not take is lost.
 */
void tun_write(const struct tun *tun, const struct virtio_net_hdr *how, const struct iovec *parts,
	       unsigned count);

#endif
