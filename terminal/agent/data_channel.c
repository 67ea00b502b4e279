#include "terminal/agent/data_channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "terminal/agent/state.h"

const char *data_channel_obstacle(const struct agent *agent)
{
	if (agent->settings->channel == CHANNEL_OFF)
		return "data channels are switched off here";
	if (agent->channel.tun.fd < 0)
		return "there is no TUN device for the data channel";
	if (agent->channel.settings.suites.count == 0)
		return "none of the suites set here encrypts";
	return NULL;
}

/* Has another call a channel to the same party? Then the way to it is that one's too. */
static bool is_shared(const struct agent *agent, const struct call_channel *channel)
{
	for (unsigned i = 0; i < UA_CALLS; i++) {
		const struct call_channel *other = &agent->channel.calls[i];

		if (other != channel && other->tunnel &&
		    sip_address_is_same_host(&other->peer.ipv6, &channel->peer.ipv6))
			return true;
	}
	return false;
}

void data_channel_close(struct agent *agent, struct call_channel *channel)
{
	if (!channel->tunnel)
		return;
	if (!is_shared(agent, channel))
		tun_remove_peer(&agent->channel.tun, &channel->peer);
	tunnel_destroy(channel->tunnel);
	channel->tunnel = NULL;
}

static void log_keys(const struct call_channel *channel, uint32_t spi_in, const uint8_t *key_in,
		     uint32_t spi_out, const uint8_t *key_out)
{
	struct agent *agent = channel->agent;

	agent_log_key(agent, spi_in, key_in, &agent->own, channel->suite);
	agent_log_key(agent, spi_out, key_out, &channel->places.place[0], channel->suite);
}

static void on_renewed(void *context, const struct renewal_sas *sas)
{
	struct call_channel *channel = context;

	log_keys(channel, sas->spi_in, sas->key_in, sas->spi_out, sas->key_out);
	data_channel_tell(channel, "channel-rekeyed", "the data channel has new keys");
}

static void on_found(void *context, const struct sip_address *place)
{
	struct call_channel *channel = context;
	struct agent *agent = channel->agent;
	char text[SIP_ADDRESS_PORT_CHARS];
	struct writer w = writer_make(text, sizeof(text));

	place_write(place, &w);
	data_channel_tell(channel, "channel-up",
			  "the data channel %s is up, by %s to %.*s, string %s",
			  agent->channel.tun.name, place->port ? "ESP in UDP" : "ESP", (int)w.len,
			  w.at, channel->string);
}

static void on_followed(void *context, const struct sip_address *place)
{
	struct call_channel *channel = context;
	char text[SIP_ADDRESS_PORT_CHARS];
	struct writer w = writer_make(text, sizeof(text));

	place_write(place, &w);
	data_channel_tell(channel, "channel-moved",
			  "the other side's end of the data channel is at %.*s now", (int)w.len,
			  w.at);
}

void data_channel_moved(struct agent *agent)
{
	for (unsigned i = 0; i < UA_CALLS; i++)
		if (agent->channel.calls[i].tunnel)
			tunnel_moved(agent->channel.calls[i].tunnel, agent->now_ms);
}

void data_channel_renew(struct agent *agent)
{
	for (unsigned i = 0; i < UA_CALLS; i++)
		if (agent->channel.calls[i].tunnel)
			tunnel_renew(agent->channel.calls[i].tunnel);
}

enum result data_channel_install(struct agent *agent, struct call_channel *channel)
{
	const struct agreement *agreement = &channel->negotiation.agreement;
	struct tunnel_port port = {channel,    data_channel_send, data_channel_deliver,
				   on_renewed, on_found,	  on_followed};
	enum result result = tunnel_create(agreement, &port, agent->now_ms, &channel->tunnel);

	if (result != RESULT_OK)
		return result;
	channel->peer = agreement->peer;
	channel->places = agreement->places;
	channel->suite = agreement->suite;
	memcpy(channel->string, agreement->string, sizeof(channel->string));
	log_keys(channel, agreement->spi_in, agreement->key_in, agreement->spi_out,
		 agreement->key_out);
	if (!is_shared(agent, channel))
		result = tun_add_peer(&agent->channel.tun, &channel->peer);
	if (result != RESULT_OK)
		data_channel_close(agent, channel);
	return result;
}

/* Those of the terminal's suites that encrypt, in its order. */
static struct suite_list suites_of(const struct settings *settings)
{
	struct suite_list list = {.count = 0};

	for (size_t i = 0; i < settings->suites.count; i++)
		if (suite_find(settings->suites.suite[i])->level == SIP_LEVEL_CONFIDENTIAL)
			list.suite[list.count++] = settings->suites.suite[i];
	return list;
}

enum result data_channel_create(struct agent *agent)
{
	struct data_channel *channel = &agent->channel;
	struct slice aor = slice_make(agent->settings->aor, strlen(agent->settings->aor));
	enum result result;

