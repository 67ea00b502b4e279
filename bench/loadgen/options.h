/* The command line of sekisho-loadgen(1). */
#ifndef SEKISHO_BENCH_LOADGEN_OPTIONS_H
#define SEKISHO_BENCH_LOADGEN_OPTIONS_H

#include "bench/loadgen/check.h"
#include "bench/loadgen/wire.h"
#include "shared/statics/static_terminals.h"

struct options {
	const char *terminals; /* the file to read, or to make */
	bool is_make;	       /* only make it, from `statics` */
	struct static_terminals statics;
	const char *pcap; /* the capture to make; else NULL */
	uint32_t pcap_frames;
	struct frame_link pcap_link;
	struct wire_config wire;
	enum check_proxy proxy;
	bool is_json;
	bool is_help;
	unsigned wait_ms;
	size_t frames_mb;
	const char *authority; /* folder; NULL: who attaches does so by password */
	char *const *jobs; /* none: from standard input, one a line */
	int job_count;
};

/* RESULT_BAD: a sentence has gone to stderr. Borrows from argv. */
SEKISHO_MUST_USE enum result options_read(int argc, char *argv[], struct options *options);

void options_help(FILE *to);

#endif
