/*
 * The control plane's end of the contract: finds the data plane, says HELLO, correlates answers,
 * and comes back with a growing patience when the connection is lost.
 */
#ifndef SEKISHO_CONTROLPLANE_CONTRACT_CLIENT_H
#define SEKISHO_CONTROLPLANE_CONTRACT_CLIENT_H

#include <stdbool.h>

#include "controlplane/contract/pending.h"
#include "shared/contract/contract.h"

struct event_base;
struct contract_client;

struct contract_client_events {
	void *ctx;
	/* Connected. The same boot_id as before: the same data plane, with all it had. */
	void (*welcome)(void *ctx, const struct contract_welcome *welcome);
	/* SIP_RECEIVED or EVENT; borrowed. */
	void (*received)(void *ctx, const struct contract_header *message);
	/* A request without a done of its own was refused. */
	void (*refused)(void *ctx, uint16_t id, enum result result);
	/* There is no connection: told when an outage begins, and when one that was made meanwhile ended for another
	 * reason. */
	void (*lost)(void *ctx, const char *reason);
	/* It said what makes no sense, though well formed: why, a constant text. */
	void (*strange)(void *ctx, const char *reason);
};

/* Starts connecting to the socket at path. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result contract_client_create(struct event_base *base, const char *path,
						    uint8_t gateway_id,
						    const struct contract_client_events *events,
						    struct contract_client **client);

/*
 * Let go of the data plane for good: requests that wait are told RESULT_IO, and so is every later
 * one. Before those are destroyed who are to be told.
 */
void contract_client_stop(struct contract_client *client);

/* NULL is none. */
void contract_client_destroy(struct contract_client *client);

/* Has WELCOME come on the present connection? */
bool contract_client_is_up(const struct contract_client *client);

/*
 * Send a copy of a message, its header set but for the request number. done is called once, at once
 * with RESULT_IO if there is no connection; NULL: only a refusal is told, to events.refused.
 */
void contract_client_send(struct contract_client *client, const struct contract_header *message,
			  contract_done *done, void *arg);

/* The same with a descriptor beside it (CONTRACT_POLICY_PUT); it stays the caller's. */
void contract_client_send_descriptor(struct contract_client *client,
				     const struct contract_header *message, int descriptor,
				     contract_done *done, void *arg);

/* A request whose answer is several records and then the answer (DUMP, COUNTERS_GET). */
void contract_client_ask(struct contract_client *client, const struct contract_header *message,
			 contract_record *record, contract_done *done, void *arg);

#endif
