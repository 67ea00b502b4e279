/*
 * What a simulated terminal writes. A request follows from who, to whom and its id alone, so that
 * it can be written again when it must be compared with what came out of the gateway; a response
 * and what follows it are written from the message they answer.
 */
#ifndef SEKISHO_BENCH_LOADGEN_MESSAGE_H
#define SEKISHO_BENCH_LOADGEN_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/loadgen/terminals.h"
#include "shared/slice.h"
#include "shared/writer.h"

#define MESSAGE_BYTES_MAX 1600
#define MESSAGE_BODY_MAX  1200

/* "JJJJJJJJIIIIIIII": job and place in it, in hexadecimal: Call-ID, tags and branches. */
#define MESSAGE_ID_CHARS 16

enum message_kind {
	MESSAGE_MESSAGE,  /* out of any dialog */
	MESSAGE_INVITE,
	MESSAGE_ACK,
	MESSAGE_BYE,
	MESSAGE_REGISTER, /* a refresh */
	MESSAGE_SPOOFED,  /* a MESSAGE whose From is another terminal's */
	MESSAGE_SCANNER,  /* an OPTIONS of a scanner, outside any channel */
	MESSAGE_KINDS,
};

/* What all requests of a job have in common. */
struct message_style {
	const struct terminals *terminals;
	uint32_t job;
	uint16_t bytes;	 /* of MESSAGE and INVITE as far as a body can fill it; 0: no body */
	bool is_marked;	 /* Route-Security: the sender's entry, at the level of the terminals' links */
	bool is_direct;	 /* the Request-URI is the callee's address, not his name */
};

struct message_parties {
	uint32_t index; /* in the job */
	uint32_t caller, callee;
};

/*
 * Write a request. route: the Route header's lines, CRLFs included (ACK, BYE; else empty).
 * RESULT_SPACE: it does not fit.
 */
SEKISHO_MUST_USE enum result message_request_write(const struct message_style *style,
						   enum message_kind kind,
						   const struct message_parties *parties,
						   struct slice route, struct writer *w);

/*
 * Write the callee's 200 to a request as received. rest: where in it what the gateway has to leave
 * as it is begins, its own Via being taken off. RESULT_BAD: the request lacks something.
 */
SEKISHO_MUST_USE enum result message_ok_write(const struct message_style *style,
					      const struct message_parties *parties,
					      struct slice request, struct writer *w, size_t *rest);

/* The Route lines that the Record-Route lines of a response make. RESULT_BAD: there are none. */
SEKISHO_MUST_USE enum result message_route_write(struct slice response, struct writer *w);

/* ";level=3\r\n", or 0 where the terminals speak in the clear: how an entry for a link ends. */
struct slice message_level(const struct message_style *style);

/* Job and index out of a Call-ID of ours; false: it is another's. */
bool message_id_read(struct slice call_id, uint32_t *job, uint32_t *index);

#endif
