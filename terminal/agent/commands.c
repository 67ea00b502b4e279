/* The commands of the control socket: begun here, ended by the events they wait for. */
#include <stdlib.h>
#include <string.h>

#include "shared/sip/chars.h"
#include "terminal/agent/report.h"
#include "terminal/agent/state.h"
#include "terminal/control/client.h"

/* A request being served. */
struct asked {
	struct agent *agent;
	unsigned index; /* the client */
	json_t *request;
};

static void say_text(const struct asked *asked, const char *text)
{
	json_t *line = json_pack("{s:s}", "text", text);

	if (line)
		control_say(&asked->agent->control, asked->index, line);
	json_decref(line);
}

static void end(const struct asked *asked, int status)
{
	control_end(&asked->agent->control, asked->index, status);
}

static void fail(const struct asked *asked, int status, const char *text)
{
	say_text(asked, text);
	end(asked, status);
}

static void await(const struct asked *asked, enum awaited awaited)
{
	asked->agent->waiters[asked->index].awaited = awaited;
}

static void await_call(const struct asked *asked, enum awaited awaited, unsigned call)
{
	asked->agent->waiters[asked->index].call = call;
	await(asked, awaited);
}

static struct slice argument(const struct asked *asked, const char *key)
{
	json_t *value = json_object_get(asked->request, key);

	if (!json_is_string(value))
		return slice_make(NULL, 0);
	return slice_make(json_string_value(value), json_string_length(value));
}

/* What the outcome of beginning something means; true if it was begun. */
static bool is_begun(const struct asked *asked, enum result result)
{
	switch (result) {
	case RESULT_OK:
		return true;
	case RESULT_EXISTS:
		fail(asked, CONTROL_EXIT_REFUSED, "there are several calls: which one?");
		return false;
	case RESULT_NOT_FOUND:
		fail(asked, CONTROL_EXIT_REFUSED, "there is no such call");
		return false;
	case RESULT_BAD:
		fail(asked, CONTROL_EXIT_USE, "not a name like user-b@xyz.com");
		return false;
	default:
		fail(asked, CONTROL_EXIT_REFUSED, "too much is going on");
		return false;
	}
}

static bool is_registered(const struct asked *asked)
{
	if (asked->agent->presence == PRESENCE_REGISTERED)
		return true;
	fail(asked, CONTROL_EXIT_REFUSED, "not registered");
	return false;
}

/* The lines of --route-security, each an entry; buffer holds them. */
static bool forge(const struct asked *asked, char *buffer, size_t size, struct ua_forgery *out)
{
	json_t *entries = json_object_get(asked->request, "route-security"), *entry;
	struct writer w = writer_make(buffer, size);
	size_t i;

	*out = (struct ua_forgery){.from = argument(asked, "from")};
	if ((out->from.len || entries) && !asked->agent->options.is_unsafe_test) {
		fail(asked, CONTROL_EXIT_USE, "only an instance run with --unsafe-test forges");
		return false;
	}
	json_array_foreach(entries, i, entry)
	{
		if (json_string_length(entry) == 0)
			continue;
		WRITER_LITERAL(&w, "Route-Security: ");
		writer_bytes(&w, json_string_value(entry), json_string_length(entry));
		WRITER_LITERAL(&w, "\r\n");
	}
	out->has_route_security = json_is_array(entries);
	out->route_security_lines = slice_make(w.at, w.len);
	return true;
}

static void do_call(const struct asked *asked)
{
	struct agent *agent = asked->agent;
	char lines[2048];
	struct ua_forgery forgery;

	const char *obstacle = data_channel_obstacle(agent);

	if (obstacle && agent->settings->channel == CHANNEL_REQUIRED) {
		fail(asked, CONTROL_EXIT_REFUSED, obstacle);
		return;
	}
	if (is_registered(asked) && forge(asked, lines, sizeof(lines), &forgery) &&
	    is_begun(asked, ua_call(agent->ua, agent->now_ms, argument(asked, "to"), &forgery)))
		await_call(asked, AWAITED_CALL, ua_last_call(agent->ua));
}

static void await_request(const struct asked *asked)
{
	asked->agent->waiters[asked->index].request = ua_last_request(asked->agent->ua);
	await(asked, AWAITED_REQUEST);
}

static void do_message(const struct asked *asked)
{
	struct agent *agent = asked->agent;
	char lines[2048];
	struct ua_forgery forgery;

	if (is_registered(asked) && forge(asked, lines, sizeof(lines), &forgery) &&
	    is_begun(asked, ua_message(agent->ua, agent->now_ms, argument(asked, "to"),
				       argument(asked, "text"), &forgery)))
		await_request(asked);
}

static void do_options(const struct asked *asked)
{
	struct agent *agent = asked->agent;
	char lines[2048];
	struct ua_forgery forgery;

	if (is_registered(asked) && forge(asked, lines, sizeof(lines), &forgery) &&
	    is_begun(asked, ua_options(agent->ua, agent->now_ms, argument(asked, "to"), &forgery)))
		await_request(asked);
}

static bool is_number(struct slice text, unsigned *out)
{
	uint32_t number;

	if (!sip_number_parse(text, UA_CALLS * 100, &number))
		return false;
	*out = number;
	return true;
}

