/* The head of a message as nearly all are written, read by vectors. */
#ifndef SEKISHO_SHARED_SIP_HEAD_H
#define SEKISHO_SHARED_SIP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/sip/line_ends.h"
#include "shared/sip/message.h"
#include "shared/sip/skeleton.h"
#include "shared/sip/vector.h"

struct sip_head {
	struct sip_line_ends ends;
	struct sip_skeleton_found found; /* .at: where the head, if it is read, may be remembered */
};

/*
 * First where lines end, and so which is the start line; then the header lines of message->base,
 * message->len: classifies and indexes them. Both together set line_count, body, lines, first, last
 * and present, all as sip_lines_scan and what follows it would, and found.repeated. Each false, and
 * nothing to rely on, where the head is not as nearly all are: a CR or LF alone, a fold, no empty
 * line, too many lines, a name that is no token or has space behind it. Only where
 * sip_vector_is_there; is_wide only where sip_vector_is_wide.
 */
static inline bool sip_head_find(struct sip_message *message, bool is_wide, struct sip_head *out)
{
	const struct sip_line_ends *ends = &out->ends;

	out->found.at = NULL;
	if (!(is_wide ? sip_line_ends_find_wide(message->base, message->len, &out->ends)
		      : sip_line_ends_find(message->base, message->len, &out->ends)))
		return false;
	message->line_count = (uint16_t)(ends->count - 2);
	message->body = (uint16_t)(ends->at[ends->count - 1].lf + 1);
	return true;
}

bool sip_head_read(struct sip_message *message, struct sip_head *head);

/*
 * sip_message_parse as it is where there are no vectors: the same result for any bytes.
 */
SEKISHO_MUST_USE enum sip_verdict sip_message_parse_scalar(const char *at, size_t len,
							   struct sip_message *out);

#endif
