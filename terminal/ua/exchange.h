/* An INVITE that crosses the agent, first or later: from side to side, and its ACK after it. */
#ifndef SEKISHO_TERMINAL_UA_EXCHANGE_H
#define SEKISHO_TERMINAL_UA_EXCHANGE_H

#include "terminal/ua/body.h"
#include "terminal/ua/call.h"
#include "terminal/ua/carrying.h"

/* The dialog on the side that is asked, and on the one that asks. */
static inline struct dialog *exchange_asked_dialog(struct call *call, enum ua_way way)
{
	return way == UA_OUTWARD ? &call->outer : &call->inner;
}

static inline struct dialog *exchange_asking_dialog(struct call *call, enum ua_way way)
{
	return way == UA_OUTWARD ? &call->inner : &call->outer;
}

/* The flow to the side that is asked. */
struct flow exchange_flow(const struct call *call, enum ua_way way);

/* The transaction that asked, NULL if the console did, or it is over. */
struct server *exchange_server(struct ua *ua, const struct call *call, enum ua_way way);

/* Notes who asks; server is NULL for the console. */
void exchange_begin(struct call *call, enum ua_way way, const struct server *server, uint32_t cseq);

/* The INVITE goes to the other side. */
SEKISHO_MUST_USE enum result exchange_send(struct ua *ua, uint64_t now_ms, struct call *call,
					   enum ua_way way, const struct sending *sending);

/*
 * What is carried of the INVITE of a client or the other side, written into the three; to and from,
 * dialog and Contact are the caller's to write. lines are of the data channel.
 */
SEKISHO_MUST_USE enum result exchange_fill(struct ua *ua, struct call *call, enum ua_way way,
					   const struct sip_message *invite,
					   const struct judgement *judgement, struct slice lines,
					   struct sending *sending, struct carried *carried,
					   struct body *body);

/* Acknowledges a 2xx of the side that was asked. False if that cannot be. The exchange is over. */
bool exchange_acknowledge(struct ua *ua, struct call *call, enum ua_way way, struct slice type,
			  struct slice body);

/*
 * If media are astray, tells the other side by an INVITE of ours, with the client's description as
 * it is and our new addresses; the client hears nothing of it. Later, if an INVITE is under way.
 */
void exchange_reoffer(struct ua *ua, uint64_t now_ms, struct call *call);

/* An INVITE within the call. */
void exchange_on_later_invite(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
			      struct server *server, const struct sip_message *invite,
			      const struct judgement *judgement);
void exchange_on_later_response(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
				const struct sip_message *response,
				const struct judgement *judgement);

#endif
