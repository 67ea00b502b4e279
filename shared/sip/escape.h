/* Percent escapes in URIs: one unit for each character, however it is spelled. */
#ifndef SEKISHO_SHARED_SIP_ESCAPE_H
#define SEKISHO_SHARED_SIP_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/slice.h"
#include "shared/writer.h"

/*
 * A character of a URI part. Reserved ones are themselves or their escape, and the two differ;
 * all others are the same escaped or not (RFC 3261 19.1.4), so only one spelling comes out.
 */
struct sip_escape_unit {
	unsigned char value;
	bool is_escaped; /* in the one spelling: "%" and two upper-case digits */
};

/* Reads one unit at text.at[*at] and moves past it; a broken escape is a plain "%". */
struct sip_escape_unit sip_escape_next(struct slice text, size_t *at);

/* Writes the one spelling of a unit. */
void sip_escape_write(struct sip_escape_unit unit, struct writer *w);

/* Do the texts spell the same, letters compared by case or not? */
bool sip_escape_is_equal(struct slice a, struct slice b, bool is_case_sensitive);

#endif
