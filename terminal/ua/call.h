/* The calls of a user agent: what its dispatchers hand to them. */
#ifndef SEKISHO_TERMINAL_UA_CALL_H
#define SEKISHO_TERMINAL_UA_CALL_H

#include "terminal/ua/judging.h"
#include "terminal/ua/state.h"

/* Is our first INVITE still without a final response? */
static inline bool call_is_inviting(const struct call *call)
{
	return call->state == UA_CALL_INVITING || call->state == UA_CALL_RINGING_THERE ||
	       call->state == UA_CALL_CANCELLING;
}

/* A free one, in no state yet; NULL if there are as many as there may be. */
struct call *calls_new(struct ua *ua);
/*
 * The call within whose dialog a request is; way is the request's. Of several early dialogs that
 * one is in use from now on (forks.h).
 */
struct call *calls_find(struct ua *ua, enum ua_way way, const struct sip_message *request);
/* The call whose INVITE a server transaction is. */
struct call *calls_find_server(struct ua *ua, enum ua_way way, const struct server *server);

/*
 * A response of the other side to an INVITE of ours, already judged: a 2xx that is refused is
 * acknowledged and ended.
 */
void call_on_response(struct ua *ua, uint64_t now_ms, struct client *client,
		      const struct sip_message *response, const struct judgement *judgement);
/* A response of a client to an INVITE. */
void call_on_phone_response(struct ua *ua, uint64_t now_ms, struct client *client,
			    const struct sip_message *response);
/*
 * A 2xx to INVITE without a transaction, or seen before: its ACK goes again. False if it is of no
 * dialog of a call.
 */
bool call_on_repeated_ok(struct ua *ua, enum ua_way way, const struct sip_message *response);
/* An INVITE found no final response in time. */
void call_on_silence(struct ua *ua, uint64_t now_ms, struct client *client);
/* Our BYE is done, however it was answered. */
void call_on_bye_done(struct ua *ua, const struct client *client);

/* An INVITE of the other side's without To tag, judged and let pass. */
void call_on_invite(struct ua *ua, uint64_t now_ms, struct server *server,
		    const struct sip_message *invite, const struct judgement *judgement);
/* An INVITE of a client's; from, to: URIs as they leave. */
void call_on_phone_invite(struct ua *ua, uint64_t now_ms, struct server *server,
			  const struct sip_message *invite, struct slice from, struct slice to);
void call_on_cancel(struct ua *ua, uint64_t now_ms, enum ua_way way, struct server *cancelled);
/* An ACK without transaction: that of a 2xx, or of nothing. */
void call_on_ack(struct ua *ua, uint64_t now_ms, enum ua_way way, const struct sip_message *ack);
/* A request with a To tag: within a call, or 481. */
void call_on_request(struct ua *ua, uint64_t now_ms, enum ua_way way, struct server *server,
		     const struct sip_message *request, const struct judgement *judgement);
/* Nobody acknowledged our 2xx. */
void call_on_unacknowledged(struct ua *ua, uint64_t now_ms, enum ua_way way, struct server *server);

/* Gives up ringing, ends what has lasted long enough; the time is call_deadline. */
void call_tick(struct ua *ua, uint64_t now_ms);
uint64_t call_deadline(const struct ua *ua);

/* For the files of the call itself. */
/* It stands from now on, and for as long as a call may last. */
void call_establish(const struct ua *ua, uint64_t now_ms, struct call *call);
void call_answer(struct ua *ua, uint64_t now_ms, struct call *call);
void call_refuse(struct ua *ua, uint64_t now_ms, struct call *call, unsigned status, bool is_by_us);
/* Ends it from here, as its state allows. */
void call_hangup(struct ua *ua, uint64_t now_ms, struct call *call);
/* BYE to the other side, which ends the call when it is answered; lines go with it. */
void call_send_bye(struct ua *ua, uint64_t now_ms, struct call *call, struct slice lines);
/* Ends what the client has of the call: CANCEL, BYE with lines, or status to its own INVITE. */
void call_release_phone(struct ua *ua, uint64_t now_ms, struct call *call, unsigned status,
			struct slice sentence, struct slice lines);
void call_end(struct ua *ua, struct call *call, bool is_by_us);
void call_fail(struct ua *ua, struct call *call, unsigned status, struct slice reason);
void call_clear(struct ua *ua, struct call *call);
/* response is what it is about, judgement how it came; each may be NULL. */
void call_tell(struct ua *ua, const struct call *call, enum ua_event_kind kind,
	       const struct sip_message *response, const struct judgement *judgement);
/* Keeps how the other side's messages come. */
void call_keep_path(struct ua *ua, struct call *call, const struct judgement *judgement,
		    bool is_ours);

#endif
