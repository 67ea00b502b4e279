/* Line ends up to the empty line, found by blocks of 64 bytes: a bit for each. */
#ifndef SEKISHO_SHARED_SIP_LINE_ENDS_H
#define SEKISHO_SHARED_SIP_LINE_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/limits.h"
#include "shared/sip/vector.h"

#define SIP_BLOCK_BYTES 64

/* The start line's, the header lines', the empty line's. */
#define SIP_LINE_ENDS_MAX (1 + LIMIT_SIP_HEADER_LINES + 1)

/* Offsets. */
struct sip_line_end {
	uint16_t cr;
	uint16_t lf;
};

struct sip_line_ends {
	unsigned count;
	/* In order; what one block adds may be beyond the most there may be. */
	struct sip_line_end at[SIP_LINE_ENDS_MAX + SIP_BLOCK_BYTES];
};

/*
 * All line ends; false, and nothing to rely on, if there is no empty line, if there are too many,
 * or a CR or LF that is not part of a CRLF stands before it. len is at most
 * LIMIT_SIP_MESSAGE_BYTES. Only where sip_vector_is_there.
 */
bool sip_line_ends_find(const char *base, size_t len, struct sip_line_ends *out);

/*
 * All bytes up to that of the empty line that are CR, LF or a control character below them, by
 * twos: these are the line ends, and no CR or LF stands before the empty line but in them, if each
 * of the twos is one, which the last two are, and which the caller makes certain of for the others
 * (sip_line_end_is_whole). False, too, where they are an odd number or stand very close. Only where
 * sip_vector_is_wide.
 */
bool sip_line_ends_find_wide(const char *base, size_t len, struct sip_line_ends *out);

/* Does CRLF end there? */
static inline bool sip_line_end_is_whole(const char *base, const struct sip_line_end *end)
{
	return end->lf > 0 && memcmp(base + end->lf - 1, "\r\n", 2) == 0;
}

#endif
