/* What the files of the gateway share: its parts and where it stands with the data plane. */
#ifndef SEKISHO_CONTROLPLANE_GATEWAY_STATE_H
#define SEKISHO_CONTROLPLANE_GATEWAY_STATE_H

#include <stdatomic.h>

#include "controlplane/cdr/cdr.h"
#include "controlplane/configuration.h"
#include "controlplane/directory/directory.h"
#include "controlplane/directory/follower.h"
#include "controlplane/directory/locations.h"
#include "controlplane/door/door.h"
#include "controlplane/gateway.h"
#include "controlplane/gateway_certificates.h"
#include "controlplane/gateway_policy.h"
#include "controlplane/keyexchange/exchange.h"
#include "controlplane/keyexchange/sa_allocator.h"
#include "controlplane/log.h"
#include "controlplane/peers/peers.h"
#include "controlplane/refusals.h"
#include "controlplane/registrar/name_map.h"
#include "controlplane/registrar/registrar.h"
#include "controlplane/registrar/uas.h"
#include "controlplane/secrets/secrets.h"

struct event;

/* What lives as long as one data plane's shape (capacities, workers) stays the same. */
struct gateway_parts {
	struct sa_allocator *allocator;
	struct inner_pool *inner_pool;
	struct exchange *exchange;
	struct registrar *registrar;
	struct digest *digest;
	struct uas *uas;
	struct peers *peers;
	struct door *door; /* NULL: nobody comes by TCP */
};

/*
 * Of the configuration, what commands in the keeper's thread ask for: a commit changes the original
 * in the loop meanwhile.
 */
struct gateway_shared {
	uint8_t domain_count; /* these never change while it runs */
	control_domain domain[CONTROL_DOMAINS_MAX];
	_Atomic(uint32_t) password_iterations;
};

struct gateway {
	struct event_base *base;
	struct gateway_shared shared;
	const struct control_config *config;
	struct configuration *configuration;
	struct store *store; /* the keeper's, once it runs */
	struct keeper *keeper;
	struct follower *follower;
	struct directory *directory;
	struct locations *locations;
	bool has_keys_turn; /* one is with the keeper */
	struct name_map pending_locations;
	bool has_location_batch;
	struct event *location_timer; /* NULL: we have no siblings to tell */
	struct secrets *secrets;
	struct cdr *cdr; /* NULL: none are written */
	struct gateway_certificates *certificates;
	struct gateway_policy *policy;
	struct contract_client *contract;
	struct gateway_parts parts;
	struct contract_welcome welcome; /* the last one; workers 0: none yet */
	bool is_restoring;		 /* a dump is on its way; SIP waits */
	uint32_t dump_number;		 /* which dump; an answer to an older one is not used */
	struct event *second;
	uint64_t secrets_due_s;
	struct event *tell; /* the next piece of what the store says is due */
	struct directory_walk tell_walk;
	uint32_t tell_waiting; /* names that are told and not answered */
	bool is_telling;       /* there are more */
	struct event *review;
	uint32_t review_at; /* the SA index that is to be judged next */
	struct refusals *refusals;
	struct log_limit exchange_limit, sa_limit, ended_limit, store_limit,
		stranger_limit;
	int key_log_fd; /* -1: none */
};

uint64_t gateway_now_s(void);
uint64_t gateway_now_ms(void);

/* gateway_parts.c: start what needs to know the data plane's shape; end it. */
SEKISHO_MUST_USE enum result gateway_parts_create(struct gateway *gateway);
void gateway_parts_destroy(struct gateway *gateway);
/* The configuration has changed: what the parts can take over while they run. */
SEKISHO_MUST_USE enum result gateway_parts_adjust(struct gateway *gateway);

/* An SA that the registrar or a peer has had. */
void gateway_sa_released(void *gateway, uint32_t index, uint8_t generation);

/* gateway_terminals.c: the parts that terminals come in by, and what they are made with. */
struct exchange_settings gateway_exchange_settings(struct gateway *gateway);
struct registrar_settings gateway_registrar_settings(struct gateway *gateway);
SEKISHO_MUST_USE enum result gateway_exchange_start(struct gateway *gateway);
SEKISHO_MUST_USE enum result gateway_registrar_start(struct gateway *gateway);
SEKISHO_MUST_USE enum result gateway_uas_start(struct gateway *gateway);

/* gateway_peers.c: start them; what changes for those who are there, to be applied or destroyed. */
SEKISHO_MUST_USE enum result gateway_peers_start(struct gateway *gateway);
SEKISHO_MUST_USE enum result gateway_peers_plan(struct gateway *gateway, char *message, size_t size,
						struct peers_plan **plan);

