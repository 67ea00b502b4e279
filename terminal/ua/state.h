/* The inside of the user agent, for its own files only. */
#ifndef SEKISHO_TERMINAL_UA_STATE_H
#define SEKISHO_TERMINAL_UA_STATE_H

#include "terminal/ua/client.h"
#include "terminal/ua/dialog.h"
#include "terminal/ua/phones.h"
#include "terminal/ua/server.h"
#include "terminal/ua/ua.h"

#define UA_TOKEN_CHARS 16 /* of a tag, branch or Call-ID of ours: 96 random bits */

/* Early dialogs of a call that are kept beside the one in use: terminals that ring at once. */
#define UA_FORKS 4

/* Requests of local clients in a second; a person makes one or two. */
#define UA_LOCAL_RATE 200

/* Longest sentence in an event or a Warning. */
#define UA_SENTENCE_CHARS 512

/* Why a request was sent. */
enum purpose {
	PURPOSE_INVITE,	 /* of a call: its first, or a later one */
	PURPOSE_CARRIED, /* any other of the other side's */
	PURPOSE_CANCEL,
	PURPOSE_BYE,
	PURPOSE_UNWANTED, /* a BYE to who answered what nobody asks any more */
	PURPOSE_REVEAL,
	PURPOSE_REQUEST, /* MESSAGE or OPTIONS of the console's */
	PURPOSE_KEEP_ALIVE,
	PURPOSE_REGISTER,
	PURPOSE_DEREGISTER,
};

/*
 * The two sides of the agent: the one towards the gateway and the one towards the SIP clients on
 * this machine. Each has its own tables, so that neither can use up the other's.
 */
struct side {
	struct clients clients;
	struct servers servers;
};

/* Who on this machine has a call: who types at the control socket, or a SIP client. */
enum call_user {
	CALL_CONSOLE,
	CALL_PHONE,
};

/* An INVITE that crosses, until its ACK. */
struct exchange {
	bool is_live;
	unsigned server;    /* number of the transaction on the asking side; 0: the console asks */
	unsigned client;    /* on the asked side; 0: the console is asked */
	uint32_t cseq_in;   /* of the request as it came */
	uint32_t cseq_out;  /* and as it left */
	struct text reveal; /* what the ACK is to say of the data channel */
	struct text ack;    /* to the 2xx, sent again when that comes again */
};

/* Where the negotiation of the data channel stands, seen from here. */
enum call_role {
	ROLE_NONE,
	ROLE_OFFERER,  /* our offer is out */
	ROLE_ASKED,    /* theirs is here */
	ROLE_ANSWERER, /* we have answered, and wait for what they reveal */
	ROLE_DONE,
};

/* A dialog of an INVITE that has forked, beside the one in use. */
struct fork {
	struct dialog outer, inner;
	struct text early;
};

struct call {
	enum ua_call_state state;
	enum call_user user;
	bool is_caller;	    /* are we? */
	bool is_hangup_due; /* as soon as it may be said */
	bool is_delayed;    /* the INVITE has no body: the 200 offers, the ACK answers */
	enum call_role role;
	struct dialog outer; /* with the other side */
	struct dialog inner; /* with the client, if it has the call */
	struct flow phone;   /* where that is */
	struct text party;   /* the other's URI */
	struct text path;    /* how its messages come, drawn */
	struct text tag;     /* ours, where the console is called */
	struct text lines;   /* of the data channel, as they stand in our descriptions */
	struct text early;   /* the other side's description, of a provisional response */
	struct fork forks[UA_FORKS];
	unsigned fork_count; /* put aside so far */
	struct text offered; /* the client's last description, as it wrote it */
	bool is_reoffer_due; /* our addresses in it may be others now */
	bool is_astray;	     /* they are, and the other side has not taken the new ones */
	unsigned reoffers;   /* in vain, of those: its own INVITE crossed ours */
	uint64_t reoffer_ms; /* not before */
	struct exchange exchanges[UA_WAYS];
	uint64_t ring_end_ms; /* as callee: when we give up */
	uint64_t end_ms;      /* established: it may not last longer */
};

struct ua {
	struct ua_port port;
	const struct ua_session *session; /* NULL: bodies say nothing of a channel */
	const struct ua_media *media;	  /* NULL: descriptions pass as they are */
	struct text uri;		  /* sip:user-a@abc.com */
	struct text user;		  /* user-a */
	struct text domain, instance;
	struct series_policy policy;
	struct series_link link;
	struct sip_address local_ipv4, local_ipv6; /* where clients find us; family 0: nowhere */
	bool is_refusing, is_auto_answering;
	uint64_t longest_call_ms;
	bool is_attached;
	uint64_t local_rate_ms; /* since when local_requests counts */
	unsigned local_requests;
	struct side outer, inner;
	struct phones phones;
	struct call calls[UA_CALLS];
	unsigned last_call; /* that the console began, counted from 1 */
};

static inline unsigned call_index(const struct ua *ua, const struct call *call)
{
	return (unsigned)(call - ua->calls);
}

/* The call that a transaction belongs to, NULL if none. */
static inline struct call *call_of_client(struct ua *ua, const struct client *client)
{
	return client->call ? &ua->calls[client->call - 1] : NULL;
}

/* Random token characters. */
struct slice ua_token(char out[UA_TOKEN_CHARS]);

/* Tells an event that has no more than this. */
void ua_tell(struct ua *ua, enum ua_event_kind kind, unsigned status, struct slice reason,
	     struct slice party);

/* Our own address on a flow: for Via, Contact and Record-Route. */
const struct sip_address *ua_own_address(const struct ua *ua, const struct flow *flow);

/* A datagram's worth of writing. */
struct ua_buffer {
	char bytes[LIMIT_SIP_MESSAGE_BYTES];
};

#endif
