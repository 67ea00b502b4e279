/*
 * A terminal asks from where it is seen (docs/protocol.md 1.12): a dummy (next header 59) with a
 * content, answered by another of the same length. So it knows its NAT's address and port, which
 * two terminals need to reach each other. Nothing is remembered.
 */
#ifndef SEKISHO_DATAPLANE_ESP_WHERE_H
#define SEKISHO_DATAPLANE_ESP_WHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/esp/probe.h"
#include "shared/slice.h"

#define ESP_WHERE_LABEL	       "sekisho where"
#define ESP_WHERE_LABEL_BYTES  (sizeof(ESP_WHERE_LABEL) - 1)
#define ESP_WHERE_COOKIE_BYTES 8
/* Label, u8(0 question, 1 answer), cookie, u8(4 or 6), u16(port), address; zeros in a question. */
#define ESP_WHERE_BYTES (ESP_WHERE_LABEL_BYTES + 1 + ESP_WHERE_COOKIE_BYTES + 1 + 2 + 16)

/* Is a dummy's content the question? Then its cookie is copied. */
bool esp_where_is_question(struct slice content, uint8_t cookie[ESP_WHERE_COOKIE_BYTES]);

/* The answer to who asks from this place. */
void esp_where_answer(const struct esp_probe_place *place, bool is_ipv4,
		      const uint8_t cookie[ESP_WHERE_COOKIE_BYTES],
		      uint8_t content[ESP_WHERE_BYTES]);

#endif
