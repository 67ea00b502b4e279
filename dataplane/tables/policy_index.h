/*
 * A policy made ready for the path: its rules by caller and callee, so that a verdict costs a few
 * look-ups whatever the number of rules. The verdict is policy_decide()'s, rule for rule.
 */
#ifndef SEKISHO_DATAPLANE_TABLES_POLICY_INDEX_H
#define SEKISHO_DATAPLANE_TABLES_POLICY_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "shared/contract/policy_blob.h"
#include "shared/contract/policy_decide.h"
#include "shared/result.h"

/* Never changed once made. */
struct policy_index;

/*
 * Copies the blob, which is validated, and indexes it. RESULT_OK, RESULT_BAD (not a sound blob) or
 * RESULT_MEMORY.
 */
enum result policy_index_create(const void *blob, size_t length,
				struct policy_index **index) SEKISHO_MUST_USE;
void policy_index_destroy(struct policy_index *index);

uint64_t policy_index_generation(const struct policy_index *index);

/* As policy_decide(); index NULL (no policy yet) denies. */
struct policy_verdict policy_index_decide(const struct policy_index *index,
					  const struct policy_question *question);

#endif
