/*
 * The media of local clients, carried packet by packet between the loopback, where the client has
 * them, and the address at which the other side finds us (of the overlay, if there is a data
 * channel).
 */
#ifndef SEKISHO_TERMINAL_MEDIA_RELAY_H
#define SEKISHO_TERMINAL_MEDIA_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "terminal/media/description.h"
#include "terminal/ua/media.h"

/* Of all calls: audio and video of each. */
#define RELAY_STREAMS 16

/* Longest packet: a video frame's piece, and whatever a jumbo frame would carry. */
#define RELAY_PACKET_BYTES 9000

/* RTP and RTCP have neighbouring ports (RFC 3550 11). */
#define RELAY_PORTS 2

struct relay_stream {
	bool is_used;
	unsigned call, medium;
	int outer[RELAY_PORTS], inner[RELAY_PORTS];
	struct sip_address outer_own, inner_own; /* with the even port */
	struct sip_address remote, phone; /* where they want it; family 0: not told, or held */
	unsigned moves;			  /* how often our outer address became another */
	uint64_t sent, received;	  /* packets out, in */
	uint64_t strangers;		  /* from another address than the other side's */
};

struct relay {
	struct ua_media media; /* what the user agent asks of us */
	void *context;
	/* Our address towards the other side of a call, of one family; false if there is none. */
	bool (*outside)(void *context, unsigned call, unsigned family, struct sip_address *out);
	struct relay_stream streams[RELAY_STREAMS];
};

#define RELAY_FDS (RELAY_STREAMS * 2 * RELAY_PORTS)

/* outside and context are the caller's to set. */
void relay_init(struct relay *relay);
void relay_close(struct relay *relay);

unsigned relay_poll_fill(const struct relay *relay, struct pollfd *fds);
void relay_poll_done(struct relay *relay, const struct pollfd *fds);

/* Packets of a call so far. */
void relay_count(const struct relay *relay, unsigned call, uint64_t *sent, uint64_t *received);

#endif
