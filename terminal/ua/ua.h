/*
 * The user agent: one registration, one call at a time, messages, options. It knows neither clock
 * nor socket: time comes with each call, bytes leave by the port.
 */
#ifndef SEKISHO_TERMINAL_UA_UA_H
#define SEKISHO_TERMINAL_UA_UA_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/route_security.h"
#include "shared/slice.h"
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
};

/* id, name in JSON. What of an event is set stands in docs/man/sekisho-terminal.1. */
#define UA_EVENTS(X)                                                                               \
	X(REGISTERED, "registered")                                                                \
	X(REGISTER_FAILED, "register-failed")                                                      \
	X(DEREGISTERED, "deregistered")                                                            \
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
	X(STRAY, "stray")

enum ua_event_kind {
#define UA_EVENT_ENUM(id, name) UA_EVENT_##id,
	UA_EVENTS(UA_EVENT_ENUM)
#undef UA_EVENT_ENUM
		UA_EVENT_COUNT,
};

struct ua_event {
	enum ua_event_kind kind;
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
	UA_CALL_ACCEPTED, /* our 200 waits for its ACK */
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

/* A message that came through the channel. */
void ua_receive(struct ua *ua, uint64_t now_ms, struct slice message);

/* Does what is due at now_ms; the next time is ua_deadline (TIMER_NEVER if there is none). */
void ua_tick(struct ua *ua, uint64_t now_ms);
uint64_t ua_deadline(const struct ua *ua);

/*
 * Commands. RESULT_EXISTS: there is a call already; RESULT_NOT_FOUND: there is none (in the right
 * state); RESULT_BAD: to is no URI or AOR; RESULT_SPACE, RESULT_MEMORY. Outcomes are events.
 */
SEKISHO_MUST_USE enum result ua_call(struct ua *ua, uint64_t now_ms, struct slice to,
				     const struct ua_forgery *forgery);
SEKISHO_MUST_USE enum result ua_answer(struct ua *ua, uint64_t now_ms);
SEKISHO_MUST_USE enum result ua_hangup(struct ua *ua, uint64_t now_ms);
SEKISHO_MUST_USE enum result ua_message(struct ua *ua, uint64_t now_ms, struct slice to,
					struct slice text, const struct ua_forgery *forgery);
SEKISHO_MUST_USE enum result ua_options(struct ua *ua, uint64_t now_ms, struct slice to,
					const struct ua_forgery *forgery);

/* OPTIONS to the gateway's domain; UA_EVENT_SILENCE if life_ms pass without any answer. */
SEKISHO_MUST_USE enum result ua_keep_alive(struct ua *ua, uint64_t now_ms, uint64_t life_ms);

/* Call-ID, tag and CSeq go on from the key exchange (docs/protocol.md 1.8). */
struct ua_registration {
	struct slice call_id;
	struct slice from_tag;
	uint32_t cseq;
	uint32_t expires_s; /* 0 de-registers */
};

SEKISHO_MUST_USE enum result ua_register(struct ua *ua, uint64_t now_ms,
					 const struct ua_registration *registration);

/* The number of the request that the last ua_message or ua_options sent. */
unsigned ua_last_request(const struct ua *ua);

enum ua_call_state ua_call_state(const struct ua *ua);
/* The other side of the call, empty if there is none; good until the next call. */
struct slice ua_call_party(const struct ua *ua);

#endif
