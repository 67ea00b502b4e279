/* The rules of the store as the policy blob that both planes judge by (policy_blob.h). */
#ifndef SEKISHO_CONTROLPLANE_POLICY_COMPILE_H
#define SEKISHO_CONTROLPLANE_POLICY_COMPILE_H

#include "controlplane/store/store.h"
#include "shared/contract/policy_blob.h"

/* Owns its blob, which has passed policy_blob_validate(). */
struct policy_compiled {
	struct policy_blob *blob;
	size_t length;
};

/*
 * RESULT_BAD: a rule of the store cannot be said in a blob (*bad_rule is its id); RESULT_MEMORY;
 * or the store's own errors.
 */
SEKISHO_MUST_USE enum result policy_compile(struct store *store, struct policy_compiled *compiled,
					    uint32_t *bad_rule);
void policy_compiled_free(struct policy_compiled *compiled);

#endif
