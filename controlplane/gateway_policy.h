/* The policy of a gateway: built of what the store says, in force, told to the data plane. */
#ifndef SEKISHO_CONTROLPLANE_GATEWAY_POLICY_H
#define SEKISHO_CONTROLPLANE_GATEWAY_POLICY_H

#include "controlplane/policy/compile.h"
#include "shared/pattern/pattern_set.h"

struct gateway;
struct gateway_policy;

/* Before the store is read; nothing is in force yet. RESULT_OK or RESULT_MEMORY. */
SEKISHO_MUST_USE enum result gateway_policy_create(struct gateway *gateway,
						   struct gateway_policy **policy);
/* After the keeper has ended. NULL is none. */
void gateway_policy_destroy(struct gateway_policy *policy);

/* The rules as the store has them now: built at once or beside (workshop.h), then in force. Takes
 * the source. */
void gateway_policy_take(struct gateway *gateway, struct policy_source *source);

/* The configuration has changed: its time zone and screen are in the policy, too. */
void gateway_policy_settle(struct gateway *gateway);

/* The data plane is back, and is told what is in force. */
void gateway_policy_tell(struct gateway *gateway);

/* How it stands, for the operator. */
struct gateway_policy_status {
	uint64_t in_force; /* generation; 0: none yet */
	uint64_t building; /* generation that is being built; 0: none */
	uint32_t rules, patterns;
	uint32_t took_ms;	   /* building what is in force; 0: at once */
	struct policy_fault fault; /* of the last that failed, if it is newer; reason empty: none */
};

void gateway_policy_status(const struct gateway *gateway, struct gateway_policy_status *status);

/* What is in force, for the keeper's thread, which alone may scan. */
struct policy_in_force {
	unsigned users; /* under the policy's lock */
	struct policy_compiled compiled;
	struct pattern_set *patterns; /* NULL: it has none */
};

/* NULL: nothing is yet. From any thread; it stays until it is put back. */
struct policy_in_force *gateway_policy_get(struct gateway *gateway);
void gateway_policy_put(struct gateway *gateway, struct policy_in_force *in_force);

#endif
