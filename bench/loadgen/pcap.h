/* Frames of a plan as a capture file (libpcap's classic format), for other generators to send. */
#ifndef SEKISHO_BENCH_LOADGEN_PCAP_H
#define SEKISHO_BENCH_LOADGEN_PCAP_H

#include "bench/loadgen/plan.h"

/* One microsecond from frame to frame. RESULT_IO: errno says why; what was written is removed. */
SEKISHO_MUST_USE enum result pcap_write(const char *path, const struct plan *plan);

#endif
