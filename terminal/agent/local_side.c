/* The agent's side towards the SIP clients of this machine: their sockets and their media. */
#include <errno.h>
#include <string.h>

#include "terminal/agent/state.h"

static void take(void *context, const struct flow *flow, struct slice message)
{
	struct agent *agent = context;

	ua_receive_local(agent->ua, agent->now_ms, flow, message);
}

static void lost(void *context, const struct flow *flow)
{
	struct agent *agent = context;

	ua_lost(agent->ua, agent->now_ms, flow);
}

/*
 * With a data channel, made or hoped for, media are at our overlay address; a call that has none
 * for sure has them at our own.
 */
static bool outside(void *context, unsigned call, unsigned family, struct sip_address *out)
{
	const struct agent *agent = context;
	bool is_without = data_channel_obstacle(agent) != NULL || !data_channel_has(agent, call);

	*out = is_without    ? agent->own
	       : family == 4 ? agent->channel.own.ipv4
			     : agent->channel.own.ipv6;
	return out->family != 0;
}

enum result local_side_create(struct agent *agent)
{
	if (agent->settings->local_port == 0)
		return RESULT_OK;
	agent->local.context = agent;
	agent->local.take = take;
	agent->local.lost = lost;
	agent->relay.context = agent;
	agent->relay.outside = outside;
	if (local_open(&agent->local, agent->settings->local_port) != RESULT_OK) {
		fprintf(stderr, "port %u of the loopback: %s\n", agent->settings->local_port,
			strerror(errno));
		return RESULT_IO;
	}
	ua_local_set(agent->ua, &agent->local.own[0], &agent->local.own[1]);
	ua_media_set(agent->ua, &agent->relay.media);
	return RESULT_OK;
}

void local_side_destroy(struct agent *agent)
{
	local_close(&agent->local);
	relay_close(&agent->relay);
}
