/* The terminal's sockets at the gateway side: UDP for the key exchange, raw ESP for the rest. */
#ifndef SEKISHO_TERMINAL_LINK_SOCKETS_H
#define SEKISHO_TERMINAL_LINK_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"

#define SOCKETS_ENCAP_PORT 4500 /* ESP in UDP, RFC 3948 */

/* All are bound to the same address, non-blocking. */
struct sockets {
	int udp;
	int esp;   /* protocol 50; open before message 3, else the kernel refuses ESP by ICMP */
	int encap; /* UDP 4500; -1 if somebody else has it: then there is no ESP in UDP */
	/* Of encap: the kernel cuts what leaves in one piece, and joins what comes. */
	bool cuts, joins;
};

/* The address the kernel would send from to reach to; RESULT_IO if there is no way. */
SEKISHO_MUST_USE enum result sockets_own_address(const struct sip_address *to,
						 struct sip_address *own);

/*
 * own has the SIP port. is_plain: the kernel is not asked to cut and join. RESULT_IO with errno: no
 * right to raw sockets, address in use or not ours.
 */
SEKISHO_MUST_USE enum result sockets_open(const struct sip_address *own, bool is_plain,
					  struct sockets *out);
void sockets_close(struct sockets *sockets);

/* RESULT_IO: the kernel did not take it; it counts as lost. */
SEKISHO_MUST_USE enum result sockets_send_udp(const struct sockets *sockets,
					      const struct sip_address *to, struct slice bytes);
/* To port 0 by ESP itself, to another in UDP from port 4500. */
SEKISHO_MUST_USE enum result sockets_send_esp(const struct sockets *sockets,
					      const struct sip_address *to, const uint8_t *packet,
					      size_t len);

/* A datagram that has come. */
struct received {
	struct sip_address from; /* its port is 0 for ESP that is not in UDP */
	uint8_t *at;		 /* in the buffer; for ESP without IP header */
	size_t len;
};

/* RESULT_NOT_FOUND: nothing there; RESULT_BAD: cut off. ESP comes by link/bursts.h, both ways. */
SEKISHO_MUST_USE enum result sockets_receive_udp(const struct sockets *sockets, uint8_t *buffer,
						 size_t size, struct received *out);

#endif
