/* What the bench of the exchange cannot go on without. */
#ifndef SEKISHO_BENCH_EXCHANGE_MUST_H
#define SEKISHO_BENCH_EXCHANGE_MUST_H

#include <stdio.h>
#include <stdlib.h>

#include "shared/result.h"

static inline void give_up(const char *why)
{
	fprintf(stderr, "bench_exchange: %s\n", why);
	exit(1);
}

static inline void must(enum result result, const char *what)
{
	if (result != RESULT_OK)
		give_up(what);
}

#endif
