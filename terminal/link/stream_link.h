/* A TCP connection to the gateway, for the length of one key exchange (docs/protocol.md 1.13). */
#ifndef SEKISHO_TERMINAL_LINK_STREAM_LINK_H
#define SEKISHO_TERMINAL_LINK_STREAM_LINK_H

#include <poll.h>

#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/sip/stream.h"
#include "shared/slice.h"

struct stream_link {
	int fd; /* -1: none */
	struct sip_address to;
	size_t out_len, out_sent;
	size_t taken; /* bytes of the message given out last */
	char out[LIMIT_SIP_MESSAGE_BYTES];
	struct stream in;
};

void stream_link_init(struct stream_link *link);
void stream_link_close(struct stream_link *link);

/*
 * Sends a copy, by the connection there is or a new one from own to the gateway's SIP port; it goes as
 * soon as it can. RESULT_IO: there is no way; RESULT_SPACE: the one before has not gone yet.
 */
SEKISHO_MUST_USE enum result stream_link_send(struct stream_link *link,
					      const struct sip_address *own,
					      const struct sip_address *to, struct slice message);

/* What to poll for; fd -1: nothing. */
struct pollfd stream_link_poll(const struct stream_link *link);

/* Takes what poll() found: sends and receives. A connection that has ended is closed. */
void stream_link_turn(struct stream_link *link, short revents);

/* The next message that has come, good until the next call; false: none. */
bool stream_link_next(struct stream_link *link, struct slice *message);

#endif
