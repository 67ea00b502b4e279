/* Encrypts and authenticates one ESP packet in place, or undoes it, on OpenSSL's EVP. */
#ifndef SEKISHO_TERMINAL_ESP_CIPHER_H
#define SEKISHO_TERMINAL_ESP_CIPHER_H

#include <stdint.h>

#include "shared/result.h"
#include "terminal/esp/suite.h"

/* SPI and the low half of the sequence number (RFC 4303 2). */
#define ESP_HEADER_BYTES 8

struct esp_cipher;

/*
 * keys: cipher key, salt and integrity key, as long as the suite says, in the order of
 * docs/protocol.md 1.6; copied into OpenSSL's contexts. A cipher works in one direction only. RESULT_MEMORY if OpenSSL refuses.
 */
SEKISHO_MUST_USE enum result esp_cipher_create(const struct esp_suite *suite, const uint8_t *keys,
					       bool is_sealing, struct esp_cipher **out);
void esp_cipher_destroy(struct esp_cipher *cipher);

const struct esp_suite *esp_cipher_suite(const struct esp_cipher *cipher);

/*
 * packet: ESP header, IV, plaintext with its trailer, len bytes altogether, and behind them room
 * for the ICV, which is written. sequence is the whole 64-bit number whose low half stands in the
 * header (RFC 4106 5 for GCM, RFC 4303 2.2.1 for the others).
 */
SEKISHO_MUST_USE enum result esp_cipher_seal(struct esp_cipher *cipher, uint64_t sequence,
					     uint8_t *packet, size_t len);

/*
 * packet: as sealed, len bytes without the ICV, which stands behind. On RESULT_DENIED the packet
 * is not authentic and what stands in it means nothing.
 */
SEKISHO_MUST_USE enum result esp_cipher_open(struct esp_cipher *cipher, uint64_t sequence,
					     uint8_t *packet, size_t len);

#endif
