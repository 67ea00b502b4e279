/* Line ends up to the empty line, found by blocks of 64 bytes: a bit for each. */
#ifndef SEKISHO_SHARED_SIP_LINE_ENDS_H
#define SEKISHO_SHARED_SIP_LINE_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/sip/vector.h"

#define SIP_BLOCK_BYTES 64

/* The start line's, the header lines', the empty line's. */
#define SIP_LINE_ENDS_MAX (1 + LIMIT_SIP_HEADER_LINES + 1)

struct sip_line_ends {
	unsigned count;
	/* Offsets of their LF, in order; what one block adds may be beyond the most there may be.
	 */
	uint16_t at[SIP_LINE_ENDS_MAX + SIP_BLOCK_BYTES];
};

/*
 * All line ends; false, and nothing to rely on, if there is no empty line, if there are too many,
 * or a CR or LF that is not part of a CRLF stands before it. len is at most
 * LIMIT_SIP_MESSAGE_BYTES. The first only where sip_vector_is_there, the second only where
 * sip_vector_is_wide.
 */
bool sip_line_ends_find(const char *base, size_t len, struct sip_line_ends *out);
bool sip_line_ends_find_wide(const char *base, size_t len, struct sip_line_ends *out);

#endif
