/*
 * The user agent: one registration, and between the channel to the gateway and the users on this
 * machine a back-to-back user agent (RFC 3261 6). Its users are the console (the commands of this
 * interface) and SIP clients. It knows neither clock nor socket: time comes with each call, bytes
 * leave by the port.
 */
#ifndef SEKISHO_TERMINAL_UA_UA_H
#define SEKISHO_TERMINAL_UA_UA_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/route_security.h"
#include "shared/slice.h"
#include "terminal/ua/media.h"
#include "terminal/ua/port.h"
#include "terminal/ua/series.h"
#include "terminal/ua/session.h"

/* Strings are copied. */
struct ua_settings {
	struct slice aor;      /* canonical: user-a@abc.com */
	struct slice domain;   /* the gateway's: abc.com */
	struct slice instance; /* of +sip.instance, a URN */
	struct series_policy policy;
	bool is_refusing; /* what the policy finds wrong; else it is told and let pass */
	bool is_auto_answering;
	uint64_t longest_call_ms; /* a call that lasts longer is ended; 0: none is */
};

/* id, name in JSON. What of an event is set stands in docs/man/sekisho-terminal.1. */
#define UA_EVENTS(X)                                                                               \
	X(REGISTERED, "registered")                                                                \
	X(REGISTER_FAILED, "register-failed")                                                      \
	X(DEREGISTERED, "deregistered")                                                            \
	X(CALLING, "calling")                                                                      \
	X(INCOMING, "incoming")                                                                    \
	X(RINGING, "ringing")                                                                      \
	X(ESTABLISHED, "established")                                                              \
	X(CALL_FAILED, "call-failed")                                                              \
	X(ENDED, "ended")                                                                          \
	X(MESSAGE, "message")                                                                      \
	X(ANSWERED, "answered")                                                                    \
	X(REFUSED, "refused")                                                                      \
	X(WARNING, "warning")                                                                      \
	X(SILENCE, "silence")                                                                      \
	X(STRAY, "stray")                                                                          \
	X(PHONE_HERE, "phone-here")                                                                \
	X(PHONE_GONE, "phone-gone")

enum ua_event_kind {
#define UA_EVENT_ENUM(id, name) UA_EVENT_##id,
	UA_EVENTS(UA_EVENT_ENUM)
#undef UA_EVENT_ENUM
		UA_EVENT_COUNT,
};

struct ua_event {
	enum ua_event_kind kind;
	unsigned call;	     /* which one, counted from 1; 0: about none */
	unsigned status;     /* SIP's, 0 if none came */
	struct slice reason; /* its phrase, or a sentence of ours */
	struct slice party;  /* the other's URI */
	struct slice text;   /* a MESSAGE's body; of STRAY the whole response */
	uint32_t expires_s;  /* of a registration */
	unsigned request;    /* of ANSWERED: what ua_last_request said when it was sent */
	bool is_by_us;	     /* we called, we ended it */
	/* The way of the request, NULL if there is none to show. */
	const struct sip_route_security *series;
};

struct slice ua_event_name(enum ua_event_kind kind);

/* What a test may forge in a request; empty slices leave ours. */
struct ua_forgery {
	struct slice from; /* URI */
	struct slice route_security_lines;
	bool has_route_security; /* the lines count, even if empty */
};

enum ua_call_state {
	UA_CALL_NONE,
	UA_CALL_INVITING,
	UA_CALL_RINGING_THERE,
	UA_CALL_CANCELLING,
	UA_CALL_RINGING_HERE,
	UA_CALL_ACCEPTED, /* the 200 waits for its ACK */
	UA_CALL_ESTABLISHED,
	UA_CALL_ENDING,
};

struct ua;

SEKISHO_MUST_USE enum result ua_create(const struct ua_settings *settings,
				       const struct ua_port *port, struct ua **out);
void ua_destroy(struct ua *ua);

/* The channel that requests leave by from now on; own has the SIP port. */
void ua_link_set(struct ua *ua, const struct series_link *link);

/* Who negotiates in the bodies of calls: set before the first call, kept as long as the agent. */
void ua_session_set(struct ua *ua, const struct ua_session *session);

