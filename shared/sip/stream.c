#include "shared/sip/stream.h"

#include <string.h>

#include "shared/sip/chars.h"
#include "shared/sip/header.h"

#define HEAD_END       "\r\n\r\n"
#define HEAD_END_BYTES 4

void stream_skip(struct stream *stream, size_t len)
{
	if (len == 0)
		return;
	stream->seen = stream->wanted = 0;
	memmove(stream->bytes, stream->bytes + len, stream->len - len);
	stream->len -= len;
}

/* Empty lines before a message; a pair of them is a ping. */
static bool skip_empty_lines(struct stream *stream)
{
	size_t len = 0;

	while (stream->len - len >= 2 && memcmp(stream->bytes + len, "\r\n", 2) == 0)
		len += 2;
	stream_skip(stream, len);
	return len >= 4;
}

/* The value of Content-Length in a line without its line end; false if it is another line. */
static bool is_length(struct slice line, struct slice *value)
{
	const char *colon = line.len ? memchr(line.at, ':', line.len) : NULL;

	if (!colon ||
	    sip_header_find(sip_slice_trim(slice_make(line.at, (size_t)(colon - line.at)))) !=
		    SIP_HEADER_CONTENT_LENGTH)
		return false;
	*value = sip_slice_trim(slice_make(colon + 1, line.len - (size_t)(colon + 1 - line.at)));
	return true;
}

/* The body's length as the head says; false without Content-Length, which a stream must have. */
static bool body_length(struct slice head, uint32_t *out)
{
	while (head.len) {
		const char *end = memmem(head.at, head.len, "\r\n", 2);
		struct slice line = slice_make(head.at, end ? (size_t)(end - head.at) : head.len);
		size_t past = end ? line.len + 2 : line.len;
		struct slice value;

		if (is_length(line, &value))
			return sip_number_parse(value, LIMIT_SIP_MESSAGE_BYTES, out);
		head = slice_make(head.at + past, head.len - past);
	}
	return false;
}

/* How long the head is, its empty line with it; 0: its end has not come. */
static size_t head_length(struct stream *stream)
{
	const char *end = stream->len > stream->seen
				  ? memmem(stream->bytes + stream->seen, stream->len - stream->seen,
					   HEAD_END, HEAD_END_BYTES)
				  : NULL;

	if (end)
		return (size_t)(end - stream->bytes) + HEAD_END_BYTES;
	if (stream->len >= HEAD_END_BYTES) /* its beginning may be there */
		stream->seen = stream->len - (HEAD_END_BYTES - 1);
	return 0;
}

enum stream_verdict stream_next(struct stream *stream, struct slice *message)
{
	if (skip_empty_lines(stream))
		return STREAM_PING;
	if (stream->wanted == 0) {
		size_t head = head_length(stream);
		uint32_t body;

		if (head == 0)
			return stream->len < sizeof(stream->bytes) ? STREAM_MORE : STREAM_BAD;
		if (!body_length(slice_make(stream->bytes, head - 2), &body) ||
		    head + body > sizeof(stream->bytes))
			return STREAM_BAD;
		stream->wanted = head + body;
	}
	if (stream->wanted > stream->len)
		return STREAM_MORE;
	*message = slice_make(stream->bytes, stream->wanted);
	return STREAM_MESSAGE;
}
