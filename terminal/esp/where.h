/* Asking the gateway from where it sees us (docs/protocol.md 1.12): in dummies, behind a NAT. */
#ifndef SEKISHO_TERMINAL_ESP_WHERE_H
#define SEKISHO_TERMINAL_ESP_WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/sip/host.h"

#define WHERE_LABEL	   "sekisho where"
#define WHERE_LABEL_BYTES  (sizeof(WHERE_LABEL) - 1)
#define WHERE_COOKIE_BYTES 8
#define WHERE_BYTES	   (WHERE_LABEL_BYTES + 1 + WHERE_COOKIE_BYTES + 1 + 2 + 16)

/* What the dummy that asks holds. */
void where_ask(const uint8_t cookie[WHERE_COOKIE_BYTES], uint8_t question[WHERE_BYTES]);

/* Is what a dummy holds the answer to the question with this cookie? Then seen is our place. */
bool where_take(const uint8_t *content, size_t len, const uint8_t cookie[WHERE_COOKIE_BYTES],
		struct sip_address *seen);

#endif
