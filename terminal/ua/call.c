#include "terminal/ua/call.h"

#include "terminal/ua/answering.h"
#include "terminal/ua/cancelling.h"
#include "terminal/ua/exchange.h"
#include "terminal/ua/forks.h"
#include "terminal/ua/sending.h"

struct call *calls_new(struct ua *ua)
{
	for (unsigned i = 0; i < UA_CALLS; i++)
		if (ua->calls[i].state == UA_CALL_NONE)
			return &ua->calls[i];
	return NULL;
}

struct call *calls_find(struct ua *ua, enum ua_way way, const struct sip_message *request)
{
	for (unsigned i = 0; i < UA_CALLS; i++) {
		struct call *call = &ua->calls[i];
		const struct dialog *dialog = way == UA_INWARD ? &call->outer : &call->inner;

		if (call->state != UA_CALL_NONE && (dialog_has_request(dialog, request) ||
						    forks_enter_of_request(ua, call, way, request)))
			return call;
	}
	return NULL;
}

struct call *calls_find_server(struct ua *ua, enum ua_way way, const struct server *server)
{
	for (unsigned i = 0; i < UA_CALLS; i++) {
		struct call *call = &ua->calls[i];

		if (call->state != UA_CALL_NONE && call->exchanges[way].is_live &&
		    call->exchanges[way].server == server->number)
			return call;
	}
	return NULL;
}

/* Transactions that outlive the call are not to be taken for those of its successor. */
static void let_go(struct clients *clients, unsigned number)
{
	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++)
		if (clients->at[i].call == number)
			clients->at[i].call = 0;
}

void call_clear(struct ua *ua, struct call *call)
{
	let_go(&ua->outer.clients, call_index(ua, call) + 1);
	let_go(&ua->inner.clients, call_index(ua, call) + 1);
	if (ua->session)
		ua->session->ended(ua->session->context, call_index(ua, call));
	if (ua->media)
		ua->media->ended(ua->media->context, call_index(ua, call));
	dialog_clear(&call->outer);
	dialog_clear(&call->inner);
	text_clear(&call->party);
	text_clear(&call->path);
	text_clear(&call->tag);
	text_clear(&call->lines);
	text_clear(&call->early);
	forks_forget(call);
	text_clear(&call->offered);
	for (unsigned i = 0; i < UA_WAYS; i++) {
		text_clear(&call->exchanges[i].ack);
		text_clear(&call->exchanges[i].reveal);
	}
	*call = (struct call){.state = UA_CALL_NONE};
}

void call_tell(struct ua *ua, const struct call *call, enum ua_event_kind kind,
	       const struct sip_message *response, const struct judgement *judgement)
{
	struct ua_event event = {
		.kind = kind,
		.call = call_index(ua, call) + 1,
		.party = text_slice(&call->party),
		.is_by_us = call->is_caller,
		.series = judgement ? &judgement->series : NULL,
	};

	if (response) {
		event.status = response->status;
		event.reason = response->reason;
	}
	ua->port.tell(ua->port.context, &event);
}

void call_end(struct ua *ua, struct call *call, bool is_by_us)
{
	struct ua_event event = {
		.kind = UA_EVENT_ENDED,
		.call = call_index(ua, call) + 1,
		.party = text_slice(&call->party),
		.is_by_us = is_by_us,
	};

	ua->port.tell(ua->port.context, &event);
	call_clear(ua, call);
}

void call_fail(struct ua *ua, struct call *call, unsigned status, struct slice reason)
{
	struct ua_event event = {
		.kind = UA_EVENT_CALL_FAILED,
		.call = call_index(ua, call) + 1,
		.status = status,
		.reason = reason,
		.party = text_slice(&call->party),
		.is_by_us = true,
	};

	ua->port.tell(ua->port.context, &event);
	call_clear(ua, call);
}

void call_keep_path(struct ua *ua, struct call *call, const struct judgement *judgement,
		    bool is_ours)
{
	struct ua_buffer buffer;
	struct writer w = writer_make(buffer.bytes, sizeof(buffer.bytes));
	struct slice path;

	judgement_draw(ua, judgement, text_slice(&call->party), is_ours, &w);
	/* Without memory the old one stays. */
	if (writer_finish(&w, &path) != RESULT_OK || text_set(&call->path, path) != RESULT_OK)
		return;
}

void call_send_bye(struct ua *ua, uint64_t now_ms, struct call *call, struct slice lines)
{
	struct flow channel = {0};
	struct sending sending;
	struct client *client;

	sending_begin(ua, &channel, &sending, SLICE("BYE"));
	dialog_fill(&call->outer, SLICE("BYE"), ++call->outer.local_cseq, &sending.request);
	sending.request.extra_lines = lines;
	call->state = UA_CALL_ENDING;
	if (sending_start(ua, now_ms, &sending, PURPOSE_BYE, TIMER_LIFE_MS, &client) != RESULT_OK)
		call_end(ua, call, true);
	else
		client->call = call_index(ua, call) + 1;
}

