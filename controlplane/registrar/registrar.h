/*
 * The registrar (RFC 3261 10, docs/protocol.md 1.8): which terminal is attached by which SA, and
 * which names it has registered. It speaks to the data plane in contract messages; the state is in
 * memory, its copy in the data plane survives a restart of this process.
 */
#ifndef SEKISHO_CONTROLPLANE_REGISTRAR_REGISTRAR_H
#define SEKISHO_CONTROLPLANE_REGISTRAR_REGISTRAR_H

#include <stdbool.h>
#include <stdint.h>

#include "controlplane/keyexchange/exchange.h"
#include "shared/contract/contract.h"
#include "shared/result.h"
#include "shared/sip/message.h"
#include "shared/writer.h"

/* Terminals that one identity may have at once. */
#define REGISTRAR_BINDINGS_PER_IDENTITY 16

struct registrar_out {
	/*
	 * A contract message to the data plane, header and length set (request number 0):
	 * SA_PUT, SA_DELETE, BINDING_PUT, BINDING_DELETE, IDENTITY_PUT. Copied by the callee.
	 */
	void (*send)(void *context, const struct contract_header *message);
	/*
	 * Fills in what the store knows of a canonical AOR: kind, groups, minimum level,
	 * must_be_secure. RESULT_NOT_FOUND: one of ours without any of these.
	 */
	enum result (*identity)(void *context, struct slice aor, struct contract_identity *out);
	/* Does the store have this subscriber's phones marked as legacy? */
	bool (*is_legacy)(void *context, struct slice subscriber);
	/* A REGISTER through an SA is refused, why: a constant text. NULL: nobody wants to know. */
	void (*refused)(void *context, const struct contract_sa *sa, unsigned status,
			const char *reason);
	/* An SA is made to end, for a reason that the operator is to hear (a constant text). NULL:
	 * nobody wants to. */
	void (*ended)(void *context, const struct contract_sa *sa, const char *reason);
	/* An SA index is free again: sa_allocator_release() and whatever else. */
	void (*sa_released)(void *context, uint32_t index, uint8_t generation);
	void *context;
};

struct registrar_settings {
	struct slice domains[EXCHANGE_DOMAINS_MAX]; /* ours, canonical; copied */
	size_t domain_count;
	uint32_t sa_capacity, binding_capacity; /* as the data plane said */
	uint32_t expires_min_s, expires_default_s, expires_max_s;
	uint32_t attach_s; /* an SA without registration lives so long */
	uint32_t linger_s; /* a replaced SA lives so long after its successor was used */
	uint64_t hard_packets, hard_bytes;
	uint32_t generation_seed; /* where binding generations start: random */
	struct exchange_store store;
	struct inner_pool *inner_pool; /* borrowed; told which inner addresses SAs have; or NULL */
	struct registrar_out out;
};

/* Where a new SA is in the network: what the data plane said of message 3. */
struct registrar_way {
	uint8_t port;
	struct contract_address local; /* the gateway's address and port it came to */
};

struct registrar;

SEKISHO_MUST_USE enum result registrar_create(const struct registrar_settings *settings,
					      struct registrar **out);
void registrar_destroy(struct registrar *registrar);

/*
 * From now on with these expiries, attach_s and hard limits; the rest of the settings stays, and so
 * does what is attached and registered. RESULT_BAD: out of range, nothing has changed.
 */
SEKISHO_MUST_USE enum result registrar_adjust(struct registrar *registrar,
					      const struct registrar_settings *settings);

/*
 * A new SA: SA_PUT goes out. One that replaces another takes over its binding when its first
 * packet comes. RESULT_MEMORY: it is not put, the slot is released.
 */
SEKISHO_MUST_USE enum result registrar_attach(struct registrar *registrar,
					      const struct exchange_sa *sa,
					      const struct registrar_way *way, uint64_t now_s);

/* The SA a message came through: RESULT_NOT_FOUND if it is not (or no longer) a terminal's. */
SEKISHO_MUST_USE enum result registrar_through(const struct registrar *registrar, uint32_t index,
					       uint8_t generation, struct exchange_through *out);

/*
 * Answers an ordinary REGISTER that came through an SA: the response is written to w. Bindings
 * and identities have gone out when it returns; SAs that are to end go out with the next
 * registrar_settle(), which the caller makes once the response is on its way.
 * RESULT_SPACE if the response does not fit, RESULT_NOT_FOUND if the SA is not known (no answer).
 */
