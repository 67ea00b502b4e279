/* Calls that come to nothing because somebody is silent. */
#include "shared/sip/reply.h"
#include "terminal/ua/answering.h"
#include "terminal/ua/cancelling.h"
#include "terminal/ua/exchange.h"

/* The client's INVITE, or what is left of a call of the console's, finds nobody. */
static void on_nobody(struct ua *ua, uint64_t now_ms, struct call *call)
{
	call_release_phone(ua, now_ms, call, call->state == UA_CALL_CANCELLING ? 487 : 408,
			   SLICE("nobody answers"), slice_make(NULL, 0));
	call_fail(ua, call, 408, sip_reply_phrase(408));
}

/* It rings too long, here or there, and is taken back; the transaction lives on for its 487. */
static bool is_taken_back(struct ua *ua, uint64_t now_ms, struct call *call, struct client *client)
{
	if (!call || client->state != CLIENT_PROCEEDING)
		return false;
	if (call->state == UA_CALL_RINGING_THERE) {
		call->state = UA_CALL_CANCELLING;
		ua_cancel(ua, now_ms, client);
		return true;
	}
	if (call->state == UA_CALL_RINGING_HERE) {
		call_refuse(ua, now_ms, call, 480, true);
		return true;
	}
	return false;
}

void call_on_silence(struct ua *ua, uint64_t now_ms, struct client *client)
{
	struct call *call = call_of_client(ua, client);
	enum ua_way way = flow_is_local(&client->flow) ? UA_INWARD : UA_OUTWARD;
	struct server *server;

	if (is_taken_back(ua, now_ms, call, client))
		return;
	if (!call || client->number != call->exchanges[way].client) {
		client_end(client);
		return;
	}
	server = exchange_server(ua, call, way);
	client_end(client);
	if (way == UA_OUTWARD && call_is_inviting(call)) {
		on_nobody(ua, now_ms, call);
	} else if (call->state == UA_CALL_RINGING_HERE) {
		phones_forget(&ua->phones, &call->phone);
		call_refuse(ua, now_ms, call, 480, true);
	} else if (call->exchanges[way].is_live) {
		call->exchanges[way].is_live = false;
		if (server)
			ua_refuse(ua, server, now_ms, 408, SLICE("nobody answers"));
	}
}

void call_on_unacknowledged(struct ua *ua, uint64_t now_ms, enum ua_way way, struct server *server)
{
	struct call *call = calls_find_server(ua, way, server);

	server_end(server);
	if (!call || (call->state != UA_CALL_ACCEPTED && call->state != UA_CALL_ESTABLISHED))
		return;
	/* Who was asked has a dialog all the same, which only ACK and BYE end. */
	if (call->user == CALL_PHONE)
		exchange_acknowledge(ua, call, way, slice_make(NULL, 0), slice_make(NULL, 0));
	call->exchanges[way].is_live = false;
	call_establish(ua, now_ms, call);
	call_hangup(ua, now_ms, call);
}
