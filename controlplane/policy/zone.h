/* A time zone of the system's data base as the offsets a policy carries (policy_hours.h). */
#ifndef SEKISHO_CONTROLPLANE_POLICY_ZONE_H
#define SEKISHO_CONTROLPLANE_POLICY_ZONE_H

#include <stdint.h>

#include "shared/contract/policy_blob.h"
#include "shared/result.h"

/*
 * The offset of the year's beginning at now_s and the changes from there on, as many as a policy
 * holds. Sets the process' own time zone for as long as it reads: no other thread may ask for local time.
 * RESULT_NOT_FOUND: there is no zone of that name ("Europe/Berlin", "UTC").
 */
enum result zone_read(const char *name, uint64_t now_s, struct policy_zone *zone,
		      uint32_t *count) SEKISHO_MUST_USE;

#endif
