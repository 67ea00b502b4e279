/* Requests and responses that cross the agent: what of them passes, and how it is written anew. */
#ifndef SEKISHO_TERMINAL_UA_CARRYING_H
#define SEKISHO_TERMINAL_UA_CARRYING_H

#include "terminal/ua/judging.h"
#include "terminal/ua/sending.h"

/* The further lines of a message in the making: too long for the stack of a struct sending. */
struct carried {
	struct writer lines;
	char buffer[LIMIT_SIP_MESSAGE_BYTES];
};

/* Header lines that are not the agent's own business, in their order. */
void carry_lines(const struct sip_message *message, struct writer *w);

/*
 * Copies them into carried; judgement, if there is one (of what goes to a client), is written
 * before them, party being the other side.
 */
void carried_make(const struct ua *ua, const struct sip_message *message,
		  const struct judgement *judgement, struct slice party, bool is_ours,
		  struct carried *out);

/* The To tag, From's display name and Max-Forwards of a request in another. */
void carry_origin(const struct sip_message *message, struct request *out);

/*
 * A response answers the server transaction that asked. lines are those of the data channel for its
 * description. False, and nothing is sent, if it cannot be carried.
 */
bool carry_response(struct ua *ua, uint64_t now_ms, struct call *call, enum ua_way way,
		    struct server *server, const struct sip_message *response,
		    const struct judgement *judgement, struct slice lines);

/*
 * A request, not INVITE, that stays within a call goes to its other side; way is its own.
 * RESULT_BAD if its body cannot be carried; else as clients_start.
 */
SEKISHO_MUST_USE enum result carry_request(struct ua *ua, uint64_t now_ms, struct call *call,
					   enum ua_way way, struct server *server,
					   const struct sip_message *request,
					   const struct judgement *judgement);

/* The transaction that asked for what client carries, NULL if it is over. */
struct server *carrying_server(struct ua *ua, const struct client *client);

#endif
