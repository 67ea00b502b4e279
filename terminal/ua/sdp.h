/* The session description of our calls: valid, without media, with the data channel. */
#ifndef SEKISHO_TERMINAL_UA_SDP_H
#define SEKISHO_TERMINAL_UA_SDP_H

#include "shared/sip/host.h"
#include "shared/sip/message.h"
#include "shared/writer.h"
#include "terminal/ua/session.h"

#define SDP_CONTENT_TYPE SLICE("application/sdp")

/* Room for a description with the lines of a session. */
#define SDP_BYTES (512 + UA_SESSION_LINES_BYTES)

/*
 * Offer and answer alike (RFC 8866, RFC 3264): one inactive stream from our address. lines are
 * attributes of the session, each with its CRLF.
 */
void sdp_write(const struct sip_address *own, struct slice lines, struct writer *w);

/* The body of a message if it is a session description, else empty. */
struct slice sdp_body(const struct sip_message *message);
/* The same for any media type. */
struct slice sdp_body_of_type(const struct sip_message *message, struct slice type);

#endif