	channel->settings = (struct negotiation_settings){
		aor, suites_of(agent->settings), random_system(), agent->settings->gateways,
		agent->settings->gateway_count};
	channel->session = data_channel_session_of(agent);
	channel->join.write = data_channel_write;
	channel->join.context = channel;
	for (unsigned i = 0; i < UA_CALLS; i++)
		channel->calls[i].agent = agent;
	ua_session_set(agent->ua, &channel->session);
	if (agent->settings->channel == CHANNEL_OFF)
		return RESULT_OK;
	result = overlay_of(aor, &channel->own);
	if (result == RESULT_OK)
		result = tun_open(&channel->own, agent->settings->without_offloads, &channel->tun);
	if (result != RESULT_OK) {
		fprintf(stderr, "no TUN device, calls go without data channel: %s\n",
			strerror(errno));
		return agent->settings->channel == CHANNEL_REQUIRED ? RESULT_IO : RESULT_OK;
	}
	offloads_tell_lack(agent);
	return RESULT_OK;
}

void data_channel_destroy(struct agent *agent)
{
	for (unsigned i = 0; i < UA_CALLS; i++) {
		data_channel_close(agent, &agent->channel.calls[i]);
		negotiation_end(&agent->channel.calls[i].negotiation);
	}
	tun_close(&agent->channel.tun);
}

bool data_channel_has(const struct agent *agent, unsigned call)
{
	const struct call_channel *channel = &agent->channel.calls[call];

	return channel->tunnel || channel->negotiation.state != NEGOTIATION_NONE;
}

/* What has become of a channel, as a sentence kept for status. */
static void failure_write(const struct agent *agent, struct call_channel *channel,
			  enum tunnel_fate fate)
{
	struct writer w = writer_make(channel->failure, sizeof(channel->failure) - 1);

	if (fate == TUNNEL_UNCONFIRMED)
		data_channel_no_way_write(agent, channel, &w);
	else if (fate == TUNNEL_LOST)
		WRITER_LITERAL(&w, "the other side is silent");
	else
		WRITER_LITERAL(&w, "its keys are used up");
	channel->failure[w.len] = 0;
}

/* What becomes of a call whose channel is given up. */
enum after {
	AFTER_CALL_ENDS,
	AFTER_CALL_GOES_ON,
	AFTER_MEDIA_GO_IN_CLEAR, /* a client's: at our own addresses */
	AFTER_MEDIA_HAVE_NO_WAY, /* a client's, but nobody reaches those: the call ends */
};

/* What never was is missed only by who requires it, and by who can be reached in no other way. */
static enum after after(const struct agent *agent, unsigned call, enum tunnel_fate fate)
{
	struct ua_call_view view;

	if (fate != TUNNEL_UNCONFIRMED || agent->settings->channel == CHANNEL_REQUIRED)
		return AFTER_CALL_ENDS;
	if (!ua_call_view(agent->ua, call + 1, &view) || !view.is_of_phone)
		return AFTER_CALL_GOES_ON;
	return data_channel_is_behind_nat(agent) ? AFTER_MEDIA_HAVE_NO_WAY
						 : AFTER_MEDIA_GO_IN_CLEAR;
}

static void tick_one(struct agent *agent, unsigned call)
{
	static const char *const sentence[] = {
		[AFTER_CALL_ENDS] = "the call ends",
		[AFTER_CALL_GOES_ON] = "the call goes on without",
		[AFTER_MEDIA_GO_IN_CLEAR] = "media of the client go without it, in clear",
		[AFTER_MEDIA_HAVE_NO_WAY] =
			"the call ends, for media in clear would not pass the NAT here",
	};
	struct call_channel *channel = &agent->channel.calls[call];
	enum tunnel_fate fate;
	enum after next;
	enum result result = RESULT_OK;

	if (!channel->tunnel)
		return;
	fate = tunnel_tick(channel->tunnel, agent->now_ms);
	if (fate == TUNNEL_LIVES)
		return;
	next = after(agent, call, fate);
	failure_write(agent, channel, fate);
	data_channel_close(agent, channel);
	data_channel_tell(channel, "channel-lost", "the data channel is given up: %s; %s",
			  channel->failure, sentence[next]);
	if (next == AFTER_CALL_ENDS || next == AFTER_MEDIA_HAVE_NO_WAY)
		result = ua_hangup(agent->ua, agent->now_ms, call + 1);
	else
		ua_media_moved(agent->ua, call + 1);
	(void)result; /* the call may be ending already */
}

void data_channel_tick(struct agent *agent)
{
	for (unsigned i = 0; i < UA_CALLS; i++)
		tick_one(agent, i);
}

uint64_t data_channel_deadline(const struct agent *agent)
{
	uint64_t deadline = TIMER_NEVER;

	for (unsigned i = 0; i < UA_CALLS; i++)
		if (agent->channel.calls[i].tunnel)
			deadline = timer_earlier(deadline,
						 tunnel_deadline(agent->channel.calls[i].tunnel));
	return deadline;
}
