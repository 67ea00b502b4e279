#include "terminal/agent/commands_asked.h"

static void say_text(const struct asked *asked, const char *text)
{
	json_t *line = json_pack("{s:s}", "text", text);

	if (line)
		control_say(&asked->agent->control, asked->index, line);
	json_decref(line);
}

void asked_end(const struct asked *asked, int status)
{
	control_end(&asked->agent->control, asked->index, status);
}

void asked_fail(const struct asked *asked, int status, const char *text)
{
	say_text(asked, text);
	asked_end(asked, status);
}

void asked_await(const struct asked *asked, enum awaited awaited)
{
	asked->agent->waiters[asked->index].awaited = awaited;
}

void asked_await_call(const struct asked *asked, enum awaited awaited, unsigned call)
{
	asked->agent->waiters[asked->index].call = call;
	asked_await(asked, awaited);
}

struct slice asked_argument(const struct asked *asked, const char *key)
{
	json_t *value = json_object_get(asked->request, key);

	if (!json_is_string(value))
		return slice_make(NULL, 0);
	return slice_make(json_string_value(value), json_string_length(value));
}

bool asked_is_begun(const struct asked *asked, enum result result)
{
	switch (result) {
	case RESULT_OK:
		return true;
	case RESULT_EXISTS:
		asked_fail(asked, CONTROL_EXIT_REFUSED, "there are several calls: which one?");
		return false;
	case RESULT_NOT_FOUND:
		asked_fail(asked, CONTROL_EXIT_REFUSED, "there is no such call");
		return false;
	case RESULT_BAD:
		asked_fail(asked, CONTROL_EXIT_USE, "not a name like user-b@xyz.com");
		return false;
	default:
		asked_fail(asked, CONTROL_EXIT_REFUSED, "too much is going on");
		return false;
	}
}

bool asked_is_registered(const struct asked *asked)
{
	if (asked->agent->presence == PRESENCE_REGISTERED)
		return true;
	asked_fail(asked, CONTROL_EXIT_REFUSED, "not registered");
	return false;
}
