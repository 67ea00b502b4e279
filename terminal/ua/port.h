/* What the user agent asks of whoever runs it: to send, and to be told. */
#ifndef SEKISHO_TERMINAL_UA_PORT_H
#define SEKISHO_TERMINAL_UA_PORT_H

#include "shared/slice.h"
#include "terminal/ua/flow.h"

struct ua_event;

struct ua_port {
	void *context;
	/* A SIP message for the gateway, through the channel, or for a local client. It may be
	 * lost. */
	void (*send)(void *context, const struct flow *flow, struct slice message);
	/* Something has happened; all of the event is borrowed. */
	void (*tell)(void *context, const struct ua_event *event);
};

#endif