/* Who carries the media of local clients, likewise. */
void ua_media_set(struct ua *ua, const struct ua_media *media);

/* Where local clients find us, with port; family 0 where they do not. */
void ua_local_set(struct ua *ua, const struct sip_address *ipv4, const struct sip_address *ipv6);

/* Is there a channel by which something could leave? If not, local clients get 503. */
void ua_attached_set(struct ua *ua, bool is_attached);

/* A message that came through the channel. */
void ua_receive(struct ua *ua, uint64_t now_ms, struct slice message);
/* Nobody is at the flow any more: what was asked there and not answered never will be. */
void ua_lost(struct ua *ua, uint64_t now_ms, const struct flow *flow);

/* A message of a local client. */
void ua_receive_local(struct ua *ua, uint64_t now_ms, const struct flow *flow,
		      struct slice message);

/* Does what is due at now_ms; the next time is ua_deadline (TIMER_NEVER if there is none). */
void ua_tick(struct ua *ua, uint64_t now_ms);
uint64_t ua_deadline(const struct ua *ua);

/*
 * Commands of the console; a call is named by its number. RESULT_EXISTS: there are as many calls as
 * there may be; RESULT_NOT_FOUND: there is none of the number in the right state; RESULT_BAD: to is
 * no URI or AOR; RESULT_SPACE, RESULT_MEMORY. Outcomes are events.
 */
SEKISHO_MUST_USE enum result ua_call(struct ua *ua, uint64_t now_ms, struct slice to,
				     const struct ua_forgery *forgery);
SEKISHO_MUST_USE enum result ua_answer(struct ua *ua, uint64_t now_ms, unsigned number);
SEKISHO_MUST_USE enum result ua_hangup(struct ua *ua, uint64_t now_ms, unsigned number);
SEKISHO_MUST_USE enum result ua_message(struct ua *ua, uint64_t now_ms, struct slice to,
					struct slice text, const struct ua_forgery *forgery);
SEKISHO_MUST_USE enum result ua_options(struct ua *ua, uint64_t now_ms, struct slice to,
					const struct ua_forgery *forgery);

/* OPTIONS to the gateway's domain; UA_EVENT_SILENCE if life_ms pass without any answer. */
SEKISHO_MUST_USE enum result ua_keep_alive(struct ua *ua, uint64_t now_ms, uint64_t life_ms);
/*
 * The gateway is left for another: what it was asked itself and has not answered (keep-alives,
 * REGISTER) is over, so that its silence is not taken for the next one's.
 */
void ua_gateway_leave(struct ua *ua);

/* Call-ID, tag and CSeq go on from the key exchange (docs/protocol.md 1.8). */
struct ua_registration {
	struct slice call_id;
	struct slice from_tag;
	uint32_t cseq;
	uint32_t expires_s; /* 0 de-registers */
};

SEKISHO_MUST_USE enum result ua_register(struct ua *ua, uint64_t now_ms,
					 const struct ua_registration *registration);

/*
 * The addresses that the other side has for the media of a client's call may not be the way any
 * more: if so it is told the new ones. No matter if there is no such call, or nothing to tell.
 */
void ua_media_moved(struct ua *ua, unsigned number);

/* The number of the request that the last ua_message or ua_options sent. */
unsigned ua_last_request(const struct ua *ua);

/*
 * The one call that could be answered by the console, or ended by it: RESULT_NOT_FOUND if there is
 * none, RESULT_EXISTS if there are several.
 */
SEKISHO_MUST_USE enum result ua_pick(const struct ua *ua, bool is_to_answer, unsigned *number);

/* The number of the call that the last ua_call began. */
unsigned ua_last_call(const struct ua *ua);

/* A call as it stands; all of it is borrowed. */
struct ua_call_view {
	enum ua_call_state state;
	struct slice party;
	struct slice path; /* drawn, empty before anything came from the other side */
	bool is_ours;	   /* we call */
	bool is_of_phone;  /* a local client has it, else the console */
};

/* False if there is no call of that number, 1 to UA_CALLS. */
bool ua_call_view(const struct ua *ua, unsigned number, struct ua_call_view *out);

/* Local clients that are registered. */
unsigned ua_phone_count(const struct ua *ua, uint64_t now_ms);

#endif
