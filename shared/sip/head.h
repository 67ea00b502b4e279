/* The head of a message as nearly all are written, read by vectors. */
#ifndef SEKISHO_SHARED_SIP_HEAD_H
#define SEKISHO_SHARED_SIP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sip/message.h"
#include "shared/sip/vector.h"

struct sip_head {
	uint16_t start_line_len; /* without CRLF */
	uint64_t repeated;	 /* a bit for each header that has several lines */
};

/*
 * Finds, classifies and indexes the lines of message->base, message->len in two passes: sets
 * line_count, lines, first, last, present and body, all as sip_lines_scan and what follows it
 * would. False, and nothing to rely on, where the head is not as nearly all are: a CR or LF alone,
 * a fold, no empty line, too many lines, a name that is no token or has space behind it. Only where
 * sip_vector_is_there.
 */
bool sip_head_read(struct sip_message *message, struct sip_head *out);

/*
 * sip_message_parse as it is where there are no vectors: the same result for any bytes.
 */
SEKISHO_MUST_USE enum sip_verdict sip_message_parse_scalar(const char *at, size_t len,
							   struct sip_message *out);

#endif
