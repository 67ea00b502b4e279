/* The lines of a SIP message as a generator looks at them: as bytes, each with its CRLF. */
#ifndef SEKISHO_BENCH_LOADGEN_LINES_H
#define SEKISHO_BENCH_LOADGEN_LINES_H

#include <stdbool.h>
#include <string.h>

#include "shared/slice.h"

/* Take the next line off, its line end included; false: nothing, or no whole line, is left. */
static inline bool line_take(struct slice *rest, struct slice *line)
{
	const char *end = rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;

	if (!end)
		return false;
	*line = slice_make(rest->at, (size_t)(end + 1 - rest->at));
	*rest = slice_make(end + 1, rest->len - line->len);
	return true;
}

static inline bool line_begins(struct slice line, struct slice with)
{
	return line.len >= with.len && memcmp(line.at, with.at, with.len) == 0;
}

/* The empty line between head and body. */
static inline bool line_is_end(struct slice line)
{
	return line.len == 2 && line.at[0] == '\r';
}

/* The value of the first line with this name ("Call-ID: "), without its CRLF; else empty. */
static inline struct slice line_value(struct slice message, struct slice name)
{
	struct slice line;

	while (line_take(&message, &line) && !line_is_end(line))
		if (line_begins(line, name) && line.len >= name.len + 2)
			return slice_make(line.at + name.len, line.len - name.len - 2);
	return slice_make("", 0);
}

#endif
