/* The anti-replay window of one inbound SA with 64-bit numbers (RFC 4303 3.4.3, appendix A2). */
#ifndef SEKISHO_TERMINAL_ESP_WINDOW_H
#define SEKISHO_TERMINAL_ESP_WINDOW_H

#include <stdint.h>

#include "shared/limits.h"
#include "shared/result.h"

/* A ring of bits, twice the window, so that a word can be cleared while the next is in use. */
#define ESP_WINDOW_WORDS (2 * LIMIT_ESP_WINDOW / 64)

struct esp_window {
	uint64_t top; /* highest number authenticated, 0 before the first */
	uint64_t seen[ESP_WINDOW_WORDS];
};

/*
 * The whole number of a packet whose low half is given, as appendix A2.2 infers it, if it is
 * neither 0 nor seen nor left of the window: else RESULT_STALE. Changes nothing.
 */
SEKISHO_MUST_USE enum result esp_window_check(const struct esp_window *window, uint32_t low,
					      uint64_t *sequence);

/* Marks a number that esp_window_check gave and whose packet has proved authentic. */
void esp_window_mark(struct esp_window *window, uint64_t sequence);

#endif
