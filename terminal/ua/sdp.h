/* Session descriptions: the console's own, without media; and what of others' is edited here. */
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

/*
 * Copies a description with lines (each with its CRLF) put before its first medium, and without any
 * of the data channel's that stood in it: those are for the agents only.
 */
void sdp_edit(struct slice sdp, struct slice lines, struct writer *w);

/* The next line of a description with its line end, taken off rest; false at the end. */
bool sdp_next_line(struct slice *rest, struct slice *line);

/* The body of a message if it is a session description in clear, else empty. */
struct slice sdp_body(const struct sip_message *message);
/* The same for any media type. */
struct slice sdp_body_of_type(const struct sip_message *message, struct slice type);

#endif
