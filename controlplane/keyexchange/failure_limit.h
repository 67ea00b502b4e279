/*
 * How often somebody may fail to prove who he is. Counted is what a source (IPv6: its /64) got
 * wrong of one subscriber, and more widely what it got wrong in all: behind one address of a
 * carrier's NAT are many, and who has a wrong password there puts off himself, not them. Nobody
 * elsewhere is put off.
 *
 * Memory is fixed. Of what a row has no more room for, the least owed is forgotten: a stranger who
 * fails under ever new names never has another refused. Which names share a row nobody outside
 * knows.
 */
#ifndef SEKISHO_CONTROLPLANE_KEYEXCHANGE_FAILURE_LIMIT_H
#define SEKISHO_CONTROLPLANE_KEYEXCHANGE_FAILURE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/keyexchange/kdf.h"
#include "shared/result.h"
#include "shared/sip/host.h"
#include "shared/slice.h"

/* Of one subscriber, at once and then one each interval. */
#define FAILURE_LIMIT_BURST	  16
#define FAILURE_LIMIT_INTERVAL_MS 4000

/* Of a source in all: 16 who fail as often as they may. */
#define FAILURE_LIMIT_SOURCE_BURST	 256
#define FAILURE_LIMIT_SOURCE_INTERVAL_MS 250

/* Remembered at most, 24 bytes each; powers of two. */
#define FAILURE_LIMIT_SUBSCRIBERS 65536
#define FAILURE_LIMIT_SOURCES	  16384

struct failure_limit;

/* One attempt. Who comes through an SA of his own is put off by nothing that is tried outside. */
struct failure_attempt {
	const struct sip_address *source; /* a proved one */
	bool is_inside;			  /* an SA */
	bool is_by_certificate;		  /* passwords and certificates are counted apart */
	struct slice who; /* the subscriber that it says, whether there is one or not */
};

/* RESULT_MEMORY; RESULT_IO: no random numbers. */
SEKISHO_MUST_USE enum result failure_limit_create(struct failure_limit **out);
/* NULL is nothing. */
void failure_limit_destroy(struct failure_limit *limit);

/*
 * May it be looked at? RESULT_OK; RESULT_DENIED: too much of this subscriber was wrong from there;
 * RESULT_SPACE: too much in all; RESULT_IO: libcrypto fails. Nothing is counted.
 */
SEKISHO_MUST_USE enum result failure_limit_look(const struct failure_limit *limit,
						const struct failure_attempt *attempt,
						uint64_t now_ms);

/*
 * It was wrong. The hash is of the whole message: one that comes again, sent again or copied on its
 * way, is no other attempt. RESULT_IO.
 */
SEKISHO_MUST_USE enum result failure_limit_count(struct failure_limit *limit,
						 const struct failure_attempt *attempt,
						 const uint8_t hash[KDF_HASH_BYTES],
						 uint64_t now_ms);

#endif
