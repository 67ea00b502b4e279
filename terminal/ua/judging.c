#include "terminal/ua/judging.h"

#include "terminal/ua/answering.h"

/* Describes the finding, tells it, and settles whether it is taken. */
static void conclude(struct ua *ua, const struct series_finding *finding, struct ua_event *event,
		     struct judgement *out)
{
	struct writer w = writer_make(out->buffer, sizeof(out->buffer));

	if (finding->fault == SERIES_FAULT_NONE)
		return;
	series_finding_write(finding, &out->series, &w);
	out->sentence = slice_make(w.at, w.len);
	out->is_refused = ua->is_refusing;
	event->reason = out->sentence;
	event->series = &out->series;
	ua->port.tell(ua->port.context, event);
}

void judge_request(struct ua *ua, const struct sip_message *request, struct judgement *out)
{
	struct ua_event event = {
		.kind = ua->is_refusing ? UA_EVENT_REFUSED : UA_EVENT_WARNING,
		.status = ua->is_refusing ? 488 : 0,
		.party = request->from.uri.text,
	};
	struct series_finding finding;

	out->is_refused = false;
	out->sentence = slice_make(NULL, 0);
	sip_route_security_read(request, &out->series);
	finding = series_judge_request(&ua->policy, &ua->link, &out->series);
	conclude(ua, &finding, &event, out);
}

void judge_response(struct ua *ua, const struct sip_message *request,
		    const struct sip_message *response, struct judgement *out)
{
	struct ua_event event = {
		.kind = UA_EVENT_WARNING,
		.party = request->to.uri.text,
		.is_by_us = true,
	};
	struct sip_route_security sent;
	struct series_finding finding;

	out->is_refused = false;
	out->sentence = slice_make(NULL, 0);
	sip_route_security_read(response, &out->series);
	if (request->method == SIP_METHOD_REGISTER)
		return;
	sip_route_security_read(request, &sent);
	finding = series_judge_response(&ua->policy, &ua->link, &sent, &out->series,
					response->status, request->method == SIP_METHOD_INVITE);
	conclude(ua, &finding, &event, out);
}

void judgement_draw(const struct ua *ua, const struct judgement *judgement, struct slice party,
		    bool is_ours, struct writer *w)
{
	struct slice own = text_slice(&ua->uri);

	series_draw(&judgement->series, is_ours ? own : party, is_ours ? party : own, w);
}

void judgement_write(const struct ua *ua, const struct judgement *judgement, struct slice party,
		     bool is_ours, struct writer *w)
{
	WRITER_LITERAL(w, "Sekisho-Path: ");
	judgement_draw(ua, judgement, party, is_ours, w);
	WRITER_LITERAL(w, "\r\n");
	if (judgement->sentence.len == 0)
		return;
	WRITER_LITERAL(w, "Sekisho-Fault: ");
	writer_slice(w, judgement->sentence);
	WRITER_LITERAL(w, "\r\n");
}
