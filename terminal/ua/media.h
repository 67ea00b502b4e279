/* What the user agent asks of whoever carries the media of local clients: their descriptions. */
#ifndef SEKISHO_TERMINAL_UA_MEDIA_H
#define SEKISHO_TERMINAL_UA_MEDIA_H

#include <stdbool.h>

#include "shared/slice.h"
#include "shared/writer.h"

enum ua_way {
	UA_OUTWARD, /* from the user to the other side */
	UA_INWARD,
	UA_WAYS,
};

struct ua_media {
	void *context;
	/*
	 * A description (RFC 8866) that crosses in a call of a local client: written as the other
	 * side of the agent is to read it, with addresses and ports where the agent takes the
	 * media. family is that of the client's loopback, 4 or 6. False if it does not parse or
	 * there is no room for its streams.
	 */
	bool (*carry)(void *context, unsigned call, enum ua_way way, unsigned family,
		      struct slice sdp, struct writer *out);
	/*
	 * Is what the other side was told not the way (any more), because there is no data channel
	 * or our address has changed? If so the next description carried outward says the new one.
	 */
	bool (*is_astray)(void *context, unsigned call);
	/* No such call any more; also after a call that never was. */
	void (*ended)(void *context, unsigned call);
};

#endif
