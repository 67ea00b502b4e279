/* The UDP datagram inside transport-mode ESP: built with its checksum, and taken apart. */
#ifndef SEKISHO_TERMINAL_ESP_INNER_UDP_H
#define SEKISHO_TERMINAL_ESP_INNER_UDP_H

#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"

#define INNER_UDP_HEADER_BYTES 8

/*
 * Writes header and payload to out (room bytes): ports and pseudo-header from the two addresses,
 * which are of one family (RFC 768, RFC 8200 8.1). RESULT_SPACE if it does not fit.
 */
SEKISHO_MUST_USE enum result inner_udp_build(const struct sip_address *from,
					     const struct sip_address *to, struct slice payload,
					     uint8_t *out, size_t room, size_t *len);

/*
 * The payload of a datagram that came from's port to to's port and whose length fills the
 * packet; RESULT_BAD if it does not, RESULT_DENIED for other ports. The checksum is not looked
 * at: ESP has proved the bytes already.
 */
SEKISHO_MUST_USE enum result inner_udp_parse(const uint8_t *packet, size_t len, uint16_t from_port,
					     uint16_t to_port, struct slice *payload);

#endif
