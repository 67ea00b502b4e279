/* Writes a request of ours, its lines in the order of the example call. */
#ifndef SEKISHO_TERMINAL_UA_REQUEST_H
#define SEKISHO_TERMINAL_UA_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sip/host.h"
#include "shared/sip/message.h"
#include "shared/slice.h"
#include "shared/writer.h"

/* Lines are whole header lines, each with its CRLF; what is empty is left out. */
struct request {
	struct slice method;
	struct slice uri;
	struct sip_address via; /* with port: where the answer is to come to */
	bool is_tcp;		/* how it is sent */
	uint8_t max_forwards;
	struct slice branch;
	struct slice route_lines;
	struct slice route_security_lines;
	struct slice from_display; /* as written before the URI, quotes included */
	struct slice from;	   /* URI */
	struct slice from_tag;
	struct slice to; /* URI */
	struct slice to_tag;
	struct slice call_id;
	uint32_t cseq;
	struct slice contact; /* value */
	struct slice extra_lines;
	struct slice content_type;
	struct slice body;
};

void request_write(const struct request *request, struct writer *w);

/*
 * The ACK to a non-2xx response (RFC 3261 17.1.1.3): its To is to, a value. The CANCEL (9.1): its
 * To is the INVITE's. Both carry the INVITE's Via, Route and Route-Security lines.
 */
void request_write_ack(const struct sip_message *invite, struct slice to, struct writer *w);
void request_write_cancel(const struct sip_message *invite, struct writer *w);

#endif
