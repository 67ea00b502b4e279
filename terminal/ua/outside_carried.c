#include "terminal/ua/answering.h"
#include "terminal/ua/body.h"
#include "terminal/ua/carrying.h"
#include "terminal/ua/outside.h"

/* Everything but who it is from and to. */
static void carry(struct ua *ua, uint64_t now_ms, struct server *server,
		  const struct sip_message *request, const struct judgement *judgement,
		  struct sending *sending)
{
	struct carried carried;
	struct client *client;

	carried_make(ua, request, judgement, request->from.uri.text, false, &carried);
	carry_origin(request, &sending->request);
	sending->request.from_tag = request->from.tag;
	sending->request.call_id = request->call_id;
	sending->request.cseq = request->cseq.number;
	sending->request.extra_lines = slice_make(carried.lines.at, carried.lines.len);
	sending->request.content_type = sip_message_value(request, SIP_HEADER_CONTENT_TYPE);
	sending->request.body = sip_message_body(request);
	if (carried.lines.is_full || sending_start(ua, now_ms, sending, PURPOSE_CARRIED,
						   TIMER_LIFE_MS, &client) != RESULT_OK)
		ua_refuse(ua, server, now_ms, 503, SLICE("too much is going on"));
	else
		client->asked_by = server->number;
}

void outside_carry_out(struct ua *ua, uint64_t now_ms, struct server *server,
		       const struct sip_message *request, struct slice from, struct slice to)
{
	struct flow channel = {0};
	struct sending sending;

	sending_begin(ua, &channel, &sending, request->method_name);
	sending.request.uri = sending.request.to = to;
	sending.request.from = from;
	carry(ua, now_ms, server, request, NULL, &sending);
}

void outside_carry_in(struct ua *ua, uint64_t now_ms, struct server *server,
		      const struct sip_message *request, const struct phone *phone,
		      const struct judgement *judgement)
{
	struct sending sending;

	sending_begin(ua, &phone->flow, &sending, request->method_name);
	sending.request.uri = text_slice(&phone->contact);
	sending.request.from = request->from.uri.text;
	sending.request.to = text_slice(&ua->uri);
	carry(ua, now_ms, server, request, judgement, &sending);
}
