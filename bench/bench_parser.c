/*
 * Cycles to take a message apart, ours beside libosip2's, on messages of the fuzz corpus: those of
 * the example call, which both accept. The least of many times, all of it in the nearest cache.
 *
 *     bench_parser FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>

#include "shared/sip/message.h"

#define MESSAGE_BYTES 4096
#define TIMES	      2000 /* each message, each parser; the least counts */

static struct slice file_read(const char *path, char room[MESSAGE_BYTES])
{
	FILE *file = fopen(path, "rb");
	size_t length = file ? fread(room, 1, MESSAGE_BYTES, file) : 0;

	if (file)
		fclose(file);
	if (length == 0 || length == MESSAGE_BYTES) {
		fprintf(stderr, "bench_parser: %s is empty, too long or not there\n", path);
		exit(1);
	}
	return slice_make(room, length);
}

static uint64_t ours(struct slice bytes)
{
	static struct sip_message message;
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TIMES; i++) {
		uint64_t start = __rdtsc(), took;
		enum sip_verdict verdict = sip_message_parse(bytes.at, bytes.len, &message);

		took = __rdtsc() - start;
		if (verdict != SIP_VERDICT_OK) {
			fprintf(stderr, "bench_parser: a message is not one to parse\n");
			exit(1);
		}
		least = took < least ? took : least;
	}
	return least;
}

/* What osip_message_parse defers is left out, to its advantage. */
static uint64_t libosip2(struct slice bytes)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TIMES; i++) {
		osip_message_t *message;
		uint64_t start = __rdtsc(), took;
		int error = osip_message_init(&message);

		if (error == 0)
			error = osip_message_parse(message, bytes.at, bytes.len);
		took = __rdtsc() - start;
		if (error != 0) {
			fprintf(stderr, "bench_parser: libosip2 refuses a message\n");
			exit(1);
		}
		osip_message_free(message);
		least = took < least ? took : least;
	}
	return least;
}

int main(int argc, char **argv)
{
	static char room[MESSAGE_BYTES];

	if (argc < 2) {
		fprintf(stderr, "usage: bench_parser FILE...\n");
		return 2;
	}
	parser_init();
	printf("%8s %8s %10s %8s  message\n", "bytes", "ours", "libosip2", "times");
	for (int i = 1; i < argc; i++) {
		struct slice bytes = file_read(argv[i], room);
		uint64_t here = ours(bytes), there = libosip2(bytes);
		const char *name = strrchr(argv[i], '/');

		printf("%8zu %8lu %10lu %8.1f  %s\n", bytes.len, (unsigned long)here,
		       (unsigned long)there, (double)there / (double)here,
		       name ? name + 1 : argv[i]);
	}
	return 0;
}
