/* The Internet checksum (RFC 1071), over bytes where they are or while they are copied. */
#ifndef SEKISHO_TERMINAL_ESP_CHECKSUM_H
#define SEKISHO_TERMINAL_ESP_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Adds len bytes to a sum of which nobody reads the value before checksum_end: it is in the
 * machine's own order. An odd len only for the last part, which is padded with zero.
 */
uint64_t checksum_add(uint64_t sum, const uint8_t *at, size_t len);
/* Adds a number as the two bytes that it is on the wire. */
uint64_t checksum_add_u16(uint64_t sum, uint16_t value);
/* Copies len bytes and adds them; the two do not overlap. */
uint64_t checksum_copy(uint64_t sum, uint8_t *to, const uint8_t *from, size_t len);

/* The sum itself, and its complement: what stands in a header, and 0 over all that it protects. */
uint16_t checksum_fold(uint64_t sum);
uint16_t checksum_end(uint64_t sum);

#endif
