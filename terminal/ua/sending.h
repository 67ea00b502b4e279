/* Requests of ours: what all of them have, filled in; then written and sent. */
#ifndef SEKISHO_TERMINAL_UA_SENDING_H
#define SEKISHO_TERMINAL_UA_SENDING_H

#include "terminal/ua/request.h"
#include "terminal/ua/state.h"

/* A request in the making; its slices point into the buffers beside it: never copied. */
struct sending {
	struct flow flow;
	struct request request;
	char branch[7 + UA_TOKEN_CHARS];
	char tag[UA_TOKEN_CHARS];
	char call_id[UA_TOKEN_CHARS];
	char series[SIP_ROUTE_SECURITY_LINE_CHARS];
	char contact[LIMIT_CONTACT_BYTES];
	char to[LIMIT_AOR_BYTES + 4];
};

/*
 * Via, a fresh branch, tag and Call-ID, our From, CSeq 1, Max-Forwards 70; through the channel also
 * our Route-Security entry.
 */
void sending_begin(struct ua *ua, const struct flow *flow, struct sending *sending,
		   struct slice method);

/*
 * Our Contact: <sip:user-a@[2001:1234::10]:5060> through the channel; to a client it is the name
 * of the other side, for all that concerns him comes by our Record-Route.
 */
void sending_add_contact(struct ua *ua, struct sending *sending, struct slice party);

/*
 * To and Request-URI from what a user types: a URI, or an AOR to which "sip:" is added. RESULT_BAD
 * if it does not parse.
 */
SEKISHO_MUST_USE enum result sending_address(struct sending *sending, struct slice to);

void sending_forge(struct sending *sending, const struct ua_forgery *forgery);

/* Begins the transaction on the flow's side; out may be NULL. */
SEKISHO_MUST_USE enum result sending_start(struct ua *ua, uint64_t now_ms,
					   const struct sending *sending, enum purpose purpose,
					   uint64_t life_ms, struct client **out);

/* Sends what has no transaction: an ACK to a 2xx, kept in copy. False if it is too long. */
bool sending_send(struct ua *ua, const struct sending *sending, struct text *copy);

/* Writes our Contact's value; party as in sending_add_contact. */
void sending_write_contact(const struct ua *ua, const struct flow *flow, struct slice party,
			   struct writer *w);

/* Record-Route that brings a client's later requests back to us. */
void sending_write_record_route(const struct ua *ua, const struct flow *flow, struct writer *w);

/* The side of the agent that a flow belongs to. */
struct side *ua_side(struct ua *ua, const struct flow *flow);

#endif
