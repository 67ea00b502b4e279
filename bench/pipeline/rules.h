/* By what the bench's gateway judges: its settings, its keys, its policy. */
#ifndef SEKISHO_BENCH_PIPELINE_RULES_H
#define SEKISHO_BENCH_PIPELINE_RULES_H

#include <stdint.h>

#include "bench/pipeline/bench_gateway.h"

struct tables;

/* Ends the process with a sentence if something is refused. now_s: Unix time. */
void bench_rules_put(const struct tables *tables, const struct bench_gateway_config *config,
		     uint64_t now_s);

#endif
