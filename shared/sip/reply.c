#include "shared/sip/reply.h"

static const struct {
	unsigned status;
	struct slice phrase;
} phrases[] = {
#define PHRASE(status, text)                                                                       \
	{                                                                                          \
		status,                                                                            \
		{                                                                                  \
			text, sizeof(text) - 1                                                     \
		}                                                                                  \
	}
	PHRASE(100, "Trying"),
	PHRASE(180, "Ringing"),
	PHRASE(181, "Call Is Being Forwarded"),
	PHRASE(183, "Session Progress"),
	PHRASE(200, "OK"),
	PHRASE(202, "Accepted"),
	PHRASE(302, "Moved Temporarily"),
	PHRASE(400, "Bad Request"),
	PHRASE(401, "Unauthorized"),
	PHRASE(403, "Forbidden"),
	PHRASE(404, "Not Found"),
	PHRASE(405, "Method Not Allowed"),
	PHRASE(407, "Proxy Authentication Required"),
	PHRASE(408, "Request Timeout"),
	PHRASE(415, "Unsupported Media Type"),
	PHRASE(416, "Unsupported URI Scheme"),
	PHRASE(420, "Bad Extension"),
	PHRASE(423, "Interval Too Brief"),
	PHRASE(433, "Anonymity Disallowed"),
	PHRASE(480, "Temporarily Unavailable"),
	PHRASE(481, "Call/Transaction Does Not Exist"),
	PHRASE(482, "Loop Detected"),
	PHRASE(483, "Too Many Hops"),
	PHRASE(486, "Busy Here"),
	PHRASE(487, "Request Terminated"),
	PHRASE(488, "Not Acceptable Here"),
	PHRASE(491, "Request Pending"),
	PHRASE(494, "Security Agreement Required"),
	PHRASE(500, "Server Internal Error"),
	PHRASE(501, "Not Implemented"),
	PHRASE(502, "Bad Gateway"),
	PHRASE(503, "Service Unavailable"),
	PHRASE(504, "Server Time-out"),
	PHRASE(505, "Version Not Supported"),
	PHRASE(513, "Message Too Large"),
	PHRASE(600, "Busy Everywhere"),
	PHRASE(603, "Decline"),
#undef PHRASE
};

struct slice sip_reply_phrase(unsigned status)
{
	static const struct slice classes[] = {
		{"Trying", 6},	      {"OK", 2},       {"Redirected", 10}, {"Bad Request", 11},
		{"Server Error", 12}, {"Declined", 8},
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return status >= 100 && status < 700 ? classes[status / 100 - 1] : SLICE("Unknown");
}

/* A CR or LF at i that belongs to no CRLF. */
static bool is_bare(struct slice text, size_t i)
{
	if (text.at[i] == '\r')
		return i + 1 == text.len || text.at[i + 1] != '\n';
	return text.at[i] == '\n' && (i == 0 || text.at[i - 1] != '\r');
}

/* Bytes of the request; of one refused for its line ends, none that would end a line again. */
static void copy(const struct sip_message *request, struct slice text, struct writer *w)
{
	if (!request->has_bare) {
		writer_slice(w, text);
		return;
	}
	for (size_t i = 0; i < text.len; i++)
		writer_char(w, is_bare(text, i) ? ' ' : text.at[i]);
}

static void header_copy(const struct sip_message *request, enum sip_header header, struct writer *w)
{
	if (!sip_message_has(request, header))
		return;
	for (unsigned i = request->first[header]; i <= request->last[header]; i++)
		if (request->lines[i].id == header)
			copy(request, sip_message_line(request, i), w);
}

/* The first line only: a refused request may have more of what may stand once. */
static void single_copy(const struct sip_message *request, enum sip_header header, struct writer *w)
{
	if (sip_message_has(request, header))
		copy(request, sip_message_line(request, request->first[header]), w);
}

/* The line of the top Via with its entry stamped; it holds no bare CR or LF. */
static void top_via_write(const struct sip_message *request, const struct sip_address *source,
			  struct writer *w)
{
	struct slice line = sip_message_line(request, request->first[SIP_HEADER_VIA]);
	struct sip_via_patch patches[SIP_VIA_PATCHES];
	unsigned count = source->family == 0
				 ? 0
				 : sip_via_stamp(&request->via, source, slice_make("", 0), patches);
	const char *at = line.at, *end = line.at + line.len;

	for (unsigned i = 0; i < count; i++) {
		const char *place = request->via.text.at + patches[i].offset;

		writer_bytes(w, at, (size_t)(place - at));
		writer_bytes(w, patches[i].text, patches[i].len);
		at = place + patches[i].remove;
	}
	writer_bytes(w, at, (size_t)(end - at));
}

static void vias_write(const struct sip_message *request, const struct sip_address *source,
		       struct writer *w)
{
	top_via_write(request, source, w);
	for (unsigned i = request->first[SIP_HEADER_VIA] + 1u; i <= request->last[SIP_HEADER_VIA];
	     i++)
		if (request->lines[i].id == SIP_HEADER_VIA)
			copy(request, sip_message_line(request, i), w);
}

static void to_write(const struct sip_message *request, struct slice tag, struct writer *w)
{
	const struct sip_line *line;

	if (!request->has_to || request->to.tag.len != 0 || tag.len == 0) {
		single_copy(request, SIP_HEADER_TO, w);
		return;
	}
	line = &request->lines[request->first[SIP_HEADER_TO]];
	copy(request,
	     slice_make(request->base + line->start,
			(size_t)(line->value + line->value_len - line->start)),
	     w);
	WRITER_LITERAL(w, ";tag=");
	writer_slice(w, tag);
	WRITER_LITERAL(w, "\r\n");
}

static void status_line_write(const struct sip_reply *reply, struct writer *w)
{
	WRITER_LITERAL(w, "SIP/2.0 ");
	writer_u32(w, reply->status);
	writer_char(w, ' ');
	writer_slice(w, reply->reason.len != 0 ? reply->reason : sip_reply_phrase(reply->status));
	WRITER_LITERAL(w, "\r\n");
}

static void body_write(const struct sip_reply *reply, struct writer *w)
{
	if (reply->content_type.len != 0) {
		WRITER_LITERAL(w, "Content-Type: ");
		writer_slice(w, reply->content_type);
		WRITER_LITERAL(w, "\r\n");
	}
	WRITER_LITERAL(w, "Content-Length: ");
	writer_u64(w, reply->body.len + reply->body_to_come);
	WRITER_LITERAL(w, "\r\n\r\n");
	writer_slice(w, reply->body);
}

enum result sip_reply_write(const struct sip_message *request, const struct sip_reply *reply,
			    struct writer *w)
{
	status_line_write(reply, w);
	vias_write(request, &reply->source, w);
	if (reply->has_record_route)
		header_copy(request, SIP_HEADER_RECORD_ROUTE, w);
	if (!reply->has_no_route_security)
		header_copy(request, SIP_HEADER_ROUTE_SECURITY, w);
	single_copy(request, SIP_HEADER_FROM, w);
	to_write(request, reply->to_tag, w);
	single_copy(request, SIP_HEADER_CALL_ID, w);
	single_copy(request, SIP_HEADER_CSEQ, w);
	writer_slice(w, reply->extra);
	body_write(reply, w);
	return w->is_full ? RESULT_SPACE : RESULT_OK;
}
