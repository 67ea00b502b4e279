#include "terminal/ua/sdp.h"

static void write_address(const struct sip_address *own, struct writer *w)
{
	WRITER_LITERAL(w, "IN IP");
	writer_u32(w, own->family);
	writer_char(w, ' ');
	sip_address_write_bare(own, w);
	WRITER_LITERAL(w, "\r\n");
}

void sdp_write(const struct sip_address *own, struct slice lines, struct writer *w)
{
	WRITER_LITERAL(w, "v=0\r\no=- 1 1 ");
	write_address(own, w);
	WRITER_LITERAL(w, "s=-\r\nc=");
	write_address(own, w);
	WRITER_LITERAL(w, "t=0 0\r\n");
	writer_slice(w, lines);
	/* Port 9 discards: nobody listens, nothing is sent. */
	WRITER_LITERAL(w, "m=audio 9 RTP/AVP 0\r\na=inactive\r\n");
}

bool sdp_next_line(struct slice *rest, struct slice *line)
{
	const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;

	if (rest->len == 0)
		return false;
	line->at = rest->at;
	line->len = end ? (size_t)(end - rest->at) + 1 : rest->len;
	rest->at += line->len;
	rest->len -= line->len;
	return true;
}

static bool is_starting(struct slice line, struct slice with)
{
	return line.len >= with.len && memcmp(line.at, with.at, with.len) == 0;
}

void sdp_edit(struct slice sdp, struct slice lines, struct writer *w)
{
	bool has_media = false;
	struct slice line;

	while (sdp_next_line(&sdp, &line)) {
		if (is_starting(line, SLICE("a=sekisho-channel:")))
			continue;
		if (!has_media && is_starting(line, SLICE("m="))) {
			writer_slice(w, lines);
			has_media = true;
		}
		writer_slice(w, line);
	}
	if (!has_media)
		writer_slice(w, lines);
}

struct slice sdp_body(const struct sip_message *message)
{
	if (sip_message_has(message, SIP_HEADER_CONTENT_ENCODING))
		return slice_make(NULL, 0);
	return sdp_body_of_type(message, SDP_CONTENT_TYPE);
}

/* A media type without its parameters (RFC 3261 20.15). */
struct slice sdp_body_of_type(const struct sip_message *message, struct slice type)
{
	struct slice value = sip_message_value(message, SIP_HEADER_CONTENT_TYPE);
	bool is_it =
		value.len >= type.len &&
		slice_is_equal_nocase(slice_make(value.at, type.len), type) &&
		(value.len == type.len || value.at[type.len] == ';' || value.at[type.len] == ' ');

	return is_it ? sip_message_body(message) : slice_make(NULL, 0);
}
