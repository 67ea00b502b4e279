/* What `status` says: the channel to the gateway, the clients, each call with its path and channel.
 */
#include <string.h>

#include "terminal/agent/report.h"
#include "terminal/agent/state.h"

/* Appends a line to a text that grows; both are taken over, and the new one returned. */
static json_t *add_line_take(json_t *text, json_t *line)
{
	json_t *both = text && line ? json_sprintf("%s\n%s", json_string_value(text),
						   json_string_value(line))
				    : NULL;

	json_decref(text);
	json_decref(line);
	return both;
}

static const char *call_name(enum ua_call_state state)
{
	static const char *const names[] = {"none",	   "inviting",	   "ringing there",
					    "cancelling",  "ringing here", "accepted",
					    "established", "ending"};

	return names[state];
}

static json_t *call_report(const struct agent *agent, unsigned number,
			   const struct ua_call_view *call)
{
	json_t *report = json_pack("{s:i, s:s, s:o, s:s, s:s}", "call", (int)number, "state",
				   call_name(call->state), "party", report_string(call->party),
				   "user", call->is_of_phone ? "client" : "console", "by",
				   call->is_ours ? "us" : "them");
	json_t *channel = data_channel_report(agent, number - 1);
	const char *failure = agent->channel.calls[number - 1].failure;
	uint64_t sent, received;

	relay_count(&agent->relay, number - 1, &sent, &received);
	if (call->path.len)
		json_object_set_new(report, "path", report_string(call->path));
	if (call->is_of_phone)
		json_object_set_new(report, "media",
				    json_pack("{s:I, s:I}", "sent", (json_int_t)sent, "received",
					      (json_int_t)received));
	if (channel)
		json_object_set_new(report, "channel", channel);
	if (failure[0])
		json_object_set_new(report, "channel-failure", json_string(failure));
	return report;
}

/* "call 1: established with sip:user-b@xyz.com", its path under it, its channel, its media. */
static json_t *call_text(const struct agent *agent, json_t *report, unsigned number)
{
	json_t *media = json_object_get(report, "media"), *path = json_object_get(report, "path");
	json_t *failure = json_object_get(report, "channel-failure");
	json_t *text = json_sprintf("call %u: %s with %s, of the %s", number,
				    json_string_value(json_object_get(report, "state")),
				    json_string_value(json_object_get(report, "party")),
				    json_string_value(json_object_get(report, "user")));

	if (path)
		text = add_line_take(text, json_sprintf("  path: %s", json_string_value(path)));
	if (media)
		text = add_line_take(
			text,
			json_sprintf(
				"  media packets: %lld out, %lld in",
				(long long)json_integer_value(json_object_get(media, "sent")),
				(long long)json_integer_value(json_object_get(media, "received"))));
	if (failure)
		text = add_line_take(
			text, json_sprintf("  no data channel: %s", json_string_value(failure)));
	return data_channel_sentence_take(agent, number - 1, text);
}

static json_t *own_text(const struct agent *agent, const char *presence, unsigned level)
{
	char gateway[SIP_ADDRESS_PORT_CHARS];
	struct writer w = writer_make(gateway, sizeof(gateway));
	json_t *text;

	sip_address_write_host(attach_gateway(&agent->attach), &w);
	text = json_sprintf("%s is %s, level %u, gateway %s at %.*s", agent->settings->aor,
			    presence, level, agent->settings->domain, (int)w.len, w.at);
	if (agent->link.is_tunnel && agent->link.seen.family) {
		w = writer_make(gateway, sizeof(gateway));
		sip_address_write(&agent->link.seen, &w);
		text = add_line_take(text, json_sprintf("behind a NAT: the gateway sees it at %.*s",
							(int)w.len, w.at));
	}
	if (agent->settings->local_port == 0)
		return text;
	return add_line_take(text, json_sprintf("port %u for SIP clients here: %u registered",
						agent->settings->local_port,
						ua_phone_count(agent->ua, agent->now_ms)));
}

/* What data channels use, or why calls have none where that is not by the user's own choice. */
static json_t *add_channels_take(const struct agent *agent, json_t *report, json_t *text)
{
	const char *obstacle = data_channel_obstacle(agent);

	if (agent->settings->channel == CHANNEL_OFF)
		return text;
	if (!obstacle) {
		json_t *offloads = offloads_report(agent);

		json_object_set_new(report, "offloads", offloads);
		return add_line_take(text, offloads_text(agent, offloads));
	}
	json_object_set_new(report, "channel-obstacle", json_string(obstacle));
	return add_line_take(text, json_sprintf("no data channels: %s", obstacle));
}

json_t *status_report(const struct agent *agent)
{
	static const char *const presences[] = {"away", "attaching", "registering", "registered",
						"leaving"};
	bool is_up = link_is_up(&agent->link);
	unsigned level = is_up ? agent->limits.level : 0;
	json_t *calls = json_array(), *text = own_text(agent, presences[agent->presence], level);
	json_t *report = json_pack(
		"{s:s, s:s, s:i, s:i, s:I, s:I, s:I}", "aor", agent->settings->aor, "presence",
		presences[agent->presence], "level", (int)level, "clients",
		(int)ua_phone_count(agent->ua, agent->now_ms), "sent",
		(json_int_t)(is_up ? esp_outbound_packets(agent->link.out) : 0), "received",
		(json_int_t)(is_up ? esp_inbound_packets(agent->link.in[0].sa) : 0), "refused",
		(json_int_t)agent->link.refused);

	if (agent->link.is_tunnel && agent->link.seen.family)
		json_object_set_new(report, "seen", data_channel_place_text(&agent->link.seen));
	text = add_channels_take(agent, report, text);
	for (unsigned number = 1; number <= UA_CALLS; number++) {
		struct ua_call_view view;
		json_t *call, *channel;

		if (!ua_call_view(agent->ua, number, &view))
			continue;
		call = call_report(agent, number, &view);
		channel = json_object_get(call, "channel");
		/* Who has one call need not look for it. */
		if (channel && !json_object_get(report, "channel"))
			json_object_set(report, "channel", channel);
		text = add_line_take(text, call_text(agent, call, number));
		json_array_append_new(calls, call);
	}
	if (json_array_size(calls) == 0)
		text = add_line_take(text, json_string("no call"));
	json_object_set_new(report, "text", text);
	json_object_set_new(report, "calls", calls);
	return report;
}
