/*
 * How much work with certificates others can make us do: so many verifications a second in all, so
 * that passwords and calls go on, and few from a source whose certificates do not hold.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_VERIFY_LIMIT_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_VERIFY_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/host.h"

/* Sources remembered, 8 bytes each; two that meet in one place share it. */
#define VERIFY_LIMIT_SOURCES 65536

struct verify_limit;

/* RESULT_BAD for no verifications at all, RESULT_MEMORY. */
SEKISHO_MUST_USE enum result verify_limit_create(uint32_t per_second, uint32_t seed,
						 struct verify_limit **out);
void verify_limit_destroy(struct verify_limit *limit);

/* May a certificate from there be verified now? Then it is counted. */
bool verify_limit_take(struct verify_limit *limit, const struct sip_address *source,
		       uint64_t now_ms);

/* It did not hold: after ATTACH_RATE_BURST of these the source (IPv6: its /64) has to wait. */
void verify_limit_failed(struct verify_limit *limit, const struct sip_address *source,
			 uint64_t now_ms);

#endif
