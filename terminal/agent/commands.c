/* The commands of the control socket: begun here, ended by the events they wait for. */
#include <string.h>

#include "terminal/agent/commands_asked.h"
#include "terminal/agent/report.h"

static void do_register(const struct asked *asked)
{
	asked_await(asked, AWAITED_REGISTER);
	presence_register(asked->agent);
}

static void do_deregister(const struct asked *asked)
{
	if (!link_is_up(&asked->agent->link)) {
		attach_stop(&asked->agent->attach);
		asked->agent->presence = PRESENCE_AWAY;
		asked_end(asked, CONTROL_EXIT_DONE);
		return;
	}
	asked_await(asked, AWAITED_DEREGISTER);
	presence_deregister(asked->agent);
}

static void do_rekey(const struct asked *asked)
{
	if (!asked_is_registered(asked))
		return;
	asked_await(asked, AWAITED_REKEY);
	data_channel_renew(asked->agent);
	presence_rekey(asked->agent);
}

static void do_status(const struct asked *asked)
{
	json_t *report = status_report(asked->agent);

	if (report)
		control_say(&asked->agent->control, asked->index, report);
	json_decref(report);
	asked_end(asked, CONTROL_EXIT_DONE);
}

static void do_wait(const struct asked *asked)
{
	struct waiter *waiter = &asked->agent->waiters[asked->index];
	struct slice name = asked_argument(asked, "event");
	json_t *event;

	if (!report_is_event(name) || name.len >= sizeof(waiter->event)) {
		asked_fail(asked, CONTROL_EXIT_USE,
			   "there is no such event; sekisho-terminal(1) has their names");
		return;
	}
	memcpy(waiter->event, name.at, name.len);
	waiter->event[name.len] = 0;
	event = journal_wait_view(&asked->agent->journal, waiter->event);
	if (!event) {
		asked_await(asked, AWAITED_EVENT);
		return;
	}
	control_say(&asked->agent->control, asked->index, event);
	asked_end(asked, CONTROL_EXIT_DONE);
}

static void do_events(const struct asked *asked)
{
	const struct journal *journal = &asked->agent->journal;
	uint64_t first = journal->count < JOURNAL_EVENTS ? 1 : journal->count - JOURNAL_EVENTS + 1;

	for (uint64_t number = first; number <= journal->count; number++)
		control_say(&asked->agent->control, asked->index,
			    journal_get_view(journal, number));
	asked_end(asked, CONTROL_EXIT_DONE);
}

static void do_raw(const struct asked *asked)
{
	struct agent *agent = asked->agent;

	if (!agent->options.is_unsafe_test) {
		asked_fail(asked, CONTROL_EXIT_USE,
			   "only an instance run with --unsafe-test forges");
		return;
	}
	asked_await(asked, AWAITED_STRAY);
	if (link_send(&agent->link, asked_argument(asked, "text")) != RESULT_OK)
		asked_fail(asked, CONTROL_EXIT_REFUSED, "it could not be sent");
}

static void do_quit(const struct asked *asked)
{
	asked->agent->is_quitting = true;
	asked_end(asked, CONTROL_EXIT_DONE);
}

void commands_on_request(void *context, unsigned index, json_t *request)
{
	static const struct {
		const char *name;
		void (*serve)(const struct asked *asked);
	} commands[] = {
		{"call", command_call},
		{"answer", command_answer},
		{"hangup", command_hangup},
		{"message", command_message},
		{"options", command_options},
		{"status", do_status},
		{"register", do_register},
		{"deregister", do_deregister},
		{"rekey", do_rekey},
		{"wait", do_wait},
		{"events", do_events},
		{"raw", do_raw},
		{"quit", do_quit},
	};
	struct asked asked = {context, index, request};
	struct slice name = asked_argument(&asked, "command");

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (slice_is_equal(name, slice_make(commands[i].name, strlen(commands[i].name)))) {
			commands[i].serve(&asked);
			return;
		}
	}
	asked_fail(&asked, CONTROL_EXIT_USE, "no such command");
}

void commands_on_gone(void *context, unsigned index)
{
	struct agent *agent = context;

	agent->waiters[index] = (struct waiter){AWAITED_NOTHING};
}
