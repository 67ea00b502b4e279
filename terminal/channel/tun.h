/* The TUN device skN: this machine's end of the overlay. */
#ifndef SEKISHO_TERMINAL_CHANNEL_TUN_H
#define SEKISHO_TERMINAL_CHANNEL_TUN_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"
#include "terminal/channel/overlay.h"

#define TUN_NAME_BYTES 16 /* IFNAMSIZ */

/*
 * Leaves room for the outer IPv6 header and ESP within 1,500 bytes, and a little for what the path
 * may add.
 */
#define TUN_MTU_BYTES 1400

struct tun {
	int fd; /* non-blocking; -1: none */
	char name[TUN_NAME_BYTES];
};

/*
 * Makes the device, up, with our addresses as single hosts: there is a way to nobody. RESULT_IO
 * with errno: no right to (CAP_NET_ADMIN), no /dev/net/tun.
 */
SEKISHO_MUST_USE enum result tun_open(const struct overlay *own, struct tun *out);
void tun_close(struct tun *tun);

/* The way to a peer, while there is a channel to it. RESULT_IO with errno. */
SEKISHO_MUST_USE enum result tun_add_peer(const struct tun *tun, const struct overlay *peer);
/* It may be gone already. */
void tun_remove_peer(const struct tun *tun, const struct overlay *peer);

/* A packet of this machine's; RESULT_NOT_FOUND if there is none. */
SEKISHO_MUST_USE enum result tun_read(const struct tun *tun, uint8_t *buffer, size_t size,
				      size_t *len);
/* A packet for this machine; one that the kernel does not take is lost. */
void tun_write(const struct tun *tun, const uint8_t *packet, size_t len);

#endif
