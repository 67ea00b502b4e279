/* The name of this terminal at the gateway: registered through the channel, refreshed, given up. */
#include <string.h>

#include "terminal/agent/report.h"
#include "terminal/agent/state.h"

void presence_send_register(struct agent *agent, uint32_t expires_s)
{
	struct ua_registration registration = {
		.call_id = initiator_call_id(agent->initiator),
		.from_tag = initiator_from_tag(agent->initiator),
		.cseq = initiator_cseq_next(agent->initiator),
		.expires_s = expires_s,
	};

	agent->refresh_ms = TIMER_NEVER;
	if (ua_register(agent->ua, agent->now_ms, &registration) != RESULT_OK)
		agent->refresh_ms = agent->now_ms + PRESENCE_AGAIN_MS;
}

void presence_register(struct agent *agent)
{
	if (!link_is_up(&agent->link))
		presence_attach(agent);
	else
		presence_send_register(agent, agent->settings->expires_s);
}

void presence_deregister(struct agent *agent)
{
	agent->presence = PRESENCE_LEAVING;
	presence_send_register(agent, 0);
}

static void on_registered(struct agent *agent, const struct ua_event *event)
{
	uint64_t life_ms = (uint64_t)event->expires_s * 1000;

	agent->presence = PRESENCE_REGISTERED;
	ua_attached_set(agent->ua, true);
	/* Well before it ends: at four fifths. */
	agent->refresh_ms = agent->now_ms + (life_ms ? life_ms / 5 * 4 : PRESENCE_AGAIN_MS);
	agent->keep_alive_ms = agent->now_ms + agent->settings->keep_alive_ms;
}

static void on_register_failed(struct agent *agent, const struct ua_event *event)
{
	if (agent->presence == PRESENCE_LEAVING) {
		agent->presence = PRESENCE_AWAY;
		channel_drop(agent);
	} else if (event->status == 0) {
		agent->is_lost = true;
	} else {
		agent->presence = PRESENCE_REGISTERING;
		agent->refresh_ms = agent->now_ms + PRESENCE_AGAIN_MS;
	}
}

/* What a user who called, or was called, wants to know of the channel that came with it. */
static void add_channel(const struct agent *agent, unsigned call, json_t *report)
{
	json_t *channel = data_channel_report(agent, call);
	json_t *text = json_incref(json_object_get(report, "text"));

	if (channel)
		json_object_set_new(report, "channel", channel);
	json_object_set_new(report, "text", data_channel_established_take(agent, call, text));
}

void presence_on_ua(struct agent *agent, const struct ua_event *event)
{
	json_t *report;

	switch (event->kind) {
	case UA_EVENT_REGISTERED:
		on_registered(agent, event);
		break;
	case UA_EVENT_REGISTER_FAILED:
		on_register_failed(agent, event);
		break;
	case UA_EVENT_DEREGISTERED:
		agent->presence = PRESENCE_AWAY;
		channel_drop(agent);
		break;
	case UA_EVENT_SILENCE:
		agent->is_lost = agent->presence != PRESENCE_AWAY;
		return;
	default:
		break;
	}
	report = report_ua_event(event, &agent->series,
				 slice_make(agent->settings->aor, strlen(agent->settings->aor)));
	if (event->kind == UA_EVENT_ESTABLISHED)
		add_channel(agent, event->call - 1, report);
	agent_tell_take(agent, report, event);
}
