/* The inside of a tunnel, for its own files only. */
#ifndef SEKISHO_TERMINAL_CHANNEL_TUNNEL_STATE_H
#define SEKISHO_TERMINAL_CHANNEL_TUNNEL_STATE_H

#include "terminal/channel/path.h"
#include "terminal/channel/search.h"
#include "terminal/channel/tunnel.h"

/*
 * Each renewal has the caller send under the new keys at once, for the callee had them first; the
 * callee does so when he has heard him. So whatever is sent finds keys that open it.
 */
struct tunnel {
	struct tunnel_port port;
	struct overlay own, peer;
	struct search search; /* until it is over nothing but its own is sent */
	struct path path;     /* from then on */
	const struct esp_suite *suite;
	struct renewal renewal;
	struct esp_outbound *out;
	struct esp_outbound *next_out; /* the callee's, until the caller is heard under next_in */
	struct esp_inbound *in;
	struct esp_inbound *next_in; /* nothing has come under it yet */
	struct esp_inbound *old_in;  /* before in; until old_ms */
	uint64_t old_ms;
	uint64_t begun_ms, heard_ms, said_ms;
	uint64_t moved_ms; /* when our own address changed last */
	uint64_t counters[TUNNEL_COUNTER_COUNT];
};

/* tunnel.c */
/* A few bytes of the tunnel's own, to where the other side is or, of a question, may be. */
void tunnel_say(struct tunnel *tunnel, uint64_t now_ms, const struct sip_address *to,
		uint8_t next_header, const uint8_t *bytes, size_t len);
/* Nothing but that we are there. */
void tunnel_say_dummy(struct tunnel *tunnel, uint64_t now_ms);
/* What the search has chosen is the way from now on. */
void tunnel_settle_path(struct tunnel *tunnel);

/* tunnel_keys.c */
/* The SA that receives under an SPI; NULL if it is not ours. */
struct esp_inbound *tunnel_find_in(const struct tunnel *tunnel, uint32_t spi);
/* Are there only the newest keys, used by both sides? Else others would be too soon. */
bool tunnel_is_settled(const struct tunnel *tunnel);
/* The other side's first packet under the new keys: it has them, and sends no more under the old.
 */
void tunnel_settle(struct tunnel *tunnel, uint64_t now_ms);
/* What the other side says of the keys. */
void tunnel_take_renewal(struct tunnel *tunnel, uint64_t now_ms, const struct esp_opened *opened);
/* The old keys go, and new ones are asked for, when it is time to. */
void tunnel_tend_keys(struct tunnel *tunnel, uint64_t now_ms);

#endif
