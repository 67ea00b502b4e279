/* A request for tests to look into, edit and answer. */
#ifndef SEKISHO_TESTS_UNIT_SHARED_SIP_REQUEST_H
#define SEKISHO_TESTS_UNIT_SHARED_SIP_REQUEST_H

#include "tests/unit/shared/sip_check.h"

#include "shared/sip/message.h"

#define REQUEST_START "INVITE sip:user-b@xyz.com SIP/2.0\r\n"
#define REQUEST_VIA   "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport\r\n"
#define REQUEST_FROM  "From: <sip:user-a@abc.com>;tag=a1\r\n"
#define REQUEST_TO    "To: <sip:user-b@xyz.com>\r\n"
#define REQUEST_REST                                                                               \
	REQUEST_FROM REQUEST_TO "Call-ID: c1@abc.com\r\n"                                          \
				"CSeq: 1 INVITE\r\n"

/* Parses a request with these lines between Via and From; the text must outlive the message. */
#define REQUEST(lines) REQUEST_START REQUEST_VIA lines REQUEST_REST "\r\n"

static inline void request_parse(const char *text, struct sip_message *out)
{
	if (sip_message_parse(text, strlen(text), out) != SIP_VERDICT_OK)
		fail_msg("does not parse: %s", text);
}

#endif
