/* Responses of ours: written from the request that their transaction keeps, and sent. */
#ifndef SEKISHO_TERMINAL_UA_ANSWERING_H
#define SEKISHO_TERMINAL_UA_ANSWERING_H

#include "terminal/ua/state.h"

/* All zero but status is a plain one with a fresh To tag. */
struct answering {
	unsigned status;
	struct slice reason; /* its phrase; empty: the usual one */
	struct slice to_tag;
	struct slice lines; /* further header lines, each with its CRLF */
	struct slice content_type, body;
	bool is_forming_dialog; /* Record-Route and our Contact are added; party is in it */
	struct slice party;	/* the other side's URI, in a Contact for a client */
};

void ua_respond(struct ua *ua, struct server *server, uint64_t now_ms,
		const struct answering *answering);

/* Nothing but the status. */
void ua_respond_status(struct ua *ua, struct server *server, uint64_t now_ms, unsigned status);

/* The status with the reason for people in a Warning (20.43; code 399, any other warning). */
void ua_refuse(struct ua *ua, struct server *server, uint64_t now_ms, unsigned status,
	       struct slice sentence);

/* "Warning: 399 127.0.0.1:5060 "sentence"", as a client on this flow is told it. */
void ua_write_warning(const struct ua *ua, const struct flow *flow, struct slice sentence,
		      struct writer *w);

/* The Allow line of the console. */
struct slice ua_allow_line(void);

#endif
