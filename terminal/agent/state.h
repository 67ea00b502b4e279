/* The inside of the agent, for its own files only. */
#ifndef SEKISHO_TERMINAL_AGENT_STATE_H
#define SEKISHO_TERMINAL_AGENT_STATE_H

#include <stdio.h>

#include "terminal/agent/agent.h"
#include "terminal/agent/data_channel.h"
#include "terminal/agent/journal.h"
#include "terminal/attach/attach.h"
#include "terminal/control/server.h"
#include "terminal/link/link.h"
#include "terminal/link/stream_link.h"
#include "terminal/local/local.h"
#include "terminal/media/relay.h"
#include "terminal/ua/timers.h"
#include "terminal/ua/ua.h"

/* What the client of a command waits for. */
enum awaited {
	AWAITED_NOTHING,
	AWAITED_CALL,
	AWAITED_CHANNEL, /* the call is answered, its data channel's way is being looked for */
	AWAITED_ANSWER,
	AWAITED_HANGUP,
	AWAITED_REQUEST,
	AWAITED_REGISTER,
	AWAITED_DEREGISTER,
	AWAITED_REKEY,
	AWAITED_STRAY,
	AWAITED_EVENT,
};

struct waiter {
	enum awaited awaited;
	unsigned request; /* of AWAITED_REQUEST */
	unsigned call;	  /* of AWAITED_CALL, _CHANNEL, _ANSWER, _HANGUP: which one */
	char event[32];	  /* of AWAITED_EVENT */
};

/* How the agent stands to its gateway. */
enum presence {
	PRESENCE_AWAY, /* de-registered by command: stays so */
	PRESENCE_ATTACHING,
	PRESENCE_REGISTERING,
	PRESENCE_REGISTERED,
	PRESENCE_LEAVING,
};

struct agent {
	const struct settings *settings;
	struct agent_options options;
	uint64_t now_ms; /* of this turn of the loop */
	struct sip_address
		own; /* out there: where the sockets are; the link has another in a tunnel */
	struct sockets sockets;
	struct stream_link stream; /* TCP, while an exchange goes that way */
	struct inbox inbox;	   /* ESP of this turn */
	struct initiator *initiator;
	struct attach attach;
	struct link link;
	struct initiator_sa limits; /* of the SA in use, without its keys */
	struct series_link series;
	struct ua *ua;
	struct data_channel channel;
	struct local local; /* the SIP clients of this machine */
	struct relay relay; /* and their media */
	struct journal journal;
	struct control_server control;
	struct waiter waiters[CONTROL_CLIENTS];
	FILE *key_log;
	enum presence presence;
	/* When they are due; TIMER_NEVER if not. */
	uint64_t refresh_ms, keep_alive_ms, rekey_ms, hard_ms;
	int roaming_fd;	     /* netlink; -1: changes of address are not noticed */
	uint64_t roaming_ms; /* when to look whether our address is another; TIMER_NEVER */
	bool is_lost;	     /* the gateway has gone silent: begin anew in this turn */
	bool is_quitting;
	uint64_t quit_ms;
};

/*
 * Tells an event that is already JSON, and takes it over; ua_event is what it was made of, NULL for
 * the agent's own.
 */
void agent_tell_take(struct agent *agent, json_t *event, const struct ua_event *ua_event);
/* Tells an event of the agent's own. */
void agent_tell(struct agent *agent, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Test only: writes a key down if the configuration names a key log (sekisho-terminal(1)). */
void agent_log_key(struct agent *agent, uint32_t spi, const uint8_t *key,
		   const struct sip_address *to, enum suite suite);

/* signalling.c */
/* Takes the SA of the exchange into use; errors as link_install's. */
enum result channel_install(struct agent *agent) SEKISHO_MUST_USE;
/* Forgets it, and whatever was due on it. */
void channel_drop(struct agent *agent);

/* presence.c */
enum result presence_create(struct agent *agent) SEKISHO_MUST_USE;
void presence_destroy(struct agent *agent);
void presence_attach(struct agent *agent);
void presence_rekey(struct agent *agent);
void presence_on_attach(struct agent *agent, enum attach_event event);
void presence_tick(struct agent *agent);
uint64_t presence_deadline(const struct agent *agent);

/* presence_registering.c */
/* What was refused is tried again after this. */
#define PRESENCE_AGAIN_MS 30000
void presence_register(struct agent *agent);
void presence_deregister(struct agent *agent);
/* REGISTER through the channel; its answer comes as an event of the user agent's. */
void presence_send_register(struct agent *agent, uint32_t expires_s);
void presence_on_ua(struct agent *agent, const struct ua_event *event);

/* local_side.c */
/* Opens what SIP clients of this machine use, if the settings say so; RESULT_IO told on standard
 * error. */
enum result local_side_create(struct agent *agent) SEKISHO_MUST_USE;
void local_side_destroy(struct agent *agent);

/* arrivals.c */
void arrivals_take(struct agent *agent);

/* roaming.c */
int roaming_open(void);
void roaming_receive(struct agent *agent);
void roaming_tick(struct agent *agent);

/* offloads.c */
/* The names of those in use. */
json_t *offloads_report(const struct agent *agent);
/* The same as a line. */
json_t *offloads_text(const struct agent *agent, const json_t *report);
/* Says on standard error, at the start, what this kernel does not have. */
void offloads_tell_lack(const struct agent *agent);

/* status.c */
/* The whole of what status says. NULL without memory. */
json_t *status_report(const struct agent *agent);

/* commands.c */
void commands_on_request(void *context, unsigned index, json_t *request);
void commands_on_gone(void *context, unsigned index);

/* awaiting.c */
/* Ends the waiting of those for whom this event was; called for each event told. */
void awaiting_on_event(struct agent *agent, json_t *event, const struct ua_event *ua_event);

#endif
