/*
 * A user agent on a bench with both of its sides scripted: user-a@abc.com of the example call, and
 * a SIP client of his at 127.0.0.1:5070. What goes to the client is in bench->rung.
 */
#ifndef SEKISHO_TESTS_UNIT_TERMINAL_PHONE_BENCH_H
#define SEKISHO_TESTS_UNIT_TERMINAL_PHONE_BENCH_H

#include "tests/unit/terminal/ua_bench.h"

#define OWN_SERIES "Route-Security: [2001:1234::10];level=3\n"
#define WHOLE_SERIES                                                                               \
	"Route-Security: [2001:abcd::5060];level=3\n"                                              \
	"Route-Security: [2001:6789::5060];level=3\n" OWN_SERIES
#define THEIR_SERIES                                                                               \
	"Route-Security: [2001:6789::5060];level=3\n"                                              \
	"Route-Security: [2001:abcd::5060];level=3\n"                                              \
	"Route-Security: [2001:cdef::10];level=3\n"
#define TOKENS                                                                                     \
	"Record-Route: <sip:tokenB@[2001:abcd::5060]:5060;lr>\n"                                   \
	"Record-Route: <sip:tokenA@[2001:6789::5060]:5060;lr>\n"
#define SOME_SDP                                                                                   \
	"Content-Type: application/sdp\nContent-Length: 90\n\n"                                    \
	"v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"                          \
	"m=audio 6000 RTP/AVP 0\n"
#define NO_BODY "Content-Length: 0\n\n"

/* Attached, with local addresses; is_warning: what the policy finds wrong is let pass. */
void phone_bench_make(struct bench *bench, bool is_warning);

/* The client says something, by UDP; line ends become CRLF. */
void phone_says(struct bench *bench, const char *text);
void phone_registers(struct bench *bench);

/* The client calls user-b with lines and body; then the 100 is forgotten. */
void phone_calls(struct bench *bench, const char *lines_and_body);

/* What the agent sent last to the gateway, or to the client, of requests, is answered. */
void gateway_answers(struct bench *bench, const char *status, const char *series,
		     const char *to_tag, const char *lines_and_body);
void phone_answers(struct bench *bench, const char *status, const char *to_tag,
		   const char *lines_and_body);

/* A request of user-b's; tag is in To, empty for none. */
void gateway_asks(struct bench *bench, const char *method, const char *branch, unsigned cseq,
		  const char *tag, const char *lines_and_body);
/* A request of the client's within the call that it began, or that began with user-b's. */
void phone_asks(struct bench *bench, const char *method, const char *branch, unsigned cseq,
		bool is_caller, const char *lines_and_body);

/* A call of the client's that is answered and acknowledged; nothing of it is kept in the bench. */
void phone_call_established(struct bench *bench);
/* A call to the client, likewise. */
void phone_called_established(struct bench *bench);

const char *phone_last(const struct bench *bench);

#endif
