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
#include "shared/slice.h"

struct event_base;
struct peers;

#define PEERS_MAX	   255 /* contract_peer.index is 1..255 */
#define PEERS_PORT	   5061
#define PEER_MAX_DOMAINS   8
#define PEER_MAX_ADDRESSES 8

enum peer_transport {
	PEER_ESP,     /* SIP in ESP, keyed over TLS: a gateway of our own kind */
	PEER_SIP_TLS, /* SIP over TLS: another vendor's proxy */
};

/* One peer as configured. Its strings are whose who made it. */
struct peer_config {
	const char *name;    /* its leg's name: that of all gateways of one domain */
	const char *gateway; /* this one's own, the DNS name in its certificate; NULL: name */
	uint8_t priority;    /* of the gateways of that name the lowest that is up is taken, */
	uint8_t weight;	     /* of equals each so often; 0 is 1 */
	const char *domain[PEER_MAX_DOMAINS]; /* it speaks for; domain_count of them */
	const char *reach[PEER_MAX_DOMAINS];  /* it may reach through us; 0: only our own */
	uint8_t domain_count, reach_count, address_count;
	struct contract_address address[PEER_MAX_ADDRESSES]; /* its SIP addresses, port 5060 */
	struct contract_address connect;		     /* TLS; family 0: it connects to us */
	const char *ca_file;				     /* PEM: who may sign its certificate */
	bool is_trusted, is_transit, is_sibling;
	uint8_t gateway_id; /* a sibling's: who the store says has a name */
	enum peer_transport transport;
	uint8_t suite; /* enum contract_suite of its SAs, which it must have for us, too; 0: the
			  default */
	enum contract_route_security route_security; /* 0: as for everybody */
};

struct peers_config {
	const char *domain; /* ours, the DNS name in our certificate */
	uint32_t gateway_id;
	const char *certificate_file, *key_file; /* PEM */
	struct contract_address listen[2];	 /* TLS, family 0: none; port 0: 5061 */
	uint32_t rekey_s;			 /* a new epoch this often */
	uint32_t hard_s;			 /* SAs live this long at most */
	uint64_t soft_packets,
		soft_bytes; /* a new epoch is due; twice as much ends SAs; 0: no limit */
	uint32_t probe_ms;  /* a peer is asked this often whether it is there; 0: never */
	uint8_t suite;	    /* enum contract_suite of SAs with peers that have none of their own */
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
	void (*peer_delete)(void *ctx, uint32_t index);
	/* A SIP message of our own to go out by this SA. */
	void (*sip_send)(void *ctx, uint32_t index, uint8_t generation, uint8_t port,
			 struct slice message);
	/* A SIP message that a peer sent over TLS, from where, to which address of ours. */
	void (*sip_enter)(void *ctx, uint32_t peer_index, const struct contract_address *source,
			  const struct contract_address *destination, struct slice message);
	/* Take or give back an SA index of the table terminals use too. */
	enum result (*sa_take)(void *ctx, uint32_t *index, uint8_t *generation);
	void (*sa_release)(void *ctx, uint32_t index, uint8_t generation);
	void (*log)(void *ctx, const char *sentence);
	/* The same about whoever connects to us and is nobody we know: as often as he likes. */
	void (*log_stranger)(void *ctx, const char *sentence);
};

/*
 * Load certificates, listen, start connecting. RESULT_BAD: a certificate, key or CA file is
 * unusable, said through out->log; RESULT_IO: cannot listen. What the peers' configurations point
 * to is copied.
 */
enum result peers_create(struct event_base *base, const struct peers_config *config,
			 const struct peers_out *out, struct peers **peers) SEKISHO_MUST_USE;
void peers_destroy(struct peers *peers);

struct peers_plan;

/*
 * Certificate, key, CA files and peers are to be those of config; nothing else of it may differ.
 * The files are read again even if their names are the same: connections from now on use them,
 * those there are stay, and so do SAs. A peer, known by its name, keeps its index; one that is
 * reached in another way than before is begun anew, one that is no longer there ends with its SAs.
 * All that can fail is done here, with the results of peers_create, message telling why; nothing
 * changes yet. peers may be NULL: then the files are tried and that is all.
 */
enum result peers_plan_create(struct peers *peers, const struct peers_config *config, char *message,
			      size_t size, struct peers_plan **plan) SEKISHO_MUST_USE;
/* Do it, or leave it; the plan is gone then. */
void peers_plan_apply(struct peers *peers, struct peers_plan *plan);
void peers_plan_destroy(struct peers_plan *plan);

/* The data plane's answer to HELLO: no link is keyed before it is known how many workers we have.
 */
void peers_welcome(struct peers *peers, const struct contract_welcome *welcome);

/* An SA of a peer that a dump found in a data plane which outlived us: keep using it. */
void peers_adopt_sa(struct peers *peers, const struct contract_sa *sa);

/* A SIP message to a peer over TLS. It is lost if there is no such peer or no connection. */
void peers_sip_leave(struct peers *peers, uint32_t peer_index, struct slice message);

/*
 * A SIP message for ourselves that came by an SA; false: it is none of a peer's. Only answers to
 * our OPTIONS are looked at.
 */
bool peers_sip_received(struct peers *peers, const struct contract_sip_received *received);

/* An SA has been used for half of what it may be: its peer's get fresh keys. Of another's, nothing.
 */
void peers_sa_half_spent(struct peers *peers, uint32_t index, uint8_t generation);

/* The data plane has ended an SA that was spent. Of another's, nothing. */
void peers_sa_gone(struct peers *peers, uint32_t index, uint8_t generation);

/* Tell an empty data plane (another boot id) everything: peers and the live SAs, keys included. */
void peers_refill(struct peers *peers);

/*
 * Put links on fresh keys now (`sekishoctl peer rekey`): those with the gateways of a peer, with
 * one gateway by its own name, or every one (NULL). *begun is how many of them are up: the others
 * get theirs when they connect. RESULT_NOT_FOUND: nobody has that name; RESULT_BAD: whoever has it
 * speaks SIP over TLS, which has no keys of ours.
 */
enum result peers_rekey(struct peers *peers, const char *name, uint32_t *begun) SEKISHO_MUST_USE;

/* The name of the peer with this index; NULL: there is none. */
const char *peers_name(const struct peers *peers, uint32_t peer_index);

/* And back, of several gateways of a name the first; 0: there is none. */
uint32_t peers_index(const struct peers *peers, const char *name);

/* The index of the gateway of this name of its own; 0: there is none. */
uint32_t peers_gateway_index(const struct peers *peers, const char *gateway);

/* For `show peers`: a JSON array, one object a peer; the caller owns it. */
json_t *peers_show(const struct peers *peers);

#endif
