/* A response of our own to a request (RFC 3261 8.2.6, RFC 3581). */
#ifndef SEKISHO_SHARED_SIP_REPLY_H
#define SEKISHO_SHARED_SIP_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/message.h"
#include "shared/slice.h"
#include "shared/writer.h"

/* What the request does not decide; all zero but status is a plain refusal. */
struct sip_reply {
	uint16_t status;
	struct slice reason;	   /* empty: the usual phrase */
	struct slice to_tag;	   /* for a To without tag; empty: none is added */
	struct sip_address source; /* where the request came from; family 0: Via stays as it is */
	struct slice extra;	   /* whole header lines of the caller's, each with its CRLF */
	struct slice content_type; /* of the body */
	struct slice body;
	size_t body_to_come; /* bytes of it that the caller sends behind what is written */
	bool has_no_route_security; /* a 502 made from a response carries none */
	bool has_record_route;	    /* copy it: 18x and 2xx to what forms a dialog (12.1.1) */
};

/* The phrase of RFC 3261 21 and the registry; of the class if the status has none. */
struct slice sip_reply_phrase(unsigned status);

/*
 * Writes the response to a request with the verdict OK or REFUSE: status line, all Vias (the top
 * one stamped with source), Record-Route where asked, Route-Security as received, From, To (with
 * to_tag if it has none), Call-ID, CSeq, extra, Content-Type and Content-Length, body. What a
 * refused request lacks is left out; bare CR and LF in what it has become spaces. RESULT_SPACE
 * if it does not fit; w holds what was written.
 */
SEKISHO_MUST_USE enum result sip_reply_write(const struct sip_message *request,
					     const struct sip_reply *reply, struct writer *w);

#endif
