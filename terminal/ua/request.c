#include "terminal/ua/request.h"

static void write_line(struct writer *w, struct slice name, struct slice value)
{
	writer_slice(w, name);
	writer_slice(w, value);
	WRITER_LITERAL(w, "\r\n");
}

static void write_party(struct writer *w, struct slice uri, struct slice tag)
{
	writer_char(w, '<');
	writer_slice(w, uri);
	WRITER_LITERAL(w, ">");
	if (tag.len) {
		WRITER_LITERAL(w, ";tag=");
		writer_slice(w, tag);
	}
	WRITER_LITERAL(w, "\r\n");
}

static void write_start(struct writer *w, struct slice method, struct slice uri)
{
	writer_slice(w, method);
	writer_char(w, ' ');
	writer_slice(w, uri);
	WRITER_LITERAL(w, " SIP/2.0\r\n");
}

static void write_cseq(struct writer *w, uint32_t number, struct slice method)
{
	WRITER_LITERAL(w, "CSeq: ");
	writer_u32(w, number);
	writer_char(w, ' ');
	writer_slice(w, method);
	WRITER_LITERAL(w, "\r\n");
}

static void write_body(struct writer *w, struct slice type, struct slice body)
{
	if (type.len)
		write_line(w, SLICE("Content-Type: "), type);
	WRITER_LITERAL(w, "Content-Length: ");
	writer_u64(w, body.len);
	WRITER_LITERAL(w, "\r\n\r\n");
	writer_slice(w, body);
}

void request_write(const struct request *r, struct writer *w)
{
	write_start(w, r->method, r->uri);
	writer_slice(w, r->is_tcp ? SLICE("Via: SIP/2.0/TCP ") : SLICE("Via: SIP/2.0/UDP "));
	sip_address_write(&r->via, w);
	WRITER_LITERAL(w, ";branch=");
	writer_slice(w, r->branch);
	WRITER_LITERAL(w, ";rport\r\n");
	writer_slice(w, r->route_lines);
	writer_slice(w, r->route_security_lines);
	WRITER_LITERAL(w, "Max-Forwards: ");
	writer_u32(w, r->max_forwards);
	WRITER_LITERAL(w, "\r\nFrom: ");
	if (r->from_display.len) {
		writer_slice(w, r->from_display);
		writer_char(w, ' ');
	}
	write_party(w, r->from, r->from_tag);
	WRITER_LITERAL(w, "To: ");
	write_party(w, r->to, r->to_tag);
	write_line(w, SLICE("Call-ID: "), r->call_id);
	write_cseq(w, r->cseq, r->method);
	if (r->contact.len)
		write_line(w, SLICE("Contact: "), r->contact);
	writer_slice(w, r->extra_lines);
	write_body(w, r->content_type, r->body);
}

static void copy_lines(const struct sip_message *message, enum sip_header header, struct writer *w)
{
	for (unsigned i = 0; i < message->line_count; i++)
		if (message->lines[i].id == header)
			writer_slice(w, sip_message_line(message, i));
}

/* What ACK and CANCEL share: they are their INVITE but for method, To and body. */
static void write_derived(const struct sip_message *invite, struct slice method, struct slice to,
			  struct writer *w)
{
	write_start(w, method, invite->uri.text);
	copy_lines(invite, SIP_HEADER_VIA, w);
	copy_lines(invite, SIP_HEADER_ROUTE, w);
	copy_lines(invite, SIP_HEADER_ROUTE_SECURITY, w);
	WRITER_LITERAL(w, "Max-Forwards: 70\r\n");
	copy_lines(invite, SIP_HEADER_FROM, w);
	write_line(w, SLICE("To: "), to);
	copy_lines(invite, SIP_HEADER_CALL_ID, w);
	write_cseq(w, invite->cseq.number, method);
	write_body(w, slice_make(NULL, 0), slice_make(NULL, 0));
}

void request_write_ack(const struct sip_message *invite, struct slice to, struct writer *w)
{
	write_derived(invite, SLICE("ACK"), to, w);
}

void request_write_cancel(const struct sip_message *invite, struct writer *w)
{
	write_derived(invite, SLICE("CANCEL"), sip_message_value(invite, SIP_HEADER_TO), w);
}
