/*
 * The data plane's end of the contract: a Unix SOCK_SEQPACKET socket, mode 0600, one client at a
 * time, of our own uid or root. Each request goes to the handler of its id and is answered. Control
 * lcore only; nothing here waits.
 */
#ifndef SEKISHO_DATAPLANE_INBOX_H
#define SEKISHO_DATAPLANE_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dataplane/counters.h"
#include "dataplane/worker.h"
#include "shared/contract/contract.h"
#include "shared/result.h"

struct inbox;
struct rte_mbuf;
struct sa_leaving;

/* Told of an SA that was put or deleted at once; one that was put again was deleted before. */
typedef void inbox_sa_told(void *context, const struct contract_sa *sa);

struct inbox_config {
	const char *path;
	const struct tables *tables;
	struct worker *const *workers;
	unsigned worker_count;
	uint32_t sa_capacity;
	uint32_t binding_capacity;
	atomic_bool *has_client; /* set while one has said hello */
	const struct counters *counters;
	struct control_counts *counts;
	struct sa_leaving *leaving;
	inbox_sa_told *sa_put;
	inbox_sa_told *sa_deleted;
	void *context;
};

/*
 * Listen at path; a socket that an earlier process left there goes, one that somebody listens at
 * stays. RESULT_OK, RESULT_EXISTS (taken), RESULT_IO (errno), RESULT_MEMORY.
 */
enum result inbox_create(const struct inbox_config *config, struct inbox **inbox) SEKISHO_MUST_USE;
void inbox_destroy(struct inbox *inbox);

/* To be polled: the listening socket and the client's (-1: none), for `events`. */
int inbox_listen_fd(const struct inbox *inbox);
int inbox_client_fd(const struct inbox *inbox);
short inbox_client_events(const struct inbox *inbox);

/* A client connects: taken, or sent away if there is one already or it is somebody else's. */
void inbox_accept(struct inbox *inbox);

/*
 * The client can be read from or written to. Takes a bounded number of requests; answers go out
 * together.
 */
void inbox_serve(struct inbox *inbox);

/*
 * Do requests wait that poll() may not tell of? While a worker has no room for more to send they are not
 * taken: inbox_serve() is to be called again in a moment.
 */
bool inbox_is_held_up(const struct inbox *inbox);

/* May something unasked be sent now? While not, what waits stays where it is. */
bool inbox_is_open(const struct inbox *inbox);

/*
 * Hand a SIP message for it or for a peer over TLS (an mbuf with its note, stays the caller's), or
 * an event, to the control plane: it goes with the next inbox_flush(), or when a packet is full.
 * RESULT_OK, or RESULT_IO: it was not taken.
 */
enum result inbox_sip_received(struct inbox *inbox, struct rte_mbuf *mbuf) SEKISHO_MUST_USE;
enum result inbox_event(struct inbox *inbox, struct contract_event *event) SEKISHO_MUST_USE;

/* What was handed over goes out now. */
void inbox_flush(struct inbox *inbox);

#endif
