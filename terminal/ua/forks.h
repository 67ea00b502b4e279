/*
 * The dialogs that one INVITE makes when it forks (RFC 3261 12.1, 13.2.2.4): each terminal that
 * rings has an early one of its own, told apart by its To tag. One of them is in use, the others
 * are kept beside it; whoever answers first has the call.
 */
#ifndef SEKISHO_TERMINAL_UA_FORKS_H
#define SEKISHO_TERMINAL_UA_FORKS_H

#include "terminal/ua/exchange.h"

/*
 * Makes the dialog of who answers with this To tag the one in use, a new one if there is none yet.
 * With UA_FORKS kept already the one that was put aside longest ago is forgotten. False without
 * memory.
 */
bool forks_enter(struct ua *ua, struct call *call, enum ua_way way, struct slice tag);

/* Is a request of this way within one of those kept? Then it is the one in use from now on. */
bool forks_enter_of_request(struct ua *ua, struct call *call, enum ua_way way,
			    const struct sip_message *request);

/* One has answered: the others are no more. */
void forks_forget(struct call *call);

#endif
