/*
 * What the registrar remembers: a subscriber has SAs and bindings; a binding is one terminal,
 * reached by one of the SAs, and has registered identities; an identity knows its bindings.
 */
#ifndef SEKISHO_CONTROLPLANE_REGISTRAR_REGISTRAR_STATE_H
#define SEKISHO_CONTROLPLANE_REGISTRAR_REGISTRAR_STATE_H

#include "controlplane/registrar/name_map.h"
#include "controlplane/registrar/registrar.h"
#include "controlplane/registrar/timers.h"
#include "shared/keyexchange/kdf.h"

/* SAs that one subscriber may hold at once; a new one ends the oldest that is least of use. */
#define REGISTRAR_SAS_PER_SUBSCRIBER 32

#define REGISTRAR_INSTANCE_BYTES 128

enum { TIMER_ATTACHMENT = 1, TIMER_BINDING };

struct binding;

/* Made with the first SA, gone with the last. */
struct subscriber {
	struct name_node node;		/* its id */
	struct attachment *attachments; /* newest first */
	uint32_t count;
	char id[LIMIT_AOR_BYTES + 1];
};

/* A terminal's SA. */
struct attachment {
	struct timer timer; /* the earliest of what may end it */
	struct contract_sa sa;
	struct subscriber *subscriber;
	struct attachment *next, *previous; /* of the subscriber */
	struct attachment *next_ending;
	struct binding *binding; /* the terminal it belongs to; NULL: not registered */
	uint64_t made_s;
	uint64_t ends_s; /* if not registered, unused or replaced; 0: no such end */
	bool has_keys;	 /* not if the dump it is restored from had none */
	bool is_static;	 /* a load test's: put as a new one each time */
	bool is_ending;	 /* SA_DELETE goes out with the next settle */
};

/* One identity that a terminal has registered. */
struct registration {
	struct identity *identity;
	uint64_t registered_s, expires_s;
	uint32_t cseq;
	uint16_t q_thousandths;
	bool has_order; /* call_id_hash and cseq are known */
	uint8_t call_id_hash[KDF_HASH_BYTES];
};

struct binding {
	struct timer timer;    /* the earliest expiry of its registrations */
	struct name_node node; /* key */
	uint32_t index;
	uint16_t generation;
	uint32_t name; /* docs/protocol.md 3.2 */
	struct attachment *attachment;
	uint8_t registration_count;
	struct registration registrations[LIMIT_BINDING_IDENTITIES];
	char contact[LIMIT_CONTACT_BYTES + 1];
	char instance[REGISTRAR_INSTANCE_BYTES + 1]; /* without quotes; empty: not known */
	size_t key_len;
	char key[4 + LIMIT_AOR_BYTES]; /* name and subscriber id */
};

struct identity {
	struct name_node node;	       /* its canonical AOR */
	struct contract_identity told; /* what the data plane was told last */
	uint8_t binding_count;
	struct binding *bindings[REGISTRAR_BINDINGS_PER_IDENTITY];
	struct binding *primary;
};

/* A binding's place; those that are free stand in a list, the longest free first. */
struct binding_place {
	struct binding *binding;
	uint32_t next; /* free ones */
	uint16_t generation;
};

struct registrar {
	char domains[EXCHANGE_DOMAINS_MAX][LIMIT_DOMAIN_BYTES];
	size_t domain_len[EXCHANGE_DOMAINS_MAX];
	size_t domain_count;
	uint32_t sa_capacity, binding_capacity;
	uint32_t expires_min_s, expires_default_s, expires_max_s;
	uint32_t attach_s, linger_s;
	uint64_t hard_packets, hard_bytes;
	struct exchange_store store;
	struct inner_pool *inner_pool;
	struct registrar_out out;

	struct attachment **attachments;      /* by SA index */
	struct binding_place *binding_places; /* by binding index */
	uint32_t first_free, last_free;	      /* binding places, 0: none */
	uint32_t sa_count, binding_count;
	struct name_map subscribers, bindings, identities;
	struct timers timers;
	struct attachment *ending;
};

/* A load test's terminal that has no SA and speaks in the clear: the place of one is all it takes. */
static inline bool attachment_is_clear(const struct attachment *a)
{
	return a->sa.directions == 0;
}

/* registrar.c */
struct attachment *registrar_find(const struct registrar *r, uint32_t index, uint8_t generation);

/* attachments.c: what becomes of SAs. */

/* Reserves all it may need first: RESULT_MEMORY or RESULT_EXISTS with nothing changed. */
SEKISHO_MUST_USE enum result attachment_create(struct registrar *r, const struct contract_sa *sa,
					       uint64_t now_s, struct attachment **out);
/* SA_DELETE with the next settle; its binding must have another SA or be gone. */
void attachment_end(struct registrar *r, struct attachment *a);
/* Sets the timer from all that may end it. */
void attachment_schedule(struct registrar *r, struct attachment *a);
/* It is the way to its terminal from now on: BINDING_PUT, and the others of it linger. */
void attachment_promote(struct registrar *r, struct attachment *a, uint64_t now_s);
/* Tells the data plane whose it is: SA_PUT, if there is one. */
void attachment_put(struct registrar *r, const struct attachment *a, bool is_refill);

/* bindings.c: what becomes of terminals. */

/* The name of a terminal (docs/protocol.md 3.2). RESULT_IO. */
SEKISHO_MUST_USE enum result binding_name(struct slice subscriber, struct slice instance,
					  uint32_t *out);
struct binding *binding_find(const struct registrar *r, struct slice subscriber, uint32_t name);
/* RESULT_SPACE, RESULT_MEMORY. index 0: any free place. RESULT_EXISTS: that place is taken. */
SEKISHO_MUST_USE enum result binding_create(struct registrar *r, struct attachment *a,
					    uint32_t name, uint32_t index, uint16_t generation,
					    struct binding **out);
/* BINDING_DELETE, identities without it, and its SAs end. */
void binding_end(struct registrar *r, struct binding *b);
void binding_put(const struct registrar *r, const struct binding *b);
/* Sets the timer to the earliest expiry. */
void binding_schedule(struct registrar *r, struct binding *b);

struct registration *binding_registration(struct binding *b, struct slice aor);
/* RESULT_SPACE (too many identities or too many terminals), RESULT_MEMORY. */
SEKISHO_MUST_USE enum result binding_register(struct registrar *r, struct binding *b,
					      struct slice aor, struct registration **out);
/* Takes one away; the binding is left, perhaps without any. */
void binding_unregister(struct registrar *r, struct binding *b, struct registration *registration);

/* identities.c: who a name leads to. */
struct identity *identity_find(const struct registrar *r, struct slice aor);
SEKISHO_MUST_USE enum result identity_join(struct registrar *r, struct slice aor, struct binding *b,
					   struct identity **out);
void identity_leave(struct registrar *r, struct identity *identity, struct binding *b);
/* Makes the best its primary: BINDING_PUT, that a dump may tell, and IDENTITY_PUT. */
void identity_elect(const struct registrar *r, struct identity *identity);
/* IDENTITY_PUT, with its primary binding as it is now. */
void identity_put(const struct registrar *r, struct identity *identity);

#endif
