/* ESP as a simulated terminal speaks it: transport mode, AES-GCM, extended numbers (RFC 4303, 4106). */
#ifndef SEKISHO_BENCH_LOADGEN_ESP_H
#define SEKISHO_BENCH_LOADGEN_ESP_H

#include <stdint.h>

#include "bench/loadgen/terminals.h"

#define ESP_CLEAR_BYTES 16 /* SPI, number, IV */
/* And behind: up to 3 of padding, its length, the protocol, the ICV. */
#define ESP_OVERHEAD_BYTES (ESP_CLEAR_BYTES + 3 + 2 + GCM_ICV_BYTES)

/*
 * Close an ESP packet at `at`, whose plain text of length bytes stands ESP_CLEAR_BYTES behind: its
 * whole length, 0 if libcrypto fails. Takes the terminal's next number.
 */
size_t esp_close(struct terminals *terminals, uint32_t terminal, uint8_t *at, size_t length);

/*
 * Open one that came to this terminal, in place. NULL, the plain text's length and what its number
 * is; else a sentence.
 */
const char *esp_open_packet(struct terminals *terminals, uint32_t terminal, uint8_t *at,
			    size_t length, size_t *plain, enum terminal_number *number);

#endif
