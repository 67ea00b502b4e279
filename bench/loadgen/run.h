/* Carry out a plan: send each frame when it is due, whatever comes back or not (open loop). */
#ifndef SEKISHO_BENCH_LOADGEN_RUN_H
#define SEKISHO_BENCH_LOADGEN_RUN_H

#include "bench/loadgen/check.h"
#include "bench/loadgen/outcome.h"
#include "bench/loadgen/wire.h"

void run_plan(struct terminals *terminals, struct wire *wire, struct plan *plan,
	      enum check_proxy proxy, struct outcome *outcome);

#endif
