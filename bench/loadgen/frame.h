/*
 * Frames between a simulated terminal and the gateway: Ethernet, IP, and inside them ESP in
 * transport mode with UDP 5060, or UDP 5060 alone.
 */
#ifndef SEKISHO_BENCH_LOADGEN_FRAME_H
#define SEKISHO_BENCH_LOADGEN_FRAME_H

#include <rte_ether.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/loadgen/terminals.h"
#include "shared/slice.h"

#define FRAME_BYTES_MAX 1514 /* what a port with an MTU of 1500 sends */

/* Who sends: the same in each frame of a run. */
struct frame_link {
	struct rte_ether_addr own, gateway;
};

/* A frame that came in, taken apart. */
struct frame_in {
	uint32_t terminal;	 /* whose it is */
	enum terminal_number number; /* under ESP; TERMINAL_NUMBER_NEW in the clear */
	struct slice text;	 /* SIP, in the frame's own memory */
};

/*
 * A frame of this terminal's with this text: its length, 0 if it would be too long. is_clear: no
 * ESP. Takes the terminal's next number.
 */
size_t frame_write(struct terminals *terminals, const struct frame_link *link, uint32_t terminal,
		   bool is_clear, struct slice text, uint8_t frame[FRAME_BYTES_MAX]);

/* Which terminal a frame is for, by its address alone; 0: none. */
uint32_t frame_terminal(const struct terminals *terminals, const uint8_t *frame, size_t length);

/* Is it UDP in IP, and not ESP? */
bool frame_is_udp(const uint8_t *frame, size_t length);

/*
 * Take a frame apart, decrypting in place. NULL if it is SIP from the gateway to one of the
 * terminals, by the way that is_clear says, authentic and with a number never seen; else a
 * sentence.
 */
const char *frame_read(struct terminals *terminals, bool is_clear, uint8_t *frame, size_t length,
		       struct frame_in *in);

#endif
