#include "terminal/ua/sending.h"

void sending_write_contact(const struct ua *ua, struct writer *w)
{
	WRITER_LITERAL(w, "<sip:");
	writer_slice(w, text_slice(&ua->user));
	writer_char(w, '@');
	sip_address_write(&ua->link.own, w);
	writer_char(w, '>');
}

void sending_begin(struct ua *ua, struct sending *s, struct slice method)
{
	struct writer series = writer_make(s->series, sizeof(s->series));

	s->request = (struct request){0};
	memcpy(s->branch, "z9hG4bK", 7);
	(void)ua_token(s->branch + 7);
	sip_route_security_write(&ua->link.own, ua->link.level, &series);
	s->request.method = method;
	s->request.via = ua->link.own;
	s->request.branch = slice_make(s->branch, sizeof(s->branch));
	s->request.route_security_lines = slice_make(series.at, series.len);
	s->request.from = text_slice(&ua->uri);
	s->request.from_tag = ua_token(s->tag);
	s->request.call_id = ua_token(s->call_id);
	s->request.cseq = 1;
}

void sending_add_contact(struct ua *ua, struct sending *s)
{
	struct writer w = writer_make(s->contact, sizeof(s->contact));

	sending_write_contact(ua, &w);
	s->request.contact = slice_make(w.at, w.len);
}

enum result sending_address(struct sending *s, struct slice to)
{
	struct writer w = writer_make(s->to, sizeof(s->to));
	struct slice uri;
	struct sip_uri parsed;

	if (sip_uri_parse(to, &parsed) != RESULT_OK || parsed.scheme == SIP_SCHEME_OTHER)
		WRITER_LITERAL(&w, "sip:");
	writer_slice(&w, to);
	if (writer_finish(&w, &uri) != RESULT_OK || sip_uri_parse(uri, &parsed) != RESULT_OK ||
	    parsed.scheme == SIP_SCHEME_OTHER || parsed.headers.len)
		return RESULT_BAD;
	s->request.uri = uri;
	s->request.to = uri;
	return RESULT_OK;
}

void sending_forge(struct sending *s, const struct ua_forgery *forgery)
{
	if (forgery->from.len)
		s->request.from = forgery->from;
	if (forgery->has_route_security)
		s->request.route_security_lines = forgery->route_security_lines;
}

enum result sending_start(struct ua *ua, uint64_t now_ms, const struct sending *s,
			  enum purpose purpose, uint64_t life_ms, struct client **out)
{
	struct ua_buffer buffer;
	struct writer w = writer_make(buffer.bytes, sizeof(buffer.bytes));
	struct slice bytes;
	enum result result;

	request_write(&s->request, &w);
	result = writer_finish(&w, &bytes);
	if (result != RESULT_OK)
		return result;
	return clients_start(&ua->clients, &ua->port, now_ms, bytes, purpose, life_ms, out);
}
