/*
 * An answer of many messages: a dump of SAs or bindings, or the counters. It goes as far as the
 * socket takes it, and on when there is room again; the CONTRACT_ANSWER comes last.
 */
#ifndef SEKISHO_DATAPLANE_INBOX_STREAM_H
#define SEKISHO_DATAPLANE_INBOX_STREAM_H

#include <stdint.h>

struct contract_header;
struct inbox_config;
struct inbox_link;

/* Where it stands. */
struct inbox_stream {
	uint16_t id; /* CONTRACT_DUMP or CONTRACT_COUNTERS_GET; 0: none is under way */
	uint32_t kind;
	uint32_t request;
	uint32_t position;
};

/* The request, one of those two, is sound. */
void inbox_stream_begin(struct inbox_stream *stream, const struct contract_header *request);
void inbox_stream_carry_on(struct inbox_stream *stream, const struct inbox_config *config,
			   struct inbox_link *link);

#endif
