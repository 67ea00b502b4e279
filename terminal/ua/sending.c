#include "terminal/ua/sending.h"

struct side *ua_side(struct ua *ua, const struct flow *flow)
{
	return flow_is_local(flow) ? &ua->inner : &ua->outer;
}

const struct sip_address *ua_own_address(const struct ua *ua, const struct flow *flow)
{
	if (!flow_is_local(flow))
		return &ua->link.own;
	return flow->peer.family == 4 ? &ua->local_ipv4 : &ua->local_ipv6;
}

void sending_write_contact(const struct ua *ua, const struct flow *flow, struct slice party,
			   struct writer *w)
{
	writer_char(w, '<');
	if (flow_is_local(flow)) {
		writer_slice(w, party);
	} else {
		WRITER_LITERAL(w, "sip:");
		writer_slice(w, text_slice(&ua->user));
		writer_char(w, '@');
		sip_address_write(&ua->link.own, w);
	}
	writer_char(w, '>');
}

void sending_write_record_route(const struct ua *ua, const struct flow *flow, struct writer *w)
{
	if (!flow_is_local(flow))
		return;
	WRITER_LITERAL(w, "Record-Route: <sip:");
	sip_address_write(ua_own_address(ua, flow), w);
	if (flow_is_reliable(flow))
		WRITER_LITERAL(w, ";transport=tcp");
	WRITER_LITERAL(w, ";lr>\r\n");
}

void sending_begin(struct ua *ua, const struct flow *flow, struct sending *s, struct slice method)
{
	struct writer series = writer_make(s->series, sizeof(s->series));

	s->flow = *flow;
	s->request = (struct request){0};
	memcpy(s->branch, "z9hG4bK", 7);
	(void)ua_token(s->branch + 7);
	if (!flow_is_local(flow))
		sip_route_security_write(&ua->link.own, ua->link.level, &series);
	s->request.method = method;
	s->request.via = *ua_own_address(ua, flow);
	s->request.is_tcp = flow_is_reliable(flow);
	s->request.branch = slice_make(s->branch, sizeof(s->branch));
	s->request.route_security_lines = slice_make(series.at, series.len);
	s->request.max_forwards = 70;
	s->request.from = text_slice(&ua->uri);
	s->request.from_tag = ua_token(s->tag);
	s->request.call_id = ua_token(s->call_id);
	s->request.cseq = 1;
}

void sending_add_contact(struct ua *ua, struct sending *s, struct slice party)
{
	struct writer w = writer_make(s->contact, sizeof(s->contact));

	sending_write_contact(ua, &s->flow, party, &w);
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
	return clients_start(&ua_side(ua, &s->flow)->clients, &ua->port, now_ms, &s->flow, bytes,
			     purpose, life_ms, out);
}

bool sending_send(struct ua *ua, const struct sending *s, struct text *copy)
{
	struct ua_buffer buffer;
	struct writer w = writer_make(buffer.bytes, sizeof(buffer.bytes));
	struct slice bytes;

	request_write(&s->request, &w);
	if (writer_finish(&w, &bytes) != RESULT_OK || text_set(copy, bytes) != RESULT_OK)
		return false;
	ua->port.send(ua->port.context, &s->flow, bytes);
	return true;
}
