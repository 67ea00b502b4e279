/*
 * Cycles to take a message apart, ours beside libosip2's, on messages of the fuzz corpus: those of
 * the example call, which both accept; and what the same takes us without vectors. The least of
 * many times, all of it in the nearest cache. Before anything is counted, both must have read the
 * same.
 *
 *     bench_parser [--json] FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>

#include <jansson.h>

#include "shared/sip/head.h"

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

typedef enum sip_verdict (*parser)(const char *at, size_t len, struct sip_message *out);

static uint64_t ours(struct slice bytes, parser parse)
{
	static struct sip_message message;
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TIMES; i++) {
		uint64_t start = __rdtsc(), took;
		enum sip_verdict verdict = parse(bytes.at, bytes.len, &message);

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

/* Did both find the same Call-ID, number and count of Vias? */
static void check(struct slice bytes)
{
	static struct sip_message here;
	osip_message_t *there;
	osip_call_id_t *id;
	char call_id[256];
	bool is_same;

	if (osip_message_init(&there) != 0 || osip_message_parse(there, bytes.at, bytes.len) != 0 ||
	    sip_message_parse(bytes.at, bytes.len, &here) != SIP_VERDICT_OK) {
		fprintf(stderr, "bench_parser: a message is not one to parse\n");
		exit(1);
	}
	id = osip_message_get_call_id(there);
	snprintf(call_id, sizeof(call_id), "%s%s%s", id->number, id->host ? "@" : "",
		 id->host ? id->host : "");
	is_same = slice_is_equal(here.call_id, slice_make(call_id, strlen(call_id))) &&
		  here.cseq.number == strtoul(there->cseq->number, NULL, 10) &&
		  here.via_count == osip_list_size(&there->vias);
	osip_message_free(there);
	if (!is_same) {
		fprintf(stderr, "bench_parser: the two read a message differently\n");
		exit(1);
	}
}

static json_t *measured(const char *path)
{
	static char room[MESSAGE_BYTES];
	struct slice bytes = file_read(path, room);
	const char *name = strrchr(path, '/');
	uint64_t here, there;

	check(bytes);
	here = ours(bytes, sip_message_parse);
	there = libosip2(bytes);
	return json_pack("{s:s, s:i, s:I, s:I, s:I, s:f}", "message", name ? name + 1 : path,
			 "bytes", (int)bytes.len, "cycles", (json_int_t)here, "cycles_scalar",
			 (json_int_t)ours(bytes, sip_message_parse_scalar), "libosip2_cycles",
			 (json_int_t)there, "times", (double)there / (double)here);
}

static void row_print(const json_t *row)
{
	const char *name;
	int bytes;
	json_int_t here, scalar, there;
	double times;

	json_unpack((json_t *)(uintptr_t)row, "{s:s, s:i, s:I, s:I, s:I, s:f}", "message", &name,
		    "bytes", &bytes, "cycles", &here, "cycles_scalar", &scalar, "libosip2_cycles",
		    &there, "times", &times);
	printf("%8d %8lld %8lld %10lld %8.1f  %s\n", bytes, here, scalar, there, times, name);
}

int main(int argc, char **argv)
{
	bool is_json = argc > 1 && strcmp(argv[1], "--json") == 0;
	json_t *rows = json_array(), *row;
	size_t i;

	if (argc < 2 + is_json) {
		fprintf(stderr, "usage: bench_parser [--json] FILE...\n");
		return 2;
	}
	parser_init();
	for (int file = 1 + is_json; file < argc; file++)
		json_array_append_new(rows, measured(argv[file]));
	if (is_json) {
		json_dumpf(rows, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(3));
		printf("\n");
	} else {
		printf("%8s %8s %8s %10s %8s  message\n", "bytes", "ours", "scalar", "libosip2",
		       "times");
		json_array_foreach(rows, i, row) row_print(row);
	}
	json_decref(rows);
	return 0;
}
