/* What can be wrong with a message, and the SIP status that says so. */
#ifndef SEKISHO_SHARED_SIP_FAULT_H
#define SEKISHO_SHARED_SIP_FAULT_H

#include "shared/slice.h"

/* id, status (0: never answered), sentence. The first one found counts. */
#define SIP_FAULTS(X)                                                                              \
	X(NONE, 0, "nothing is wrong")                                                             \
	X(EMPTY, 0, "nothing but line ends")                                                       \
	X(TOO_LARGE, 513, "more than 16384 bytes")                                                 \
	X(VIA, 0, "no top Via that can be trusted")                                                \
	X(BARE_LINE_END, 400, "a CR or LF on its own")                                             \
	X(NO_EMPTY_LINE, 400, "no empty line after the headers")                                   \
	X(TOO_MANY_LINES, 400, "more than 256 header lines")                                       \
	X(START_LINE, 400, "a start line that is neither of the two")                              \
	X(METHOD_LENGTH, 400, "a method of more than 32 bytes")                                    \
	X(VERSION, 505, "another SIP version")                                                     \
	X(STATUS, 0, "a status outside 100 to 699")                                                \
	X(REQUEST_URI, 400, "a Request-URI that does not parse or has headers")                    \
	X(HEADER_LINE, 400, "a header line without colon or with a foreign name")                  \
	X(REPEATED, 400, "a header twice that may stand once")                                     \
	X(MISSING, 400, "From, To, Call-ID or CSeq missing")                                       \
	X(TOO_MANY_VIAS, 400, "more than 64 Via entries")                                          \
	X(FROM, 400, "a From that does not parse")                                                 \
	X(TO, 400, "a To that does not parse")                                                     \
	X(CALL_ID, 400, "a Call-ID that is empty or has space in it")                              \
	X(CSEQ, 400, "a CSeq that does not parse")                                                 \
	X(CSEQ_METHOD, 400, "a CSeq for another method")                                           \
	X(MAX_FORWARDS, 400, "a Max-Forwards that is no number up to 255")                         \
	X(CONTENT_LENGTH, 400, "a Content-Length that is no number")                               \
	X(BODY_SHORT, 400, "a Content-Length beyond the datagram")                                 \
	X(URI_SCHEME, 416, "a Request-URI scheme other than sip, sips, tel")                       \
	X(PROXY_REQUIRE, 420, "a Proxy-Require")

enum sip_fault {
#define SIP_FAULT_ENUM(id, status, sentence) SIP_FAULT_##id,
	SIP_FAULTS(SIP_FAULT_ENUM)
#undef SIP_FAULT_ENUM
		SIP_FAULT_COUNT,
};

/* The status of the answer, 0 if there is to be none. */
unsigned sip_fault_status(enum sip_fault fault);

/* The sentence above. */
struct slice sip_fault_text(enum sip_fault fault);

#endif
