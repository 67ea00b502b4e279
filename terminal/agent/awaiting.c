/* What the clients of commands wait for, and how events end it. */
#include <string.h>

#include "terminal/agent/state.h"
#include "terminal/control/client.h"

/* A channel found ends the waiting for it, and so does one given up: the call goes on without. */
static int channel_outcome(const struct agent *agent, const struct waiter *waiter, const char *name,
			   const json_t *event, enum ua_event_kind kind)
{
	if ((unsigned)json_integer_value(json_object_get(event, "call")) != waiter->call)
		return -1;
	if (strcmp(name, "channel-up") == 0)
		return CONTROL_EXIT_DONE;
	if (strcmp(name, "channel-lost") == 0)
		return agent->settings->channel == CHANNEL_REQUIRED ? CONTROL_EXIT_REFUSED
								    : CONTROL_EXIT_DONE;
	return kind == UA_EVENT_ENDED ? CONTROL_EXIT_REFUSED : -1;
}

/* Does the event end the waiting, and how? -1: it does not. */
static int outcome(const struct agent *agent, const struct waiter *waiter, const char *name,
		   const json_t *json, const struct ua_event *event)
{
	enum ua_event_kind kind = event ? event->kind : UA_EVENT_COUNT;

	if (event && event->call && waiter->call && event->call != waiter->call)
		return -1;
	switch (waiter->awaited) {
	case AWAITED_CALL:
		return kind == UA_EVENT_ESTABLISHED   ? CONTROL_EXIT_DONE
		       : kind == UA_EVENT_CALL_FAILED ? CONTROL_EXIT_REFUSED
		       : kind == UA_EVENT_ENDED	      ? CONTROL_EXIT_REFUSED
						      : -1;
	case AWAITED_CHANNEL:
		return channel_outcome(agent, waiter, name, json, kind);
	case AWAITED_ANSWER:
		return kind == UA_EVENT_ESTABLISHED ? CONTROL_EXIT_DONE
		       : kind == UA_EVENT_ENDED	    ? CONTROL_EXIT_REFUSED
						    : -1;
	case AWAITED_HANGUP:
		return kind == UA_EVENT_ENDED || kind == UA_EVENT_CALL_FAILED ? CONTROL_EXIT_DONE
									      : -1;
	case AWAITED_REQUEST:
		if (kind != UA_EVENT_ANSWERED || event->request != waiter->request)
			return -1;
		return event->status >= 200 && event->status < 300 ? CONTROL_EXIT_DONE
								   : CONTROL_EXIT_REFUSED;
	case AWAITED_REGISTER:
		return kind == UA_EVENT_REGISTERED ? CONTROL_EXIT_DONE
		       : kind == UA_EVENT_REGISTER_FAILED || strcmp(name, "attach-failed") == 0
			       ? CONTROL_EXIT_REFUSED
			       : -1;
	case AWAITED_DEREGISTER:
		return kind == UA_EVENT_DEREGISTERED	  ? CONTROL_EXIT_DONE
		       : kind == UA_EVENT_REGISTER_FAILED ? CONTROL_EXIT_REFUSED
							  : -1;
	case AWAITED_REKEY:
		return strcmp(name, "rekeyed") == 0	    ? CONTROL_EXIT_DONE
		       : strcmp(name, "attach-failed") == 0 ? CONTROL_EXIT_REFUSED
							    : -1;
	case AWAITED_EVENT:
		return strcmp(name, waiter->event) == 0 ? CONTROL_EXIT_DONE : -1;
	default:
		return -1;
	}
}

/* A refusal is told as its status line, "486 Busy Here", and where it was judged how it came. */
static json_t *refusal_text(const json_t *event)
{
	const char *reason = json_string_value(json_object_get(event, "reason"));
	const char *picture = json_string_value(json_object_get(event, "picture"));
	json_t *code = json_object_get(event, "status");

	if (!reason)
		return NULL;
	if (code)
		return json_sprintf("%d %s", (int)json_integer_value(code), reason);
	return picture ? json_sprintf("%s\n%s", reason, picture) : json_string(reason);
}

/* A call answered is told at once; its client waits on until the way of its channel is known. */
static bool goes_on(struct agent *agent, unsigned index, const json_t *event, int status)
{
	struct waiter *waiter = &agent->waiters[index];

	if (waiter->awaited != AWAITED_CALL || status != CONTROL_EXIT_DONE ||
	    !data_channel_is_sought(agent, waiter->call - 1))
		return false;
	waiter->awaited = AWAITED_CHANNEL;
	control_say(&agent->control, index, event);
	return true;
}

static void say_outcome(struct agent *agent, unsigned index, json_t *event, int status)
{
	json_t *said = json_copy(event);
	json_t *text = status == CONTROL_EXIT_REFUSED ? refusal_text(event) : NULL;

	if (text)
		json_object_set_new(said, "text", text);
	control_say(&agent->control, index, said);
	json_decref(said);
	control_end(&agent->control, index, status);
}

void awaiting_on_event(struct agent *agent, json_t *event, const struct ua_event *ua_event)
{
	const char *name = json_string_value(json_object_get(event, "event"));

	for (unsigned i = 0; name && i < CONTROL_CLIENTS; i++) {
		struct waiter *waiter = &agent->waiters[i];
		int status;

		if (waiter->awaited == AWAITED_STRAY && ua_event &&
		    ua_event->kind == UA_EVENT_STRAY) {
			json_t *line = json_object();

			json_object_set(line, "text", json_object_get(event, "message"));
			control_say(&agent->control, i, line);
			json_decref(line);
			continue;
		}
		status = outcome(agent, waiter, name, event, ua_event);
		if (status < 0 || goes_on(agent, i, event, status))
			continue;
		if (waiter->awaited == AWAITED_EVENT)
			agent->journal.waited = agent->journal.count;
		say_outcome(agent, i, event, status);
	}
}
