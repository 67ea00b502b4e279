/* The one call of a user agent: what its dispatchers hand to it. */
#ifndef SEKISHO_TERMINAL_UA_CALL_H
#define SEKISHO_TERMINAL_UA_CALL_H

#include "terminal/ua/state.h"

/*
 * A response to our INVITE, already judged: refusal is empty, or a sentence why a 2xx is not taken
 * (it is acknowledged and ended).
 */
void call_on_response(struct ua *ua, uint64_t now_ms, const struct sip_message *response,
		      const struct sip_route_security *series, struct slice refusal);
/* A 2xx that came again: its ACK goes again. */
void call_on_repeated_ok(struct ua *ua, const struct sip_message *response);
/* Our INVITE found no final response in time. */
void call_on_silence(struct ua *ua, uint64_t now_ms, struct client *invite);
/* Our BYE is done, however it was answered. */
void call_on_bye_done(struct ua *ua);

/* An INVITE without To tag, judged and let pass. */
void call_on_invite(struct ua *ua, uint64_t now_ms, struct server *server,
		    const struct sip_message *invite, const struct sip_route_security *series);
void call_on_cancel(struct ua *ua, uint64_t now_ms, struct server *cancelled);
/* An ACK without transaction: that of a 2xx of ours, or of nothing. */
void call_on_ack(struct ua *ua, uint64_t now_ms, const struct sip_message *ack);
/* A request with a To tag: of the call's dialog, or 481. */
void call_on_request(struct ua *ua, uint64_t now_ms, struct server *server,
		     const struct sip_message *request);
/* Nobody acknowledged our 2xx. */
void call_on_unacknowledged(struct ua *ua, uint64_t now_ms, struct server *invited);

/* Gives up ringing; the time is call_deadline. */
void call_tick(struct ua *ua, uint64_t now_ms);
uint64_t call_deadline(const struct ua *ua);

/* The call as those who negotiate for it know it; borrowed from the dialog. */
struct ua_parties call_parties(const struct ua *ua);

/* For the files of the call itself. */
void call_answer(struct ua *ua, uint64_t now_ms);
void call_refuse(struct ua *ua, uint64_t now_ms, unsigned status, bool is_by_us);
void call_send_bye(struct ua *ua, uint64_t now_ms);
void call_send_cancel(struct ua *ua, uint64_t now_ms);
void call_end(struct ua *ua, bool is_by_us);
void call_clear(struct ua *ua);

#endif