SEKISHO_MUST_USE enum result registrar_receive(struct registrar *registrar,
					       const struct sip_message *request, uint32_t sa_index,
					       uint8_t sa_generation, struct slice to_tag,
					       uint64_t now_s, struct writer *w);
void registrar_settle(struct registrar *registrar, uint64_t now_s);

/* The data plane opened the first packet on an SA, or ended it. */
void registrar_sa_used(struct registrar *registrar, uint32_t index, uint8_t generation,
		       uint64_t now_s);
void registrar_sa_gone(struct registrar *registrar, uint32_t index, uint8_t generation,
		       uint64_t now_s);

/* The data plane has found its other side at another outer address, and sends there. */
void registrar_sa_moved(struct registrar *registrar, uint32_t index, uint8_t generation,
			const struct contract_address *outer);

/* Ends what has expired; to be called every second or so. */
void registrar_tick(struct registrar *registrar, uint64_t now_s);

/* Puts an end to all that a subscriber has (deleted, disabled); reason as for registrar_out.ended. */
void registrar_evict(struct registrar *registrar, struct slice subscriber, const char *reason,
		     uint64_t now_s);

/* Why an SA is not to go on, a constant text; NULL: it may. */
typedef const char *registrar_judge(void *context, const struct contract_sa *sa);

/*
 * Judges the next `count` SA indices from `from` (1 at first): those that may not go on end, with the
 * terminal unless another SA leads there. Returns where to go on; 0: that was the last.
 */
SEKISHO_MUST_USE uint32_t registrar_review(struct registrar *registrar, uint32_t from,
					   uint32_t count, registrar_judge *judge, void *context,
					   uint64_t now_s);

/* What the store says of a subscriber has changed: his bindings go out again. */
void registrar_retell(const struct registrar *registrar, struct slice subscriber);

/* The primary binding of a canonical AOR: false if it is not registered. */
bool registrar_primary(const struct registrar *registrar, struct slice aor, uint32_t *index,
		       uint16_t *generation);

/* How much the registrations of its primary binding are preferred, in thousandths. */
bool registrar_primary_q(const struct registrar *registrar, struct slice aor, uint16_t *q);

/*
 * A terminal that is there without a key exchange, of a load test: its SA and the binding that goes
 * with it, of one identity, go out as they are, and again after each restart of the data plane. An
 * SA of no direction is none: such a terminal speaks in the clear, and its binding says so.
 * RESULT_EXISTS: it is there already; RESULT_SPACE, RESULT_MEMORY.
 */
SEKISHO_MUST_USE enum result registrar_add_static(struct registrar *registrar,
						  const struct contract_sa *sa,
						  const struct contract_binding *binding,
						  uint64_t now_s);

/*
 * After a restart of this process, from the data plane's dump: first all SAs, then all bindings.
 * What cannot be kept (malformed, not a terminal's, taken) is RESULT_BAD or RESULT_EXISTS and left
 * alone. An SA of a peer is RESULT_DENIED.
 */
SEKISHO_MUST_USE enum result registrar_restore_sa(struct registrar *registrar,
						  const struct contract_sa_record *record,
						  uint64_t now_s);
SEKISHO_MUST_USE enum result registrar_restore_binding(struct registrar *registrar,
						       const struct contract_binding *binding);
/* Then: names whose primary was not among them get the best of those there are. */
void registrar_restored(struct registrar *registrar);

/*
 * After a restart of the data plane: SA_PUT, BINDING_PUT and IDENTITY_PUT for all there is. An SA
 * whose keys we do not hold (the dump had none) is ended instead; its terminal re-attaches.
 */
void registrar_refill(struct registrar *registrar, uint64_t now_s);

/* One line of `show registrations`: an identity of a binding. Slices are good during the call. */
struct registrar_row {
	struct slice identity, subscriber, instance, contact;
	const struct contract_sa *sa; /* keys are not to be shown */
	uint32_t binding_index;
	uint16_t binding_generation;
	bool is_primary;
	uint16_t q_thousandths;
	uint64_t registered_s, expires_s;
};

void registrar_each(const struct registrar *registrar,
		    void (*row)(void *context, const struct registrar_row *row), void *context);

/* SAs of terminals, bindings. */
uint32_t registrar_sa_count(const struct registrar *registrar);
uint32_t registrar_binding_count(const struct registrar *registrar);

#endif
