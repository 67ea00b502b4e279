/*
 * The other gateways: a mutually authenticated TLS 1.3 connection to each (docs/protocol.md 5), the
 * ESP SAs keyed over it, and what the data plane must know of each peer (P15). TLS
 * writes to sockets that may be closed: the process must ignore SIGPIPE.
 */
#ifndef SEKISHO_CONTROLPLANE_PEERS_PEERS_H
#define SEKISHO_CONTROLPLANE_PEERS_PEERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/contract/contract.h"
#include "shared/result.h"

struct event_base;
struct peers;

#define PEERS_MAX	   255 /* contract_peer.index is 1..255 */
#define PEERS_PORT	   5061
#define PEER_MAX_DOMAINS   8
#define PEER_MAX_ADDRESSES 8

/* One peer as configured. Strings are owned by whoever made the configuration. */
struct peer_config {
	const char *name; /* its leg's name and the DNS name in its certificate */
	const char *domain[PEER_MAX_DOMAINS]; /* it speaks for; domain_count of them */
	const char *reach[PEER_MAX_DOMAINS];  /* it may reach through us; 0: only our own */
	uint8_t domain_count, reach_count, address_count;
	struct contract_address address[PEER_MAX_ADDRESSES]; /* its SIP addresses, port 5060 */
	struct contract_address connect;		     /* TLS; family 0: it connects to us */
	const char *ca_file;				     /* PEM: who may sign its certificate */
	bool is_trusted, is_transit, is_sibling;
	uint8_t gateway_id; /* a sibling's: who the store says has a name */
};

struct peers_config {
	const char *domain; /* ours, the DNS name in our certificate */
	uint32_t gateway_id;
	const char *certificate_file, *key_file; /* PEM */
	struct contract_address listen[2];	 /* TLS, family 0: none; port 0: 5061 */
	uint32_t rekey_s;			 /* a new epoch this often */
	uint32_t hard_s;			 /* SAs live this long at most */
	uint8_t suite;				 /* enum contract_suite, a GCM one */
	const struct peer_config *peer;
	uint32_t peer_count;
};

typedef void peers_done(void *arg, enum result result);

/* What peers ask of the rest of the control plane. `done` is called once, later or at once. */
struct peers_out {
	void *ctx;
	void (*sa_put)(void *ctx, const struct contract_sa *sa, peers_done *done, void *arg);
	void (*sa_delete)(void *ctx, uint32_t index, uint8_t generation);
	void (*peer_put)(void *ctx, const struct contract_peer *peer);
	/* Take or give back an SA index of the table terminals use too. */
	enum result (*sa_take)(void *ctx, uint32_t *index, uint8_t *generation);
	void (*sa_release)(void *ctx, uint32_t index, uint8_t generation);
	void (*log)(void *ctx, const char *sentence);
};

/*
 * Load certificates, listen, start connecting. RESULT_BAD: a certificate, key or CA file is
 *unusable , said through out->log; RESULT_IO: cannot listen.
 */
enum result peers_create(struct event_base *base, const struct peers_config *config,
			 const struct peers_out *out, struct peers **peers) SEKISHO_MUST_USE;
void peers_destroy(struct peers *peers);

/* The data plane's answer to HELLO: no link is keyed before it is known how many workers we have.
 */
void peers_welcome(struct peers *peers, const struct contract_welcome *welcome);

/* An SA of a peer that a dump found in a data plane which outlived us: keep using it. */
void peers_adopt_sa(struct peers *peers, const struct contract_sa *sa);

/* Tell an empty data plane (another boot id) everything: peers and the live SAs, keys included. */
void peers_refill(struct peers *peers);

/* Put every link on fresh keys now (`sekishoctl peer rekey`). */
void peers_rekey(struct peers *peers);

/* For `show peers`: a JSON array, one object a peer; the caller owns it. */
json_t *peers_show(const struct peers *peers);

#endif