/* The call that is meant: by its number, else the only one. 0 if there is none, which was said. */
static unsigned meant_call(const struct asked *asked, bool is_to_answer)
{
	json_t *said = json_object_get(asked->request, "call");
	unsigned number = 0;

	if (said && !is_number(argument(asked, "call"), &number)) {
		fail(asked, CONTROL_EXIT_USE,
		     "not the number of a call; status shows those there are");
		return 0;
	}
	if (!said && !is_begun(asked, ua_pick(asked->agent->ua, is_to_answer, &number)))
		return 0;
	if (number == 0 || number > UA_CALLS) {
		fail(asked, CONTROL_EXIT_REFUSED, "there is no such call");
		return 0;
	}
	return number;
}

static void do_answer(const struct asked *asked)
{
	unsigned number = meant_call(asked, true);

	if (number == 0)
		return;
	await_call(asked, AWAITED_ANSWER, number);
	if (!is_begun(asked, ua_answer(asked->agent->ua, asked->agent->now_ms, number)))
		await(asked, AWAITED_NOTHING);
}

static void do_hangup(const struct asked *asked)
{
	unsigned number = meant_call(asked, false);

	if (number == 0)
		return;
	/* It may end at once, so the waiting comes first. */
	await_call(asked, AWAITED_HANGUP, number);
	if (!is_begun(asked, ua_hangup(asked->agent->ua, asked->agent->now_ms, number)))
		await(asked, AWAITED_NOTHING);
}

static void do_register(const struct asked *asked)
{
	await(asked, AWAITED_REGISTER);
	presence_register(asked->agent);
}

static void do_deregister(const struct asked *asked)
{
	if (!link_is_up(&asked->agent->link)) {
		attach_stop(&asked->agent->attach);
		asked->agent->presence = PRESENCE_AWAY;
		end(asked, CONTROL_EXIT_DONE);
		return;
	}
	await(asked, AWAITED_DEREGISTER);
	presence_deregister(asked->agent);
}

static void do_rekey(const struct asked *asked)
{
	if (!is_registered(asked))
		return;
	await(asked, AWAITED_REKEY);
	data_channel_renew(asked->agent);
	presence_rekey(asked->agent);
}

static void do_status(const struct asked *asked)
{
	json_t *report = status_report(asked->agent);

	if (report)
		control_say(&asked->agent->control, asked->index, report);
	json_decref(report);
	end(asked, CONTROL_EXIT_DONE);
}

static void do_wait(const struct asked *asked)
{
	struct waiter *waiter = &asked->agent->waiters[asked->index];
	struct slice name = argument(asked, "event");
	json_t *event;

	if (!report_is_event(name) || name.len >= sizeof(waiter->event)) {
		fail(asked, CONTROL_EXIT_USE,
		     "there is no such event; sekisho-terminal(1) has their names");
		return;
	}
	memcpy(waiter->event, name.at, name.len);
	waiter->event[name.len] = 0;
	event = journal_wait_view(&asked->agent->journal, waiter->event);
	if (!event) {
		await(asked, AWAITED_EVENT);
		return;
	}
	control_say(&asked->agent->control, asked->index, event);
	end(asked, CONTROL_EXIT_DONE);
}

static void do_events(const struct asked *asked)
{
	const struct journal *journal = &asked->agent->journal;
	uint64_t first = journal->count < JOURNAL_EVENTS ? 1 : journal->count - JOURNAL_EVENTS + 1;

	for (uint64_t number = first; number <= journal->count; number++)
		control_say(&asked->agent->control, asked->index,
			    journal_get_view(journal, number));
	end(asked, CONTROL_EXIT_DONE);
}

static void do_raw(const struct asked *asked)
{
	struct agent *agent = asked->agent;

	if (!agent->options.is_unsafe_test) {
		fail(asked, CONTROL_EXIT_USE, "only an instance run with --unsafe-test forges");
		return;
	}
	await(asked, AWAITED_STRAY);
	if (link_send(&agent->link, argument(asked, "text")) != RESULT_OK)
		fail(asked, CONTROL_EXIT_REFUSED, "it could not be sent");
}

static void do_quit(const struct asked *asked)
{
	asked->agent->is_quitting = true;
	end(asked, CONTROL_EXIT_DONE);
}

void commands_on_request(void *context, unsigned index, json_t *request)
{
	static const struct {
		const char *name;
		void (*serve)(const struct asked *asked);
	} commands[] = {
		{"call", do_call},	   {"answer", do_answer},	  {"hangup", do_hangup},
		{"message", do_message},   {"options", do_options},	  {"status", do_status},
		{"register", do_register}, {"deregister", do_deregister}, {"rekey", do_rekey},
		{"wait", do_wait},	   {"events", do_events},	  {"raw", do_raw},
		{"quit", do_quit},
	};
	struct asked asked = {context, index, request};
	struct slice name = argument(&asked, "command");

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (slice_is_equal(name, slice_make(commands[i].name, strlen(commands[i].name)))) {
			commands[i].serve(&asked);
			return;
		}
	}
	fail(&asked, CONTROL_EXIT_USE, "no such command");
}

void commands_on_gone(void *context, unsigned index)
{
	struct agent *agent = context;

	agent->waiters[index] = (struct waiter){AWAITED_NOTHING};
}
