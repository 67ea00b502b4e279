/* Server transactions (RFC 3261 17.2): requests of others until our answer has arrived. */
#ifndef SEKISHO_TERMINAL_UA_SERVER_H
#define SEKISHO_TERMINAL_UA_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/message.h"
#include "terminal/ua/port.h"
#include "terminal/ua/text.h"
#include "terminal/ua/timers.h"

/*
 * At once; one that is answered makes room for a new one, and with all in use a request is not looked
 * at and comes again.
 */
#define SERVER_TRANSACTIONS 64

enum server_state {
	SERVER_FREE,
	SERVER_TRYING,	  /* nothing sent */
	SERVER_RINGING,	  /* a provisional response sent */
	SERVER_COMPLETED, /* a final one; to an INVITE it is sent again until the ACK */
	SERVER_ACCEPTED,  /* a 2xx to an INVITE, sent again until the ACK (13.3.1.4) */
	SERVER_CONFIRMED, /* the ACK is there */
};

struct server {
	enum server_state state;
	enum sip_method method;
	unsigned number;     /* counts up from 1: which one it is */
	unsigned carried_by; /* number of the client transaction on the other side, or 0 */
	struct flow flow;
	struct text request;
	struct text branch;
	struct text sent_by;
	struct text response; /* the last one */
	uint64_t resend_ms, interval_ms, end_ms;
};

struct servers {
	struct server at[SERVER_TRANSACTIONS];
	unsigned last_number;
};

/* The transaction of a request (17.2.3; an ACK's is its INVITE's), NULL if it has none. */
struct server *servers_find(struct servers *servers, const struct sip_message *request);
/* The INVITE that a CANCEL is for (9.2). */
struct server *servers_find_cancelled(struct servers *servers, const struct sip_message *cancel);

/* For a new request: RESULT_SPACE, RESULT_MEMORY. */
SEKISHO_MUST_USE enum result servers_start(struct servers *servers, uint64_t now_ms,
					   const struct flow *flow,
					   const struct sip_message *request, struct server **out);

/* By its number, NULL if it is over. */
struct server *servers_get(struct servers *servers, unsigned number);

/* Sends a response and keeps it for retransmissions; status is its status. */
void server_respond(struct server *server, const struct ua_port *port, uint64_t now_ms,
		    unsigned status, struct slice response);

/* The request came again: the last response goes again. */
void server_repeat(struct server *server, const struct ua_port *port);

/* The ACK came: no more retransmissions. */
void server_confirm(struct server *server, uint64_t now_ms);

/*
 * Does what is due; returns an accepted INVITE whose ACK never came (the caller calls server_end
 * and asks again), NULL if there is none.
 */
struct server *servers_tick(struct servers *servers, const struct ua_port *port, uint64_t now_ms);
uint64_t servers_deadline(const struct servers *servers);

void server_end(struct server *server);
void servers_end(struct servers *servers);

#endif
