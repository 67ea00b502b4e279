/* One direction of a secure signalling channel: an ESP SA that seals, or one that opens. */
#ifndef SEKISHO_TERMINAL_ESP_CHANNEL_H
#define SEKISHO_TERMINAL_ESP_CHANNEL_H

#include <stdint.h>

#include "shared/result.h"
#include "terminal/esp/cipher.h"

/* What sealing adds at most: header, IV, padding, its length, next header, ICV. */
#define ESP_GROWTH_BYTES (ESP_HEADER_BYTES + 16 + 15 + 2 + ESP_SUITE_ICV_BYTES)

#define ESP_NEXT_UDP   17
#define ESP_NEXT_IPV4  4
#define ESP_NEXT_IPV6  41
#define ESP_NEXT_DUMMY 59 /* RFC 4303 2.6 */
#define ESP_NEXT_OWN   253 /* for what is nobody else's (RFC 3692): control of a data channel */

struct esp_outbound;
struct esp_inbound;

/* Numbers start at 1. keys as in esp_cipher_create. */
SEKISHO_MUST_USE enum result esp_outbound_create(const struct esp_suite *suite, uint32_t spi,
						 const uint8_t *keys, struct esp_outbound **out);
void esp_outbound_destroy(struct esp_outbound *sa);
uint32_t esp_outbound_spi(const struct esp_outbound *sa);
/* Packets sealed so far, and their payload. */
uint64_t esp_outbound_packets(const struct esp_outbound *sa);
uint64_t esp_outbound_bytes(const struct esp_outbound *sa);

/* Bytes of an ESP packet before its payload. */
size_t esp_outbound_front(const struct esp_outbound *sa);

/*
 * Writes the ESP packet that carries payload (RFC 4303 2); a payload that stands where it belongs
 * in it, esp_outbound_front behind packet, is not copied. RESULT_SPACE if room is under
 * len + ESP_GROWTH_BYTES; RESULT_STALE once every number is used: a number never comes twice.
 */
SEKISHO_MUST_USE enum result esp_outbound_seal(struct esp_outbound *sa, uint8_t next_header,
					       const uint8_t *payload, size_t len, uint8_t *packet,
					       size_t room, size_t *packet_len);

/* How much payload a packet of at most packet_bytes carries. */
size_t esp_outbound_payload_most(const struct esp_outbound *sa, size_t packet_bytes);

SEKISHO_MUST_USE enum result esp_inbound_create(const struct esp_suite *suite, uint32_t spi,
						const uint8_t *keys, struct esp_inbound **out);
void esp_inbound_destroy(struct esp_inbound *sa);
uint32_t esp_inbound_spi(const struct esp_inbound *sa);
/* Authentic packets opened so far, and what stood in them, padding included. */
uint64_t esp_inbound_packets(const struct esp_inbound *sa);
uint64_t esp_inbound_bytes(const struct esp_inbound *sa);

/* What was in a packet: a part of the packet's own bytes. */
struct esp_opened {
	const uint8_t *payload;
	size_t len;
	uint8_t next_header;
};

/*
 * Opens a packet in place. RESULT_NOT_FOUND: another SPI; RESULT_BAD: too short, or authentic but
 * with padding that is not 1, 2, 3 ...; RESULT_STALE: a replay; RESULT_DENIED: not authentic. The
 * window moves for authentic packets only.
 */
SEKISHO_MUST_USE enum result esp_inbound_open(struct esp_inbound *sa, uint8_t *packet, size_t len,
					      struct esp_opened *out);

#endif
