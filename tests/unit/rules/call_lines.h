/* The lines of the example call's messages; opaque values by name. */
#ifndef SEKISHO_TESTS_UNIT_RULES_CALL_LINES_H
#define SEKISHO_TESTS_UNIT_RULES_CALL_LINES_H

#define VIA_T(n) "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bK<t" #n ">;rport\n"
#define VIA_TS(n)                                                                                  \
	"Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bK<t" #n                                \
	">;rport=5060;received=2001:1234::10\n"
#define VIA_U(n) "Via: SIP/2.0/UDP [2001:cdef::10]:5060;branch=z9hG4bK<u" #n ">;rport\n"
#define VIA_US(n)                                                                                  \
	"Via: SIP/2.0/UDP [2001:cdef::10]:5060;branch=z9hG4bK<u" #n                                \
	">;rport=5060;received=2001:cdef::10\n"
#define VIA_A(n, m)                                                                                \
	"Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch=z9hG4bK<a" #n ">;sk=<skA-" m ">\n"
#define VIA_B(n, m)                                                                                \
	"Via: SIP/2.0/UDP [2001:abcd::5060]:5060;branch=z9hG4bK<b" #n ">;sk=<skB-" m ">\n"
#define RR_A  "Record-Route: <sip:<tokenA>@[2001:6789::5060]:5060;lr>\n"
#define RR_B  "Record-Route: <sip:<tokenB>@[2001:abcd::5060]:5060;lr>\n"
#define R_A   "Route: <sip:<tokenA>@[2001:6789::5060]:5060;lr>\n"
#define R_B   "Route: <sip:<tokenB>@[2001:abcd::5060]:5060;lr>\n"
#define RS_1  "Route-Security: [2001:1234::10];level=3\n"
#define RS_2  "Route-Security: [2001:cdef::10];level=3\n"
#define RS_A  "Route-Security: [2001:6789::5060];level=3\n"
#define RS_B  "Route-Security: [2001:abcd::5060];level=3\n"
#define MF(n) "Max-Forwards: " #n "\n"

/* The lines that name the request: from, to (with what follows its URI) and cseq. */
#define LINES(from, to, cseq)                                                                      \
	"From: <sip:" from ">;tag=<a>\nTo: <sip:" to "\nCall-ID: <call>\nCSeq: " cseq "\n"
#define A_TO_B(cseq)	    LINES("user-a@abc.com", "user-b@xyz.com>", cseq)
#define A_TO_B_TAGGED(cseq) LINES("user-a@abc.com", "user-b@xyz.com>;tag=<b>", cseq)
#define CONTACT_1	    "Contact: <sip:user-a@[2001:1234::10]:5060>\n"
#define CONTACT_2	    "Contact: <sip:user-b@[2001:cdef::10]:5060>\n"

#endif
