/* The inside of the user agent, for its own files only. */
#ifndef SEKISHO_TERMINAL_UA_STATE_H
#define SEKISHO_TERMINAL_UA_STATE_H

#include "terminal/ua/client.h"
#include "terminal/ua/dialog.h"
#include "terminal/ua/server.h"
#include "terminal/ua/ua.h"

#define UA_TOKEN_CHARS 16 /* of a tag, branch or Call-ID of ours: 96 random bits */

/* Longest sentence in an event or a Warning. */
#define UA_SENTENCE_CHARS 512

/* Why a request was sent. */
enum purpose {
	PURPOSE_INVITE,
	PURPOSE_CANCEL,
	PURPOSE_BYE,
	PURPOSE_REQUEST, /* MESSAGE or OPTIONS of the user's */
	PURPOSE_KEEP_ALIVE,
	PURPOSE_REGISTER,
	PURPOSE_DEREGISTER,
};

struct call {
	enum ua_call_state state;
	struct dialog dialog;
	struct client *invite;	/* ours, until its final response */
	struct server *invited; /* theirs, until its ACK */
	struct text party;	/* the other's URI */
	struct text tag;	/* ours, as callee */
	struct text ack;	/* to their 2xx, sent again when that comes again */
	uint32_t invite_cseq;
	uint64_t ring_end_ms; /* as callee: when we give up */
	bool is_hangup_due;   /* as soon as it may be said */
};

struct ua {
	struct ua_port port;
	const struct ua_session *session; /* NULL: bodies say nothing of a channel */
	struct text uri;		  /* sip:user-a@abc.com */
	struct text user;		  /* user-a */
	struct text domain, instance;
	struct series_policy policy;
	struct series_link link;
	bool is_refusing, is_auto_answering;
	struct clients clients;
	struct servers servers;
	struct call call;
};

/* Random token characters. */
struct slice ua_token(char out[UA_TOKEN_CHARS]);

/* Tells an event that has no more than this. */
void ua_tell(struct ua *ua, enum ua_event_kind kind, unsigned status, struct slice reason,
	     struct slice party);

/* A datagram's worth of writing. */
struct ua_buffer {
	char bytes[LIMIT_SIP_MESSAGE_BYTES];
};

#endif
