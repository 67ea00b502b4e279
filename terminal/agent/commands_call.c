/* Commands that concern somebody else: calls, messages, questions. */
#include "shared/sip/chars.h"
#include "terminal/agent/commands_asked.h"

/* The lines of --route-security, each an entry; buffer holds them. */
static bool forge(const struct asked *asked, char *buffer, size_t size, struct ua_forgery *out)
{
	json_t *entries = json_object_get(asked->request, "route-security"), *entry;
	struct writer w = writer_make(buffer, size);
	size_t i;

	*out = (struct ua_forgery){.from = asked_argument(asked, "from")};
	if ((out->from.len || entries) && !asked->agent->options.is_unsafe_test) {
		asked_fail(asked, CONTROL_EXIT_USE,
			   "only an instance run with --unsafe-test forges");
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

void command_call(const struct asked *asked)
{
	struct agent *agent = asked->agent;
	char lines[2048];
	struct ua_forgery forgery;

	const char *obstacle = data_channel_obstacle(agent);

	if (obstacle && agent->settings->channel == CHANNEL_REQUIRED) {
		asked_fail(asked, CONTROL_EXIT_REFUSED, obstacle);
		return;
	}
	if (asked_is_registered(asked) && forge(asked, lines, sizeof(lines), &forgery) &&
	    asked_is_begun(asked, ua_call(agent->ua, agent->now_ms, asked_argument(asked, "to"),
					  &forgery)))
		asked_await_call(asked, AWAITED_CALL, ua_last_call(agent->ua));
}

static void await_request(const struct asked *asked)
{
	asked->agent->waiters[asked->index].request = ua_last_request(asked->agent->ua);
	asked_await(asked, AWAITED_REQUEST);
}

void command_message(const struct asked *asked)
{
	struct agent *agent = asked->agent;
	char lines[2048];
	struct ua_forgery forgery;

	if (asked_is_registered(asked) && forge(asked, lines, sizeof(lines), &forgery) &&
	    asked_is_begun(asked, ua_message(agent->ua, agent->now_ms, asked_argument(asked, "to"),
					     asked_argument(asked, "text"), &forgery)))
		await_request(asked);
}

void command_options(const struct asked *asked)
{
	struct agent *agent = asked->agent;
	char lines[2048];
	struct ua_forgery forgery;

	if (asked_is_registered(asked) && forge(asked, lines, sizeof(lines), &forgery) &&
	    asked_is_begun(asked, ua_options(agent->ua, agent->now_ms, asked_argument(asked, "to"),
					     &forgery)))
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

	if (said && !is_number(asked_argument(asked, "call"), &number)) {
		asked_fail(asked, CONTROL_EXIT_USE,
			   "not the number of a call; status shows those there are");
		return 0;
	}
	if (!said && !asked_is_begun(asked, ua_pick(asked->agent->ua, is_to_answer, &number)))
		return 0;
	if (number == 0 || number > UA_CALLS) {
		asked_fail(asked, CONTROL_EXIT_REFUSED, "there is no such call");
		return 0;
	}
	return number;
}

void command_answer(const struct asked *asked)
{
	unsigned number = meant_call(asked, true);

	if (number == 0)
		return;
	asked_await_call(asked, AWAITED_ANSWER, number);
	if (!asked_is_begun(asked, ua_answer(asked->agent->ua, asked->agent->now_ms, number)))
		asked_await(asked, AWAITED_NOTHING);
}

void command_hangup(const struct asked *asked)
{
	unsigned number = meant_call(asked, false);

	if (number == 0)
		return;
	/* It may end at once, so the waiting comes first. */
	asked_await_call(asked, AWAITED_HANGUP, number);
	if (!asked_is_begun(asked, ua_hangup(asked->agent->ua, asked->agent->now_ms, number)))
		asked_await(asked, AWAITED_NOTHING);
}
