/* What has to hold in a bench: where it does not, there is nothing to measure. */
#ifndef SEKISHO_BENCH_PIPELINE_MUST_H
#define SEKISHO_BENCH_PIPELINE_MUST_H

#include <stdbool.h>

/* Ends the process with this sentence unless it is done. */
void bench_must(bool is_done, const char *what);

#endif
