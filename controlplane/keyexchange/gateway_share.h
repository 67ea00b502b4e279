/*
 * The gateway's X25519 shares: renewed every GATEWAY_SHARE_MS, one for all exchanges begun in that
 * time, kept while a cookie that names it can live, then erased.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_GATEWAY_SHARE_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_GATEWAY_SHARE_H

#include <stdint.h>

#include "shared/keyexchange/random.h"
#include "shared/keyexchange/x25519.h"
#include "shared/result.h"

#define GATEWAY_SHARE_MS 10000

struct gateway_shares;

/* keep_ms: longest life of a cookie. RESULT_MEMORY. */
SEKISHO_MUST_USE enum result gateway_shares_create(uint64_t keep_ms, struct random_source random,
						   struct gateway_shares **out);
void gateway_shares_destroy(struct gateway_shares *shares);

/* The share of now, made if it is due: its epoch and private value. RESULT_IO. */
SEKISHO_MUST_USE enum result gateway_shares_now(struct gateway_shares *shares, uint64_t now_ms,
						uint32_t *epoch, const struct x25519 **out);

/* The one of an epoch: RESULT_STALE if it is gone or never was. */
SEKISHO_MUST_USE enum result gateway_shares_find(const struct gateway_shares *shares,
						 uint32_t epoch, const struct x25519 **out);

/* Erases what no cookie can name any more; to be called now and then. */
void gateway_shares_expire(struct gateway_shares *shares, uint64_t now_ms);

#endif
