/*
 * The terminals' side of the wire: frames with ESP in transport mode made and opened with the
 * terminal's own ESP on OpenSSL, so that nothing of the gateway's own code judges it; or the same
 * messages in UDP alone.
 */
#ifndef SEKISHO_BENCH_PIPELINE_WIRE_H
#define SEKISHO_BENCH_PIPELINE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/slice.h"

#define WIRE_FRAME_BYTES 2048
#define WIRE_CLEAR	 0 /* for a suite: no ESP */

struct wire;

/* family 4 or 6, suite one of docs/protocol.md 1.6 or WIRE_CLEAR. NULL: no such suite, or no memory. */
struct wire *wire_create(uint8_t family, uint8_t suite);
void wire_destroy(struct wire *wire);

/* A frame of this terminal's with that number (in the clear it has none): its length, 0 if text is too long for one. */
size_t wire_seal(struct wire *wire, uint32_t terminal, uint64_t number, struct slice text,
		 uint8_t frame[WIRE_FRAME_BYTES]);

/*
 * What the gateway sent: decrypted in place. False: not authentic (in the clear: not from the
 * gateway's address, or its UDP checksum wrong or missing), not to a terminal of ours, or not SIP
 * from port 5060 to 5060. number: the packet's, 0 in the clear.
 */
bool wire_open(struct wire *wire, uint8_t *frame, size_t length, uint32_t *terminal,
	       uint64_t *number, struct slice *text);

/*
 * Puts a frame behind what has come of its packet before (*whole_length 0: nothing yet): a whole
 * packet is copied, a fragment's payload joined on, in order, and the fragmentation taken off the
 * header. False: it does not go on where the last one ended, or is too long. has_more: another
 * fragment is to come.
 */
bool wire_join(const struct wire *wire, const uint8_t *frame, size_t length,
	       uint8_t whole[WIRE_FRAME_BYTES], size_t *whole_length, bool *has_more);

/* Where the SPI stands in a frame, and how many bytes of it are (or could be) encrypted. */
size_t wire_esp_offset(const struct wire *wire);
size_t wire_cipher_length(const struct wire *wire, size_t frame_length);

#endif
