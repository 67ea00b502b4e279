/*
 * The control plane as a whole: what the store holds, what terminals and peers do, and what the
 * data plane is told of it. It starts key exchange, registrar and peers when the data plane has
 * said WELCOME, and brings the two planes into step whenever either of them was away.
 */
#ifndef SEKISHO_CONTROLPLANE_GATEWAY_H
#define SEKISHO_CONTROLPLANE_GATEWAY_H

#include "controlplane/cdr/journal.h"
#include "controlplane/config.h"
#include "controlplane/door/door.h"
#include "controlplane/contract/client.h"
#include "controlplane/policy/compile.h"
#include "controlplane/registrar/registrar.h"
#include "controlplane/store/keeper.h"

struct event_base;
struct configuration;
struct gateway;
struct refusals;

/*
 * Everything borrowed must outlive it; config changes when an operator commits another. A failure of the store, the keys or the files is told in
 * message, a sentence; RESULT_IO, RESULT_BAD, RESULT_DENIED, RESULT_VERSION, RESULT_MEMORY ...
 */
SEKISHO_MUST_USE enum result gateway_create(struct event_base *base,
					    struct control_config *config,
					    struct gateway **gateway, char *message, size_t size);

/* The data plane is left as it is: calls go on. NULL is none. */
void gateway_destroy(struct gateway *gateway);

/* In the loop only: a commit changes it. */
const struct control_config *gateway_config(const struct gateway *gateway);
/* In any thread: is this domain ours; how dear a new password's verifier is to be. */
bool gateway_has_domain(const struct gateway *gateway, struct slice domain);
uint32_t gateway_password_iterations(const struct gateway *gateway);
struct configuration *gateway_configuration(struct gateway *gateway);
/* Only for who is called by its keeper, in the keeper's thread. */
struct store *gateway_store(struct gateway *gateway);
struct keeper *gateway_keeper(struct gateway *gateway);
struct contract_client *gateway_contract(struct gateway *gateway);

/* What was refused and why; and that something was at the admin socket: a ctl_refused. */
const struct refusals *gateway_refusals(const struct gateway *gateway);
void gateway_admin_refused(void *gateway, const char *reason, const char *from);

/* How key exchanges by TCP are doing; false: none are taken. */
bool gateway_door_state(const struct gateway *gateway, struct door_counters *counters);

/* What the data plane that is connected said of itself; NULL: none is. */
const struct contract_welcome *gateway_welcome(const struct gateway *gateway);

/* NULL until the data plane said WELCOME for the first time. */
struct registrar *gateway_registrar(struct gateway *gateway);

/* Is the data plane being asked what it has, so that the registrar may not know all yet? */
bool gateway_is_restoring(const struct gateway *gateway);
struct peers *gateway_peers(struct gateway *gateway);

/* That the store knows. */
size_t gateway_subscriber_count(const struct gateway *gateway);

/* A subscriber is gone, disabled or has another password (a constant text): what it holds ends. */
void gateway_subscriber_evict(struct gateway *gateway, const char *id, const char *reason);

/* A subscriber's bindings go to the data plane again: what the store says of it has changed. */
void gateway_subscriber_retell(struct gateway *gateway, struct slice id);

/* Files that others move away (logrotate) are opened anew. */
void gateway_files_reopen(struct gateway *gateway);

/* How the call detail records are doing; false: none are written. */
bool gateway_cdr_state(struct gateway *gateway, struct cdr_journal_state *state);

/* New keys now; done hears of it later. RESULT_STALE: keys are being looked at, try again. */
SEKISHO_MUST_USE enum result gateway_keys_rotate(struct gateway *gateway, keeper_done *done,
						 void *arg);

#endif
