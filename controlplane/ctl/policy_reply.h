/* A policy's rule as it is answered. */
#ifndef SEKISHO_CONTROLPLANE_CTL_POLICY_REPLY_H
#define SEKISHO_CONTROLPLANE_CTL_POLICY_REPLY_H

#include <jansson.h>

#include "controlplane/store/store.h"

/* As `policy list` and `policy test` show it; the caller owns it. */
json_t *policy_rule_json(const struct store_rule *rule);

#endif
