/* The IP header inside tunnel-mode ESP: before the inner UDP datagram, and taken off again. */
#ifndef SEKISHO_TERMINAL_ESP_INNER_IP_H
#define SEKISHO_TERMINAL_ESP_INNER_IP_H

#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/host.h"

/* Of the longer one, IPv6's. */
#define INNER_IP_HEADER_BYTES 40

/* The number that ESP's next header has for it (RFC 4303 2.6). */
uint8_t inner_ip_protocol(const struct sip_address *own);

/*
 * Writes the header of a packet with len bytes of UDP behind it (RFC 791, RFC 8200); both
 * addresses are of one family. RESULT_SPACE if len does not fit an IP packet. Returns its bytes.
 */
SEKISHO_MUST_USE enum result inner_ip_build(const struct sip_address *from,
					    const struct sip_address *to, size_t len,
					    uint8_t out[INNER_IP_HEADER_BYTES], size_t *header_len);

/* Sets the checksum of an IPv4 header that was changed. */
void inner_ip_checksum_set(uint8_t *header);

/*
 * The UDP datagram of a packet from from to to, ports aside, that fills len bytes. RESULT_BAD for
 * anything malformed, fragmented or with options; RESULT_DENIED for other addresses.
 */
SEKISHO_MUST_USE enum result inner_ip_parse(const uint8_t *packet, size_t len,
					    const struct sip_address *from,
					    const struct sip_address *to, const uint8_t **udp,
					    size_t *udp_len);

#endif