/* gateway_door.c: key exchanges by TCP; what the door's addresses are; a uas_settings.stream_send.
 */
void gateway_door_open(struct gateway *gateway);
struct contract_address gateway_door_leaf(const struct contract_welcome *welcome, unsigned at);
void gateway_stream_send(void *gateway, uint64_t stream, struct slice head, struct slice tail);

/* gateway_reconfigure.c: a configuration_apply. */
enum result gateway_reconfigure(void *gateway, const struct control_config *before, char *message,
				size_t size);

/* gateway_send.c: to the data plane. Messages lost for want of it are told again by a refill. */
void gateway_send(void *gateway, const struct contract_header *message);
void gateway_send_sa(struct gateway *gateway, const struct contract_sa *sa, peers_done *done,
		     void *arg);
void gateway_sa_delete(struct gateway *gateway, uint32_t index, uint8_t generation);

/* gateway_store.c: open and load; follow from then on; close. Errors of the store, a sentence. */
SEKISHO_MUST_USE enum result gateway_store_open(struct gateway *gateway, char *message,
						size_t size);
SEKISHO_MUST_USE enum result gateway_store_follow(struct gateway *gateway);
/* First the store, with whom it has to tell; at last what is known of it. */
void gateway_store_end(struct gateway *gateway);
void gateway_store_close(struct gateway *gateway);

/* gateway_keys.c: look at the keys in the store, and rotate. RESULT_STALE: one is under way; done
 * is called later if RESULT_OK. */
enum result gateway_keys_turn(struct gateway *gateway, bool is_rotation, keeper_done *done,
			      void *arg);

/* gateway_location.c: which sibling (peer index) has a name, 0: none. */
uint8_t gateway_sibling_of(const struct gateway *gateway, struct slice aor);
/* Where names are follows these from the start on. */
bool gateway_siblings_are_same(const struct control_config *a, const struct control_config *b);
/* A name is registered here, or no longer. */
void gateway_location_note(struct gateway *gateway, struct slice aor, bool is_registered);
/* What the store says is registered here and is not: after a restart. */
void gateway_locations_settle(struct gateway *gateway);
SEKISHO_MUST_USE enum result gateway_locations_start(struct gateway *gateway);
void gateway_locations_stop(struct gateway *gateway);

/* gateway_tell.c: tell the data plane of one name; of the policy and all names, from here on. */
void gateway_identity_tell(struct gateway *gateway, struct slice aor);
SEKISHO_MUST_USE enum result gateway_tell_start(struct gateway *gateway);
void gateway_tell_stop(struct gateway *gateway);
void gateway_tell_begin(struct gateway *gateway);

/* gateway_lookup.c: what registrar and exchange ask of the directory. */
enum result gateway_lookup_identity(void *gateway, struct slice aor, struct contract_identity *out);
enum result gateway_lookup_digest(void *gateway, struct slice username, struct digest_user *out);
bool gateway_lookup_legacy(void *gateway, struct slice subscriber);
enum result gateway_lookup_credential(void *gateway, struct slice subscriber,
				      struct subscriber_credential *out);

/* gateway_cdr.c: call detail records as configured; message tells why not. */
SEKISHO_MUST_USE enum result gateway_cdr_start(struct gateway *gateway, struct cdr **cdr,
					       char *message, size_t size);

/* gateway_sync.c: the client's events, and the settings alone. */
void gateway_settings_put(struct gateway *gateway);
/* gateway_sync.c: the client's events. */
void gateway_on_welcome(void *gateway, const struct contract_welcome *welcome);
void gateway_on_received(void *gateway, const struct contract_header *message);
void gateway_on_refused(void *gateway, uint16_t id, enum result result);
void gateway_on_lost(void *gateway, const char *reason);
void gateway_on_strange(void *gateway, const char *reason);

/* gateway_review.c: judge who is attached anew, from here on; a registrar_out.ended. */
SEKISHO_MUST_USE enum result gateway_review_start(struct gateway *gateway);
void gateway_review_stop(struct gateway *gateway);
void gateway_review_begin(struct gateway *gateway);
void gateway_sa_ended(void *gateway, const struct contract_sa *sa, const char *reason);

/* gateway_statics.c: the terminals of a load test, if there are any. */
void gateway_statics_put(struct gateway *gateway);

/* gateway_events.c: what the data plane has noticed. */
void gateway_take_event(struct gateway *gateway, const struct contract_event *event);

#endif
