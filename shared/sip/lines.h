/* Where header lines start, end and have their colon, in any bytes (head.h: in most). */
#ifndef SEKISHO_SHARED_SIP_LINES_H
#define SEKISHO_SHARED_SIP_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/limits.h"

/* One header line, folds included; offsets from the message's first byte. */
struct sip_line {
	uint16_t start;	    /* of the name */
	uint16_t value;	    /* as scanned: of the first colon, 0 if none; parsed: of the value */
	uint16_t value_len; /* set by the parser: without space at both ends */
	uint16_t end;	    /* past its CRLF */
	uint8_t id;	    /* enum sip_header, set by the parser */
	uint8_t flags;
	uint8_t pad[6]; /* four of them are one vector */
};

enum {
	SIP_LINE_FOLDED = 1 << 0,
	SIP_LINE_BARE = 1 << 1,	  /* a CR or LF that is not part of a CRLF stands in it */
	SIP_LINE_BROKEN = 1 << 2, /* set by the parser: no colon, or a name that is no token */
};

/* What a scan found beside the lines. */
struct sip_lines {
	uint16_t start_line_len; /* without CRLF */
	uint16_t count;		 /* header lines, at most LIMIT_SIP_HEADER_LINES */
	uint16_t body;		 /* offset past the empty line; at its absence the scanned length */
	bool has_end;		 /* the empty line was there */
	bool has_bare;		 /* a bare CR or LF stands before the body */
	bool has_too_many;	 /* there were more lines than fit */
};

/*
 * Scans len (at most LIMIT_SIP_MESSAGE_BYTES) bytes: a start line, header lines, an empty line.
 * A line ends at CRLF unless space or tab follows (RFC 3261 7.3.1); bytes after the last CRLF of
 * a message without empty line belong to no line. Whatever the bytes are, the result is total.
 */
void sip_lines_scan(const char *at, size_t len, struct sip_line lines[LIMIT_SIP_HEADER_LINES],
		    struct sip_lines *out);

#endif
