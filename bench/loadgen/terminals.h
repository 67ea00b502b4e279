/*
 * The simulated terminals: who they are (static_terminals.h), their keys once expanded, the
 * numbers they have sent and those they have received. One thread's.
 */
#ifndef SEKISHO_BENCH_LOADGEN_TERMINALS_H
#define SEKISHO_BENCH_LOADGEN_TERMINALS_H

#include <stdbool.h>
#include <stdint.h>

#include "dataplane/esp/gcm.h"
#include "shared/statics/static_terminals.h"

/* Room for "[2001:db8:...]:5060" and its terminator. */
#define TERMINAL_HOST_BYTES 56

/* One way of a terminal's channel. */
struct terminal_way {
	struct gcm_key key;
	uint64_t number; /* sent: the last one; received: the highest */
	uint64_t heard;	 /* received: of the 64 up to the highest, bit 0 is the highest */
	uint32_t spi;	 /* in the packets that go this way */
	bool is_ready;	 /* the key is expanded */
};

struct terminals {
	struct static_terminals statics;
	struct gcm *gcm;
	size_t key_bytes;
	struct terminal_way *out, *in; /* by number, from 1 */
	struct terminal_way *before;   /* in, of a channel that has a successor */
	uint64_t by_old;	       /* packets that came by one of these */
	char gateway_host[TERMINAL_HOST_BYTES]; /* "10.0.0.1" or "[2001:db8::1]" */
};

/* Borrows nothing. RESULT_MEMORY. The keys are expanded when they are first asked for. */
SEKISHO_MUST_USE enum result terminals_create(const struct static_terminals *statics,
					      struct terminals **terminals);
/* NULL is none. Keys are wiped. */
void terminals_destroy(struct terminals *terminals);

/* The way from (out) or to (in) a terminal, its key ready; NULL if libcrypto fails. */
struct terminal_way *terminal_way_out(struct terminals *terminals, uint32_t number);
struct terminal_way *terminal_way_in(struct terminals *terminals, uint32_t number);

/* Of a channel, one way each. */
struct terminal_keys {
	uint32_t spi_out, spi_in;
	const uint8_t *key_out, *key_in;
};

/*
 * Another channel than the static one, from a key exchange, from now on; numbers begin anew. keys: as many bytes each as
 * the suite of the static ones has.
 */
SEKISHO_MUST_USE enum result terminal_keys_set(struct terminals *terminals, uint32_t number,
					       const struct terminal_keys *keys);

/* A successor of the channel: it is sent by at once, what comes by the old one is taken as well. */
SEKISHO_MUST_USE enum result terminal_renew(struct terminals *terminals, uint32_t number,
					    const struct terminal_keys *keys);

enum terminal_number { TERMINAL_NUMBER_NEW, TERMINAL_NUMBER_LATE, TERMINAL_NUMBER_TWICE };

/*
 * Take note of a number received: new and highest, new but behind the highest (workers may overtake
 * each other), or had before. One more than 64 behind counts as had before.
 */
enum terminal_number terminal_number_take(struct terminal_way *in, uint64_t number);

/* A terminal's host as it stands in SIP, brackets included: its length. */
size_t terminal_host_write(const struct terminals *terminals, uint32_t number,
			   char host[TERMINAL_HOST_BYTES]);

#endif
