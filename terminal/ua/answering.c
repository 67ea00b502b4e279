#include "terminal/ua/answering.h"

#include "shared/sip/reply.h"
#include "terminal/ua/sending.h"

struct slice ua_allow_line(void)
{
	return SLICE("Allow: INVITE, ACK, CANCEL, BYE, MESSAGE, OPTIONS\r\n");
}

static void write_lines(const struct ua *ua, const struct server *server,
			const struct answering *answering, struct writer *w)
{
	if (answering->is_forming_dialog) {
		sending_write_record_route(ua, &server->flow, w);
		WRITER_LITERAL(w, "Contact: ");
		sending_write_contact(ua, &server->flow, answering->party, w);
		WRITER_LITERAL(w, "\r\n");
	}
	writer_slice(w, answering->lines);
}

void ua_respond(struct ua *ua, struct server *server, uint64_t now_ms,
		const struct answering *answering)
{
	char tag[UA_TOKEN_CHARS];
	struct ua_buffer lines, buffer;
	struct writer extra = writer_make(lines.bytes, sizeof(lines.bytes));
	struct writer w = writer_make(buffer.bytes, sizeof(buffer.bytes));
	struct sip_message request;
	struct sip_reply reply = {
		.status = (uint16_t)answering->status,
		.reason = answering->reason,
		.to_tag = answering->to_tag,
		.content_type = answering->content_type,
		.body = answering->body,
		.has_record_route = answering->is_forming_dialog,
		/* The series is not for clients, who might have made one up. */
		.has_no_route_security = flow_is_local(&server->flow),
	};

	if (sip_message_parse(server->request.at, server->request.len, &request) ==
	    SIP_VERDICT_DROP)
		return;
	if (reply.to_tag.len == 0 && answering->status > 100)
		reply.to_tag = ua_token(tag);
	if (flow_is_local(&server->flow))
		reply.source = server->flow.peer;
	write_lines(ua, server, answering, &extra);
	reply.extra = slice_make(extra.at, extra.len);
	if (!extra.is_full && sip_reply_write(&request, &reply, &w) == RESULT_OK)
		server_respond(server, &ua->port, now_ms, answering->status,
			       slice_make(w.at, w.len));
}

void ua_respond_status(struct ua *ua, struct server *server, uint64_t now_ms, unsigned status)
{
	struct answering answering = {.status = status};

	ua_respond(ua, server, now_ms, &answering);
}

void ua_write_warning(const struct ua *ua, const struct flow *flow, struct slice sentence,
		      struct writer *w)
{
	WRITER_LITERAL(w, "Warning: 399 ");
	sip_address_write(ua_own_address(ua, flow), w);
	WRITER_LITERAL(w, " \"");
	for (size_t i = 0; i < sentence.len; i++) {
		char c = sentence.at[i];

		if (c == '"' || c == '\\')
			writer_char(w, '\\');
		writer_char(w, (unsigned char)c < ' ' || c == 0x7f ? ' ' : c);
	}
	WRITER_LITERAL(w, "\"\r\n");
}

void ua_refuse(struct ua *ua, struct server *server, uint64_t now_ms, unsigned status,
	       struct slice sentence)
{
	char line[UA_SENTENCE_CHARS + LIMIT_DOMAIN_BYTES + 32];
	struct writer w = writer_make(line, sizeof(line));
	struct answering answering = {.status = status};

	ua_write_warning(ua, &server->flow, sentence, &w);
	if (!w.is_full)
		answering.lines = slice_make(w.at, w.len);
	ua_respond(ua, server, now_ms, &answering);
}
