/*
 * One data channel in use: IP packets of the overlay into ESP and out of it, under keys that two
 * terminals share; checked, counted, kept alive. Neither socket nor clock.
 */
#ifndef SEKISHO_TERMINAL_CHANNEL_TUNNEL_H
#define SEKISHO_TERMINAL_CHANNEL_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "terminal/channel/negotiation.h"
#include "terminal/channel/renewal.h"
#include "terminal/esp/channel.h"

/* Longest packet of the overlay. */
#define TUNNEL_PACKET_BYTES 9000
/* A frame holds one with room before it, and behind, for what makes it ESP. */
#define TUNNEL_FRONT_BYTES (ESP_HEADER_BYTES + 16)
#define TUNNEL_FRAME_BYTES (TUNNEL_FRONT_BYTES + TUNNEL_PACKET_BYTES + ESP_GROWTH_BYTES)

/* With nothing else to send, a dummy says after this that we are there. */
#define TUNNEL_KEEP_ALIVE_MS 5000
/* The peer is lost after this without an authentic packet. */
#define TUNNEL_LOST_MS 20000
/* A way to the peer is looked for (search.h) so long; until then nothing else goes out. */
#define TUNNEL_CONFIRM_MS 10000
/* So long after our address has changed dummies go out so often. */
#define TUNNEL_MOVED_MS	      3000
#define TUNNEL_MOVED_AGAIN_MS 500
/* Packets one key may protect: as on the signalling channel (docs/protocol.md 1.4). */
#define TUNNEL_PACKETS UINT64_C(4294967296)

/* id, name in status */
#define TUNNEL_COUNTERS(X)                                                                         \
	X(SENT, "sent")                                                                            \
	X(SENT_BYTES, "sent-bytes")                                                                \
	X(RECEIVED, "received")                                                                    \
	X(RECEIVED_BYTES, "received-bytes")                                                        \
	X(RENEWALS, "renewals")		    /* of its keys */                                      \
	X(DROP_STRANGER, "drop-stranger")   /* our SPI from elsewhere, and not the peer's */       \
	X(DROP_FORGED, "drop-forged")	    /* not authentic */                                    \
	X(DROP_REPLAY, "drop-replay")	    /* seen before, or too old */                          \
	X(DROP_MALFORMED, "drop-malformed") /* no ESP, or no IP packet in it */                    \
	X(DROP_SPOOFED, "drop-spoofed") /* inside: not from the peer's overlay address to ours */  \
	X(DROP_ELSEWHERE, "drop-elsewhere")	/* ours, but not to the peer's overlay address */  \
	X(DROP_UNCONFIRMED, "drop-unconfirmed") /* ours, before there was a way to the peer */     \
	X(DROP_UNCUT, "drop-uncut") /* ours, and not what the device says of it, or too long */

/* What still comes under the keys before is taken for so long after the first under the new. */
#define TUNNEL_OLD_MS 10000

enum tunnel_counter {
#define TUNNEL_COUNTER_ENUM(id, name) TUNNEL_##id,
	TUNNEL_COUNTERS(TUNNEL_COUNTER_ENUM)
#undef TUNNEL_COUNTER_ENUM
		TUNNEL_COUNTER_COUNT,
};

const char *tunnel_counter_name(enum tunnel_counter counter);

struct tunnel_port {
	void *context;
	/* An ESP packet of the tunnel's own for a place of the peer's; it may be lost. */
	void (*send)(void *context, const struct sip_address *to, const uint8_t *packet,
		     size_t len);
	/* An IP packet of the peer's for this machine. */
	void (*deliver)(void *context, const uint8_t *packet, size_t len);
	/* The keys are others now. */
	void (*renewed)(void *context, const struct renewal_sas *sas);
	/* There is a way to the peer, at this place. */
	void (*found)(void *context, const struct sip_address *place);
	/* The peer is at another place now. */
	void (*followed)(void *context, const struct sip_address *place);
};

struct tunnel; /* lives while the channel does */

/* Copies what it needs of the agreement. RESULT_BAD, RESULT_MEMORY. */
SEKISHO_MUST_USE enum result tunnel_create(const struct agreement *agreement,
					   const struct tunnel_port *port, uint64_t now_ms,
					   struct tunnel **out);
void tunnel_destroy(struct tunnel *tunnel);

/* Of the newest keys. */
uint32_t tunnel_spi_in(const struct tunnel *tunnel);
uint32_t tunnel_spi_out(const struct tunnel *tunnel);
/* Does it receive under this SPI? */
bool tunnel_has_spi(const struct tunnel *tunnel, uint32_t spi);
/* Is there a way to the peer that works both ways? */
bool tunnel_is_confirmed(const struct tunnel *tunnel);
/* The peer's end of it; family 0: there is none yet. */
struct sip_address tunnel_place(const struct tunnel *tunnel);
/* Has an authentic packet of the peer's ever come, with a way or without? */
bool tunnel_has_heard(const struct tunnel *tunnel);
uint64_t tunnel_count(const struct tunnel *tunnel, enum tunnel_counter counter);

/* Asks for new keys; they come when the ones before the newest are gone. */
void tunnel_renew(struct tunnel *tunnel);

/* Our own address is another one: the peer is told. */
void tunnel_moved(struct tunnel *tunnel, uint64_t now_ms);

/* An ESP packet with an SPI of ours, in place; what is wrong is dropped and counted. */
void tunnel_receive(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *from,
		    uint8_t *packet, size_t len);

/* The ESP packet in a frame, and where it goes. */
struct tunnel_sealed {
	struct sip_address to;
	const uint8_t *at;
	size_t len;
};

/*
 * An IP packet of this machine's, len bytes at TUNNEL_FRONT_BYTES of its frame, becomes ESP in
 * place. False: it was dropped and counted.
 */
SEKISHO_MUST_USE bool tunnel_seal(struct tunnel *tunnel, uint64_t now_ms,
				  uint8_t frame[TUNNEL_FRAME_BYTES], size_t len,
				  struct tunnel_sealed *out);

/* One of this machine's that could not be cut (segment_cut.h) is dropped. */
void tunnel_count_uncut(struct tunnel *tunnel);

enum tunnel_fate {
	TUNNEL_LIVES,
	TUNNEL_UNCONFIRMED, /* no way to the peer was found that works both ways */
	TUNNEL_LOST,	    /* none for TUNNEL_LOST_MS */
	TUNNEL_USED_UP,	    /* the keys have protected TUNNEL_PACKETS */
};

/* Sends what is due and judges. */
SEKISHO_MUST_USE enum tunnel_fate tunnel_tick(struct tunnel *tunnel, uint64_t now_ms);
uint64_t tunnel_deadline(const struct tunnel *tunnel);

#endif
