/* The first line of a message: a request line or a status line (RFC 3261 7.1, 7.2). */
#ifndef SEKISHO_SHARED_SIP_START_LINE_H
#define SEKISHO_SHARED_SIP_START_LINE_H

#include "shared/sip/message.h"

/*
 * Sets is_request, and of a request method, method_name, uri and version, of a response version,
 * status and reason. Exactly one space between the parts, none at the ends. Returns the first
 * fault; is_request is set in any case: what does not start with "SIP/" is meant as a request.
 * last: see plain.h, the line being a value of the message; NULL: not by vectors.
 */
enum sip_fault sip_start_line_parse(struct slice line, const char *last, struct sip_message *out);

#endif
