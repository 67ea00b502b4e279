/* Requests outside calls that cross the agent: MESSAGE and OPTIONS of clients and to them. */
#ifndef SEKISHO_TERMINAL_UA_OUTSIDE_H
#define SEKISHO_TERMINAL_UA_OUTSIDE_H

#include "terminal/ua/judging.h"
#include "terminal/ua/state.h"

/* A client's goes out, from and to as they leave. */
void outside_carry_out(struct ua *ua, uint64_t now_ms, struct server *server,
		       const struct sip_message *request, struct slice from, struct slice to);
/* One of the other side's goes to a client. */
void outside_carry_in(struct ua *ua, uint64_t now_ms, struct server *server,
		      const struct sip_message *request, const struct phone *phone,
		      const struct judgement *judgement);

#endif
