/* The gateway's probes of a new address of ours and of the path to us (docs/protocol.md 1.10, 1.11),
 * and the answer to them. */
#ifndef SEKISHO_TERMINAL_ESP_PROBE_H
#define SEKISHO_TERMINAL_ESP_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROBE_LABEL	   "sekisho probe"
#define PROBE_LABEL_BYTES  (sizeof(PROBE_LABEL) - 1)
#define PROBE_OPAQUE_BYTES 24
#define PROBE_BYTES	   (PROBE_LABEL_BYTES + 1 + PROBE_OPAQUE_BYTES)

/* Is what a dummy holds a question? Then its answer is written. What asks about a path is longer, and
 * what follows is not looked at: that it came is the answer. */
bool probe_answer(const uint8_t *content, size_t len, uint8_t answer[PROBE_BYTES]);

#endif
