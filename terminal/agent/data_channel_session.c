/* What the policy on data channels makes of the offers, answers and reveals of calls. */
#include <string.h>

#include "terminal/agent/state.h"

/* The call goes on without a channel: the user is told why, now and by status. */
static void go_without(struct call_channel *channel, const char *why)
{
	snprintf(channel->failure, sizeof(channel->failure), "%s", why);
	data_channel_tell(channel, "channel-refused", "no data channel: %s", why);
}

/*
 * What stands against a channel: the call ends if one is required; else it goes on without, and the
 * user is told. The result of a session's judging function.
 */
static bool object(struct call_channel *channel, const char *why, struct writer *refusal)
{
	if (channel->agent->settings->channel == CHANNEL_REQUIRED) {
		writer_bytes(refusal, why, strlen(why));
		return false;
	}
	go_without(channel, why);
	return true;
}

/* A step's outcome as words; for RESULT_DENIED they are there already. */
static const char *words(enum result result, const char *why)
{
	return result == RESULT_DENIED	    ? why
	       : result == RESULT_NOT_FOUND ? "the other side has none"
					    : "its keys could not be made";
}

/* What was agreed on comes into use; the keys then are in the tunnel only. */
static bool install(struct agent *agent, struct call_channel *channel, struct writer *refusal)
{
	enum result result = data_channel_install(agent, channel);

	negotiation_end(&channel->negotiation);
	return result == RESULT_OK ||
	       object(channel, "the way to the peer could not be set", refusal);
}

static void session_offer(void *context, unsigned call, struct writer *lines)
{
	struct agent *agent = context;
	struct call_channel *channel = &agent->channel.calls[call];
	const struct places own = data_channel_places(agent);
	enum result result;

	channel->failure[0] = 0;
	if (data_channel_obstacle(agent))
		return;
	result = negotiation_offer(&channel->negotiation, &agent->channel.settings, &own, lines);
	if (result != RESULT_OK)
		go_without(channel, words(result, NULL));
}

static bool session_offered(void *context, unsigned call, struct slice sdp, struct writer *refusal)
{
	struct agent *agent = context;
	struct call_channel *channel = &agent->channel.calls[call];
	const struct places own = data_channel_places(agent);
	const char *why = data_channel_obstacle(agent);
	enum result result;

	channel->failure[0] = 0;
	if (agent->settings->channel == CHANNEL_OFF)
		return true;
	if (why)
		return object(channel, why, refusal);
	result = negotiation_take_offer(&channel->negotiation, &agent->channel.settings, &own, sdp,
					&why);
	return result == RESULT_OK || object(channel, words(result, why), refusal);
}

static void session_answer(void *context, unsigned call, const struct ua_parties *parties,
			   struct writer *lines)
{
	struct agent *agent = context;
	struct call_channel *channel = &agent->channel.calls[call];
	const char *why = NULL;
	enum result result;

	if (channel->negotiation.state != NEGOTIATION_ASKED)
		return;
	result = negotiation_answer(&channel->negotiation, &agent->channel.settings, parties, lines,
				    &why);
	/* If it is required, what should reveal and has nothing to, ends the call. */
	if (result != RESULT_OK)
		go_without(channel, words(result, why));
}

static bool session_answered(void *context, unsigned call, const struct ua_parties *parties,
			     struct slice sdp, struct writer *reveal, struct writer *refusal)
{
	struct agent *agent = context;
	struct call_channel *channel = &agent->channel.calls[call];
	const char *why = data_channel_obstacle(agent);
	enum result result;

	if (agent->settings->channel == CHANNEL_OFF)
		return true;
	if (channel->negotiation.state != NEGOTIATION_OFFERED)
		return object(channel, why ? why : "it was not offered", refusal);
	result = negotiation_take_answer(&channel->negotiation, &agent->channel.settings, parties,
					 sdp, reveal, &why);
	if (result != RESULT_OK)
		return object(channel, words(result, why), refusal);
	return install(agent, channel, refusal);
}

static bool session_revealed(void *context, unsigned call, struct slice body,
			     struct writer *refusal)
{
	struct agent *agent = context;
	struct call_channel *channel = &agent->channel.calls[call];
	const char *why = NULL;
	enum result result;

	if (channel->negotiation.state != NEGOTIATION_ANSWERED) {
		if (agent->settings->channel != CHANNEL_REQUIRED)
			return true; /* why not was told when it was found */
		return object(channel, "a data channel is required", refusal);
	}
	result = negotiation_take_reveal(&channel->negotiation, body, &why);
	if (result != RESULT_OK)
		return object(channel, words(result, why), refusal);
	return install(agent, channel, refusal);
}

static void session_ended(void *context, unsigned call)
{
	struct agent *agent = context;
	struct call_channel *channel = &agent->channel.calls[call];

	negotiation_end(&channel->negotiation);
	channel->failure[0] = 0;
	if (!channel->tunnel)
		return;
	agent_tell(agent, "channel-down", "data channel closed: %llu packets sent, %llu received",
		   (unsigned long long)tunnel_count(channel->tunnel, TUNNEL_SENT),
		   (unsigned long long)tunnel_count(channel->tunnel, TUNNEL_RECEIVED));
	data_channel_close(agent, channel);
}

struct ua_session data_channel_session_of(struct agent *agent)
{
	return (struct ua_session){
		agent,		session_offer,	  session_offered,
		session_answer, session_answered, session_revealed,
		session_ended,
	};
}