static void send_phone_bye(struct ua *ua, uint64_t now_ms, struct call *call, struct slice lines)
{
	struct sending sending;
	enum result result;

	sending_begin(ua, &call->phone, &sending, SLICE("BYE"));
	dialog_fill(&call->inner, SLICE("BYE"), ++call->inner.local_cseq, &sending.request);
	sending.request.extra_lines = lines;
	/* If it cannot be sent the client finds out by itself. */
	result = sending_start(ua, now_ms, &sending, PURPOSE_BYE, TIMER_LIFE_MS, NULL);
	(void)result;
}

void call_release_phone(struct ua *ua, uint64_t now_ms, struct call *call, unsigned status,
			struct slice sentence, struct slice lines)
{
	struct exchange *asking = &call->exchanges[UA_OUTWARD];
	struct exchange *asked = &call->exchanges[UA_INWARD];
	struct server *server = servers_get(&ua->inner.servers, asking->server);
	struct client *client = clients_get(&ua->inner.clients, asked->client);
	bool is_ringing = call->state == UA_CALL_RINGING_HERE;

	if (call->user != CALL_PHONE)
		return;
	if (asking->is_live && server && server->state < SERVER_COMPLETED)
		ua_refuse(ua, server, now_ms, status, sentence);
	else if (is_ringing && asked->is_live && client)
		ua_cancel(ua, now_ms, client);
	else if (dialog_is_live(&call->inner) && call->inner.remote_tag.len)
		send_phone_bye(ua, now_ms, call, lines);
	asking->is_live = asked->is_live = false;
}

void call_on_bye_done(struct ua *ua, const struct client *client)
{
	struct call *call = call_of_client(ua, client);

	if (call && call->state == UA_CALL_ENDING)
		call_end(ua, call, true);
}

void call_hangup(struct ua *ua, uint64_t now_ms, struct call *call)
{
	struct client *client = clients_get(&ua->outer.clients, call->exchanges[UA_OUTWARD].client);

	switch (call->state) {
	case UA_CALL_NONE:
	case UA_CALL_ENDING:
	case UA_CALL_CANCELLING:
		break;
	case UA_CALL_INVITING:
	case UA_CALL_RINGING_THERE:
		call->state = UA_CALL_CANCELLING;
		if (client)
			ua_cancel(ua, now_ms, client);
		break;
	case UA_CALL_ACCEPTED: /* a BYE must wait for the ACK (15) */
		call->is_hangup_due = true;
		break;
	case UA_CALL_RINGING_HERE:
		call_refuse(ua, now_ms, call, 486, true);
		break;
	case UA_CALL_ESTABLISHED:
		call_release_phone(ua, now_ms, call, 487, SLICE("the call is ended"),
				   slice_make(NULL, 0));
		call_send_bye(ua, now_ms, call, slice_make(NULL, 0));
		break;
	}
}

void call_establish(const struct ua *ua, uint64_t now_ms, struct call *call)
{
	call->state = UA_CALL_ESTABLISHED;
	call->end_ms = ua->longest_call_ms ? now_ms + ua->longest_call_ms : TIMER_NEVER;
}

static uint64_t deadline_of(const struct call *call)
{
	uint64_t deadline = TIMER_NEVER;

	if (call->state == UA_CALL_RINGING_HERE)
		return call->ring_end_ms;
	if (call->state == UA_CALL_ESTABLISHED)
		deadline = call->end_ms;
	if (call->is_reoffer_due && call->reoffers)
		deadline = timer_earlier(deadline, call->reoffer_ms);
	return deadline;
}

uint64_t call_deadline(const struct ua *ua)
{
	uint64_t deadline = TIMER_NEVER;

	for (unsigned i = 0; i < UA_CALLS; i++)
		deadline = timer_earlier(deadline, deadline_of(&ua->calls[i]));
	return deadline;
}

static void end_as_too_long(struct ua *ua, uint64_t now_ms, struct call *call)
{
	ua_tell(ua, UA_EVENT_WARNING, 0, SLICE("the call has lasted as long as one may"),
		text_slice(&call->party));
	call_hangup(ua, now_ms, call);
}

void call_tick(struct ua *ua, uint64_t now_ms)
{
	for (unsigned i = 0; i < UA_CALLS; i++) {
		struct call *call = &ua->calls[i];

		if (call->state == UA_CALL_RINGING_HERE && now_ms >= call->ring_end_ms)
			call_refuse(ua, now_ms, call, 480, true);
		else if (call->state == UA_CALL_ESTABLISHED && now_ms >= call->end_ms)
			end_as_too_long(ua, now_ms, call);
		else if (call->is_reoffer_due)
			exchange_reoffer(ua, now_ms, call);
	}
}
