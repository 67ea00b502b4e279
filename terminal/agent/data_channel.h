/*
 * The agent's data channels, one a call. Each part has a file of its own: data_channel_session.c
 * what calls negotiate, data_channel_traffic.c the packets, data_channel_report.c what users see.
 */
#ifndef SEKISHO_TERMINAL_AGENT_DATA_CHANNEL_H
#define SEKISHO_TERMINAL_AGENT_DATA_CHANNEL_H

#include <jansson.h>
#include <stdbool.h>

#include "terminal/channel/negotiation.h"
#include "terminal/channel/segment_join.h"
#include "terminal/channel/tun.h"
#include "terminal/channel/tunnel.h"
#include "terminal/link/bursts.h"
#include "terminal/link/sockets.h"
#include "terminal/ua/session.h"

struct agent;

/* Longest sentence on what has become of a channel, terminated. */
#define DATA_CHANNEL_FAILURE_CHARS 448
/* And what an event says of it, terminated. */
#define DATA_CHANNEL_SENTENCE_CHARS 576

/* That of one call. */
struct call_channel {
	struct negotiation negotiation;
	struct tunnel *tunnel; /* NULL: no channel */
	/* Of the channel there is. */
	struct overlay peer;
	struct places places; /* of the other side's, at which it is looked for */
	char string[KEYS_STRING_BYTES];
	enum suite suite;
	struct agent *agent; /* whose it is: for its tunnel's port */
	/* Why the call has none any more, or never had one that was agreed on; empty: that is not
	 * so. */
	char failure[DATA_CHANNEL_FAILURE_CHARS];
};

struct data_channel {
	struct ua_session session;
	struct negotiation_settings settings;
	struct overlay own;
	struct tun tun;
	struct call_channel calls[UA_CALLS];
	struct segment_join join; /* what goes to the TUN device in this turn */
	/* What is taken from the TUN device, and its segments, sealed where they were cut. */
	struct tun_packet packet;
	struct outbox outbox;
	uint8_t frames[BURST_PACKETS][TUNNEL_FRAME_BYTES];
};

/*
 * Makes the TUN device unless the policy says off. Where it cannot be had that is told on standard
 * error, and RESULT_IO only if the policy requires it.
 */
SEKISHO_MUST_USE enum result data_channel_create(struct agent *agent);
void data_channel_destroy(struct agent *agent);

/* Why no call can have a channel now, NULL if one can. */
const char *data_channel_obstacle(const struct agent *agent);

/* Has this call a channel, made or being negotiated? */
bool data_channel_has(const struct agent *agent, unsigned call);

/*
 * What the call has agreed on comes into use; the negotiation's copy of the keys is its owner's to
 * wipe. RESULT_BAD, RESULT_MEMORY, RESULT_IO: there is no channel then.
 */
SEKISHO_MUST_USE enum result data_channel_install(struct agent *agent,
						  struct call_channel *channel);
/* No matter if there is none. */
void data_channel_close(struct agent *agent, struct call_channel *channel);

/* Our own address is another one: the other sides are told, through the channels. */
void data_channel_moved(struct agent *agent);

/* New keys for the channels of all calls. */
void data_channel_renew(struct agent *agent);

void data_channel_tick(struct agent *agent);
uint64_t data_channel_deadline(const struct agent *agent);

/* data_channel_places.c */
/* Where we can be reached now. */
struct places data_channel_places(const struct agent *agent);
/* Is our own address one that nobody outside reaches? */
bool data_channel_is_behind_nat(const struct agent *agent);
/* Why the way to the other side may not have been found, as far as it can be known here. */
void data_channel_no_way_write(const struct agent *agent, const struct call_channel *channel,
			       struct writer *w);
/* "192.0.2.1" or "192.0.2.1:4500" */
json_t *data_channel_place_text(const struct sip_address *place);

/* data_channel_session.c */
/* The hooks by which calls negotiate channels. */
struct ua_session data_channel_session_of(struct agent *agent);

/* data_channel_traffic.c: the first two are a tunnel's port, the third is where joined packets go
 */
void data_channel_send(void *context, const struct sip_address *to, const uint8_t *packet,
		       size_t len);
void data_channel_deliver(void *context, const uint8_t *packet, size_t len);
void data_channel_write(void *context, const struct virtio_net_hdr *how, const struct iovec *parts,
			unsigned count);
/* Takes an ESP packet if its SPI is that of a channel; else false. */
bool data_channel_take(struct agent *agent, const struct received *packet);
/* What was taken has been delivered behind this; until then its packets must stay. */
void data_channel_written(struct agent *agent);
/* Whatever this machine sends, as far as one burst holds it. */
void data_channel_read(struct agent *agent);

/* data_channel_report.c */
/* Tells an event of a call's channel, with the number of the call. */
void data_channel_tell(struct call_channel *channel, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Is there one, and the way to the other side not found yet? */
bool data_channel_is_sought(const struct agent *agent, unsigned call);
/* What there is to know of a call's, NULL if it has none: for events and status. */
json_t *data_channel_report(const struct agent *agent, unsigned call);
/* The same as a sentence after text, which is taken over; returns the new one. */
json_t *data_channel_sentence_take(const struct agent *agent, unsigned call, json_t *text);
/* The same for a call that is answered: if there is none though one was wanted, why. */
json_t *data_channel_established_take(const struct agent *agent, unsigned call, json_t *text);

#endif
