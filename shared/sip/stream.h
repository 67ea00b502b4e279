/* A TCP or TLS stream of SIP messages, cut into them (RFC 3261 18.3). */
#ifndef SEKISHO_SHARED_SIP_STREAM_H
#define SEKISHO_SHARED_SIP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/slice.h"

/*
 * What has come and is not yet taken; all zeros: nothing. What was found out of the first message
 * stays while more of it comes: who sends a byte at a time makes nobody read all of it at each.
 */
struct stream {
	size_t len;
	size_t seen;   /* so many bytes hold no end of its head */
	size_t wanted; /* it has so many, 0: not known yet */
	char bytes[LIMIT_SIP_MESSAGE_BYTES];
};

enum stream_verdict {
	STREAM_MESSAGE,
	STREAM_PING, /* CRLF CRLF before a message: its sender wants CRLF (RFC 5626 3.5.1) */
	STREAM_MORE, /* not whole yet */
	STREAM_BAD,  /* no SIP, or longer than may be: nothing that follows can be understood */
};

/* What stands first; message is good until stream_skip, which takes it off. */
enum stream_verdict stream_next(struct stream *stream, struct slice *message);
void stream_skip(struct stream *stream, size_t len);

#endif
