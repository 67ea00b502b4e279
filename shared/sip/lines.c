#include "shared/sip/lines.h"

#include <string.h>

/* A place in the bytes, and whether a bare CR or LF was met on the way. */
struct scan {
	const char *base;
	size_t len;
	bool is_bare;
	bool is_folded;
};

/* Offset of the CRLF at or after from; len if there is none. */
static size_t crlf_find(struct scan *scan, size_t from)
{
	while (from < scan->len) {
		const char *cr = memchr(scan->base + from, '\r', scan->len - from);
		size_t stop = cr == NULL ? scan->len : (size_t)(cr - scan->base);

		if (memchr(scan->base + from, '\n', stop - from) != NULL)
			scan->is_bare = true;
		if (cr == NULL)
			return scan->len;
		if (stop + 1 < scan->len && scan->base[stop + 1] == '\n')
			return stop;
		scan->is_bare = true;
		from = stop + 1;
	}
	return scan->len;
}

/* Offset of the CRLF that ends the header line starting at from; len if none does. */
static size_t line_end_find(struct scan *scan, size_t from)
{
	size_t end = crlf_find(scan, from);

	scan->is_folded = false;
	while (end < scan->len && end + 2 < scan->len &&
	       (scan->base[end + 2] == ' ' || scan->base[end + 2] == '\t')) {
		scan->is_folded = true;
		end = crlf_find(scan, end + 2);
	}
	return end;
}

static void line_set(const struct scan *scan, size_t start, size_t end, struct sip_line *line)
{
	const char *colon = memchr(scan->base + start, ':', end - start);

	line->start = (uint16_t)start;
	line->value = colon == NULL ? 0 : (uint16_t)(colon - scan->base);
	line->end = (uint16_t)(end + 2);
	line->flags = (uint8_t)((scan->is_folded ? SIP_LINE_FOLDED : 0) |
				(scan->is_bare ? SIP_LINE_BARE : 0));
}

void sip_lines_scan(const char *at, size_t len, struct sip_line lines[LIMIT_SIP_HEADER_LINES],
		    struct sip_lines *out)
{
	struct scan scan = {.base = at, .len = len};
	size_t from = crlf_find(&scan, 0), end;

	*out = (struct sip_lines){
		.start_line_len = (uint16_t)from,
		.body = (uint16_t)len,
		.has_bare = scan.is_bare,
	};
	from = from < len ? from + 2 : len;
	while (from < len) {
		if (len - from >= 2 && at[from] == '\r' && at[from + 1] == '\n') {
			out->has_end = true;
			out->body = (uint16_t)(from + 2);
			return;
		}
		scan.is_bare = false;
		end = line_end_find(&scan, from);
		out->has_bare |= scan.is_bare;
		if (end == len)
			return;
		if (out->count == LIMIT_SIP_HEADER_LINES)
			out->has_too_many = true;
		else
			line_set(&scan, from, end, &lines[out->count++]);
		from = end + 2;
	}
}
