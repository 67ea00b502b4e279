/* Requests of ours: what all of them have, filled in; then written and sent. */
#ifndef SEKISHO_TERMINAL_UA_SENDING_H
#define SEKISHO_TERMINAL_UA_SENDING_H

#include "terminal/ua/request.h"
#include "terminal/ua/state.h"

/* A request in the making; its slices point into the buffers beside it: never copied. */
struct sending {
	struct request request;
	char branch[7 + UA_TOKEN_CHARS];
	char tag[UA_TOKEN_CHARS];
	char call_id[UA_TOKEN_CHARS];
	char series[SIP_ROUTE_SECURITY_LINE_CHARS];
	char contact[LIMIT_CONTACT_BYTES];
	char to[LIMIT_AOR_BYTES + 4];
};

/* Via, a fresh branch, tag and Call-ID, our From, our Route-Security entry, CSeq 1. */
void sending_begin(struct ua *ua, struct sending *sending, struct slice method);

/* Our Contact: <sip:user-a@[2001:1234::10]:5060>. */
void sending_add_contact(struct ua *ua, struct sending *sending);

/*
 * To and Request-URI from what a user types: a URI, or an AOR to which "sip:" is added. RESULT_BAD
 * if it does not parse.
 */
SEKISHO_MUST_USE enum result sending_address(struct sending *sending, struct slice to);

void sending_forge(struct sending *sending, const struct ua_forgery *forgery);

/* Begins the transaction; out may be NULL. */
SEKISHO_MUST_USE enum result sending_start(struct ua *ua, uint64_t now_ms,
					   const struct sending *sending, enum purpose purpose,
					   uint64_t life_ms, struct client **out);

/* Writes our Contact's value. */
void sending_write_contact(const struct ua *ua, struct writer *w);

#endif
