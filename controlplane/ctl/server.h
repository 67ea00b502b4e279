/*
 * The admin socket: a Unix stream socket that takes one JSON object a line and answers each with
 * one, {"ok":true,"result":...}, perhaps with "note":"a sentence" beside the result, or
 * {"ok":false,"error":"a sentence"}. Who is at the other end is known by SO_PEERCRED; garbage is
 * answered; everything is bounded.
 */
#ifndef SEKISHO_CONTROLPLANE_CTL_SERVER_H
#define SEKISHO_CONTROLPLANE_CTL_SERVER_H

#include <jansson.h>
#include <stdbool.h>

#include "controlplane/config.h"
#include "shared/result.h"

struct event_base;
struct ctl_server;
struct ctl_reply;

#define CTL_LINE_BYTES	  65536 /* longest request */
#define CTL_CONNECTIONS	  32	/* at once */
#define CTL_READERS	  24	/* of them: the others are kept for administrators */
#define CTL_IDLE_S	  600	/* a connection that asks nothing is closed */
#define CTL_COMMAND_BYTES 64
#define CTL_WAITING_BYTES (1u << 20) /* answers that nobody reads: so many, then no request is read */
#define CTL_FROM_BYTES	  48

enum ctl_role { CTL_READER = 1, CTL_ADMINISTRATOR };

/*
 * A request: its "command" and the whole object, borrowed. Exactly one of ctl_reply_result() and
 * ctl_reply_error() is to be called for the reply, now or later.
 */
typedef void ctl_handle(void *ctx, const char *command, const json_t *request, enum ctl_role role,
			struct ctl_reply *reply);

/* Something was no request, or was sent away: why, a constant text, and by whom ("user 0, process 17"). */
typedef void ctl_refused(void *ctx, const char *reason, const char *from);

/*
 * Listen at config->socket: mode 0600, or 0660 for its group. A socket left behind is replaced, one
 * that somebody listens at is not (RESULT_EXISTS). RESULT_IO: errno says why. When all connections are taken the
 * one that has been silent for longest makes room for the next, a reader's first and an administrator's only for
 * another administrator's.
 */
SEKISHO_MUST_USE enum result ctl_server_create(struct event_base *base,
					       const struct control_admin *config,
					       ctl_handle *handle, ctl_refused *refused, void *ctx,
					       struct ctl_server **server);

/* Closes every connection and removes the socket. Replies still owed are answered into nothing. */
void ctl_server_destroy(struct ctl_server *server);

/*
 * A reply that is made elsewhere: what is said of it between hold and release, in another thread,
 * goes out with release, in this one. fail notes that the store was to blame, and is asked for by
 * who works there.
 */
void ctl_reply_hold(struct ctl_reply *reply);
void ctl_reply_unhold(struct ctl_reply *reply); /* it was not made elsewhere after all */
void ctl_reply_fail(struct ctl_reply *reply, enum result result);
enum result ctl_reply_failure(const struct ctl_reply *reply);
void ctl_reply_release(struct ctl_reply *reply);

/* What is to be known of the result that comes: a constant sentence, beside it in the answer. */
void ctl_reply_note(struct ctl_reply *reply, const char *sentence);

/* Takes the result (a new reference); NULL is an empty one. */
void ctl_reply_result(struct ctl_reply *reply, json_t *result);
void ctl_reply_error(struct ctl_reply *reply, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for what is no request or not this user's to ask: reason, a constant text, is for the log, too. */
void ctl_reply_refuse(struct ctl_reply *reply, const char *reason, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
