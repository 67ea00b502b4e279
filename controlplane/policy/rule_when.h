/*
 * When and how often, as an operator writes it and as it is shown again:
 *
 *	mon-fri 08:00-18:00     days of the week and hours, in the time zone of the configuration
 *	sat,sun                 whole days
 *	22:00-06:00             every day; over midnight, and of the day on which it begins
 *	10/min, 3/10s, 100/h    so many requests in such a time
 */
#ifndef SEKISHO_CONTROLPLANE_POLICY_RULE_WHEN_H
#define SEKISHO_CONTROLPLANE_POLICY_RULE_WHEN_H

#include "shared/contract/policy_blob.h"
#include "shared/result.h"

#define RULE_HOURS_BYTES  47 /* longest canonical text of each */
#define RULE_RATE_BYTES   23
#define RULE_RATE_COUNT	  1000000
#define RULE_RATE_PERIOD_S 86400

/* Empty: always, no limit. RESULT_BAD: not one of the forms above, or out of bounds. */
SEKISHO_MUST_USE enum result rule_hours_parse(const char *text, struct policy_rule *rule);
SEKISHO_MUST_USE enum result rule_rate_parse(const char *text, struct policy_rule *rule);

void rule_hours_show(const struct policy_rule *rule, char out[RULE_HOURS_BYTES + 1]);
void rule_rate_show(const struct policy_rule *rule, char out[RULE_RATE_BYTES + 1]);

#endif
