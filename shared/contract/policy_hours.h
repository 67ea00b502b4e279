/* When a policy's rule holds: days of the week and hours of the day in the policy's time zone. */
#ifndef SEKISHO_SHARED_CONTRACT_POLICY_HOURS_H
#define SEKISHO_SHARED_CONTRACT_POLICY_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/contract/policy_blob.h"

/* Does a rule that has hours (days is not 0) hold at this Unix time? */
bool policy_hours_are_now(const struct policy_blob *blob, const struct policy_rule *rule,
			  uint64_t now_s);

#endif
