/*
 * Probes of a moved outer address (docs/protocol.md 1.10) and of what a path carries (1.11): ESP
 * dummies (next header 59) with a content. The gateway asks, the terminal answers, and only then does
 * traffic go there, or so much at once. Nothing is remembered: what is to come back says by a MAC
 * for which SA, which address or length, and when it was asked. A gateway, whose SAs have one direction
 * each, is asked about paths likewise, and asks.
 */
#ifndef SEKISHO_DATAPLANE_ESP_PROBE_H
#define SEKISHO_DATAPLANE_ESP_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/esp/engine.h"
#include "shared/slice.h"

#define ESP_PROBE_LABEL	      "sekisho probe"
#define ESP_PROBE_LABEL_BYTES (sizeof(ESP_PROBE_LABEL) - 1)
#define ESP_PROBE_MAC_BYTES   16
/* Label, u8(0 question, 1 answer), then 24 bytes that are the asker's: of a place u64(seconds), MAC; of
 * a path u16(length), u32(SA), u16(seconds), MAC. */
#define ESP_PROBE_BYTES (ESP_PROBE_LABEL_BYTES + 1 + 8 + ESP_PROBE_MAC_BYTES)

#define ESP_PROBE_LIFE_S 5 /* an answer that takes longer is none */

/* Where a packet came from: bytes as in struct esp_open_packet. */
struct esp_probe_place {
	uint8_t address[16];
	uint16_t port_be16;
};

/* The question to this place about this SA. */
void esp_probe_ask(const struct esp_engine *engine, uint32_t sa_handle,
		   const struct esp_probe_place *place, uint64_t now_s,
		   uint8_t content[ESP_PROBE_BYTES]);

/*
 * The beginning of a question by this SA that fills path_bytes on the wire: who answers it has got as
 * much. path_bytes is not 0. What one engine asked the same one is to verify.
 */
void esp_probe_ask_path(const struct esp_engine *engine, uint32_t sa_handle, uint16_t path_bytes,
			uint64_t now_s, uint8_t content[ESP_PROBE_BYTES]);

/*
 * The path_bytes that a dummy's content, authentic, is the answer to a question about, and by which SA it
 * was asked; or 0.
 */
uint16_t esp_probe_path_answered(const struct esp_engine *engine, struct slice content,
				 uint64_t now_s, uint32_t *sa_handle);

/* Is a dummy's content, authentic, a question? Then what answers it is written, as long as it may be. */
bool esp_probe_answer(struct slice content, uint8_t answer[ESP_PROBE_BYTES]);

/* Is a dummy's content, authentic and come from this place, the answer to a question there? */
bool esp_probe_is_answer(const struct esp_engine *engine, struct slice content, uint32_t sa_handle,
			 const struct esp_probe_place *place, uint64_t now_s);

#endif
