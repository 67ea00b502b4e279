/* Finding the ESP packet behind the outer headers: IPv4 or IPv6, and UDP 4500 (RFC 3948). */
#ifndef SEKISHO_DATAPLANE_ESP_OUTER_H
#define SEKISHO_DATAPLANE_ESP_OUTER_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/drop_reason.h"

#define ESP_UDP_PORT	 4500 /* RFC 3948 */
#define ESP_HEADER_BYTES 8    /* SPI and the sequence number's low half */

/* Where an ESP packet lies and what stood before it. */
struct esp_outer {
	uint8_t *ip;  /* the outer IP header */
	uint8_t *esp; /* the SPI */
	uint32_t len; /* from the SPI to the end of the ICV */
	bool is_ipv4;
	bool is_in_udp;
	uint16_t source_port_be16; /* 0 without UDP */
};

/*
 * Read the len bytes at ip, an IP header and what follows; bytes after the IP datagram (Ethernet
 * padding) are left out. IPv4 options and an IPv6 fragment header that fragments nothing (RFC 6946)
 * may stand before ESP, nothing else. DROP_NONE: *outer is set, with at least ESP_HEADER_BYTES at
 * outer->esp. Otherwise one of esp_outer_header, esp_fragment, esp_length, esp_keepalive,
 * esp_non_esp_marker.
 */
enum drop_reason esp_outer_find(uint8_t *ip, uint32_t len, struct esp_outer *outer);

#endif
