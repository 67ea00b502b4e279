/* Client transactions (RFC 3261 17.1): requests of ours until they are answered. */
#ifndef SEKISHO_TERMINAL_UA_CLIENT_H
#define SEKISHO_TERMINAL_UA_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/message.h"
#include "terminal/ua/port.h"
#include "terminal/ua/text.h"
#include "terminal/ua/timers.h"

/* At once; one that is over makes room for a new one. */
#define CLIENT_TRANSACTIONS 64

enum client_state {
	CLIENT_FREE,
	CLIENT_CALLING,	   /* no response yet ("Trying" for what is no INVITE) */
	CLIENT_PROCEEDING, /* a provisional one */
	CLIENT_COMPLETED,  /* a final one; retransmissions of it are absorbed */
};

struct client {
	enum client_state state;
	enum sip_method method;
	unsigned purpose;   /* the user agent's own word for why it was sent */
	unsigned number;    /* counts up from 1: which one it is */
	unsigned call;	    /* of which call, counted from 1; 0: of none */
	unsigned asked_by;  /* number of the server transaction whose request it carries, or 0 */
	bool is_cancel_due; /* as soon as there is a response (9.1) */
	struct flow flow;
	struct text request;
	struct text branch;
	struct text ack; /* to a non-2xx final response */
	uint64_t resend_ms, interval_ms, end_ms;
};

struct clients {
	struct client at[CLIENT_TRANSACTIONS];
	unsigned last_number;
};

/*
 * Sends a request (a whole message) and sees to its retransmission; life_ms is how long an answer
 * is waited for (TIMER_LIFE_MS unless there is a reason). RESULT_SPACE, RESULT_MEMORY, RESULT_BAD
 * if it is no request.
 */
SEKISHO_MUST_USE enum result clients_start(struct clients *clients, const struct ua_port *port,
					   uint64_t now_ms, const struct flow *flow,
					   struct slice request, unsigned purpose, uint64_t life_ms,
					   struct client **out);

/* The transaction that a response is for (17.1.3), NULL if there is none. */
struct client *clients_find(struct clients *clients, const struct sip_message *response);
/* By its number, NULL if it is over. */
struct client *clients_get(struct clients *clients, unsigned number);

enum client_verdict {
	CLIENT_REPEATED, /* seen before, and acknowledged again where that is due */
	CLIENT_NEW,	 /* for the user agent */
};

/* Moves it on by its response. A non-2xx to INVITE is acknowledged here, a 2xx is not. */
enum client_verdict client_receive(struct client *client, const struct ua_port *port,
				   uint64_t now_ms, const struct sip_message *response);

/*
 * Does what is due; returns a transaction that was never answered (still in its last state; the
 * caller calls client_end and asks again), NULL if there is none.
 */
struct client *clients_tick(struct clients *clients, const struct ua_port *port, uint64_t now_ms);
uint64_t clients_deadline(const struct clients *clients);

void client_end(struct client *client);
void clients_end(struct clients *clients);

#endif
