#include "terminal/agent/data_channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "terminal/agent/state.h"
#include "terminal/esp/bytes.h"

/* ESP arrives in bursts of a TCP window: what the socket may hold. */
#define SOCKET_BUFFER_BYTES (4 * 1024 * 1024)

const char *data_channel_obstacle(const struct agent *agent)
{
	if (agent->settings->channel == CHANNEL_OFF)
		return "data channels are switched off here";
	if (agent->channel.tun.fd < 0)
		return "there is no TUN device for the data channel";
	if (agent->channel.settings.suites.count == 0)
		return "none of the suites set here encrypts";
	if (agent->link.is_tunnel)
		return "the data channel does not pass the NAT that this terminal is behind";
	return NULL;
}

/*
 * What stands against a channel: the call ends if one is required; else it goes on without, and the
 * user is told. The result of a session's judging function.
 */
static bool object(struct agent *agent, const char *why, struct writer *refusal)
{
	if (agent->settings->channel == CHANNEL_REQUIRED) {
		writer_bytes(refusal, why, strlen(why));
		return false;
	}
	agent_tell(agent, "channel-refused", "no data channel: %s", why);
	return true;
}

/* A step's outcome as words; for RESULT_DENIED they are there already. */
static const char *words(enum result result, const char *why)
{
	return result == RESULT_DENIED	    ? why
	       : result == RESULT_NOT_FOUND ? "the other side has none"
					    : "its keys could not be made";
}

static void send_esp(void *context, const struct sip_address *to, const uint8_t *packet, size_t len)
{
	struct agent *agent = context;
	enum result result = sockets_send_esp(&agent->sockets, to, packet, len);

	(void)result; /* lost, as on any wire */
}

static void deliver(void *context, const uint8_t *packet, size_t len)
{
	struct agent *agent = context;

	tun_write(&agent->channel.tun, packet, len);
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

static void close_tunnel(struct agent *agent, struct call_channel *channel)
{
	if (!channel->tunnel)
		return;
	if (!is_shared(agent, channel))
		tun_remove_peer(&agent->channel.tun, &channel->peer);
	tunnel_destroy(channel->tunnel);
	channel->tunnel = NULL;
}

/* What was agreed on comes into use; the keys then are in the tunnel only. */
static bool install(struct agent *agent, struct call_channel *channel, struct writer *refusal)
{
	const struct agreement *agreement = &channel->negotiation.agreement;
	struct tunnel_port port = {agent, send_esp, deliver};
	enum result result = tunnel_create(agreement, &port, agent->now_ms, &channel->tunnel);

	if (result == RESULT_OK) {
		channel->peer = agreement->peer;
		channel->address = agreement->address;
		channel->spi_in = agreement->spi_in;
		channel->spi_out = agreement->spi_out;
		memcpy(channel->string, agreement->string, sizeof(channel->string));
		agent_log_key(agent, agreement->spi_in, agreement->key_in, &agent->link.own,
			      agreement->suite);
		agent_log_key(agent, agreement->spi_out, agreement->key_out, &agreement->address,
			      agreement->suite);
		result = is_shared(agent, channel)
				 ? RESULT_OK
				 : tun_add_peer(&agent->channel.tun, &channel->peer);
	}
	negotiation_end(&channel->negotiation);
	if (result == RESULT_OK)
		return true;
	close_tunnel(agent, channel);
	return object(agent, "the way to the peer could not be set", refusal);
}

static void session_offer(void *context, unsigned call, struct writer *lines)
{
	struct agent *agent = context;
	struct call_channel *channel = &agent->channel.calls[call];
	enum result result;

	if (data_channel_obstacle(agent))
		return;
	result = negotiation_offer(&channel->negotiation, &agent->channel.settings,
				   &agent->own, lines);
	if (result != RESULT_OK)
		agent_tell(agent, "channel-refused", "no data channel: %s", words(result, NULL));
}

static bool session_offered(void *context, unsigned call, struct slice sdp, struct writer *refusal)
{
	struct agent *agent = context;
	struct call_channel *channel = &agent->channel.calls[call];
	const char *why = data_channel_obstacle(agent);
	enum result result;

	if (agent->settings->channel == CHANNEL_OFF)
		return true;
	if (why)
		return object(agent, why, refusal);
	result = negotiation_take_offer(&channel->negotiation, &agent->channel.settings,
					&agent->own, sdp, &why);
	return result == RESULT_OK || object(agent, words(result, why), refusal);
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
		agent_tell(agent, "channel-refused", "no data channel: %s", words(result, why));
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
		return object(agent, why ? why : "it was not offered", refusal);
	result = negotiation_take_answer(&channel->negotiation, &agent->channel.settings, parties,
					 sdp, reveal, &why);
	if (result != RESULT_OK)
		return object(agent, words(result, why), refusal);
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
		return object(agent, "a data channel is required", refusal);
	}
	result = negotiation_take_reveal(&channel->negotiation, body, &why);
	if (result != RESULT_OK)
		return object(agent, words(result, why), refusal);
	return install(agent, channel, refusal);
}

static void session_ended(void *context, unsigned call)
{
	struct agent *agent = context;
	struct call_channel *channel = &agent->channel.calls[call];

	negotiation_end(&channel->negotiation);
	if (!channel->tunnel)
		return;
	agent_tell(agent, "channel-down", "data channel closed: %llu packets sent, %llu received",
		   (unsigned long long)tunnel_count(channel->tunnel, TUNNEL_SENT),
		   (unsigned long long)tunnel_count(channel->tunnel, TUNNEL_RECEIVED));
	close_tunnel(agent, channel);
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
	const int size = SOCKET_BUFFER_BYTES;
	struct slice aor = slice_make(agent->settings->aor, strlen(agent->settings->aor));
	enum result result;

	channel->settings =
		(struct negotiation_settings){aor, suites_of(agent->settings), random_system()};
	channel->session = (struct ua_session){
		agent,		session_offer,	  session_offered,
		session_answer, session_answered, session_revealed,
		session_ended,
	};
	ua_session_set(agent->ua, &channel->session);
	if (agent->settings->channel == CHANNEL_OFF)
		return RESULT_OK;
	result = overlay_of(aor, &channel->own);
	if (result == RESULT_OK)
		result = tun_open(&channel->own, &channel->tun);
	if (result != RESULT_OK) {
		fprintf(stderr, "no TUN device, calls go without data channel: %s\n",
			strerror(errno));
		return agent->settings->channel == CHANNEL_REQUIRED ? RESULT_IO : RESULT_OK;
	}
	/* Without the right to it, the buffer stays as it is. */
	(void)setsockopt(agent->sockets.esp, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return RESULT_OK;
}

void data_channel_destroy(struct agent *agent)
{
	for (unsigned i = 0; i < UA_CALLS; i++) {
		close_tunnel(agent, &agent->channel.calls[i]);
		negotiation_end(&agent->channel.calls[i].negotiation);
	}
	tun_close(&agent->channel.tun);
}

bool data_channel_has(const struct agent *agent, unsigned call)
{
	const struct call_channel *channel = &agent->channel.calls[call];

	return channel->tunnel || channel->negotiation.state != NEGOTIATION_NONE;
}

static struct call_channel *find_spi(struct agent *agent, uint32_t spi)
{
	for (unsigned i = 0; i < UA_CALLS; i++)
		if (agent->channel.calls[i].tunnel && agent->channel.calls[i].spi_in == spi)
			return &agent->channel.calls[i];
	return NULL;
}

bool data_channel_take(struct agent *agent, const struct received *packet)
{
	struct call_channel *channel =
		packet->len < ESP_HEADER_BYTES ? NULL : find_spi(agent, bytes_get_u32(packet->at));
	bool was_confirmed;

	if (!channel)
		return false;
	was_confirmed = tunnel_is_confirmed(channel->tunnel);
	tunnel_receive(channel->tunnel, agent->now_ms, &packet->from, packet->at, packet->len);
	if (!was_confirmed && tunnel_is_confirmed(channel->tunnel))
		agent_tell(agent, "channel-up", "the data channel %s is up, string %s",
			   agent->channel.tun.name, channel->string);
	return true;
}

/* The channel to the packet's destination; if there is none, any, which counts it as astray. */
static struct tunnel *find_way(struct agent *agent, const uint8_t *packet, size_t len)
{
	struct tunnel *any = NULL;

	for (unsigned i = 0; i < UA_CALLS; i++) {
		struct call_channel *channel = &agent->channel.calls[i];
		unsigned version;

		if (!channel->tunnel)
			continue;
		any = channel->tunnel;
		if (overlay_is_between(&agent->channel.own, &channel->peer, packet, len, &version))
			return channel->tunnel;
	}
	return any;
}

bool data_channel_read(struct agent *agent)
{
	uint8_t packet[TUNNEL_PACKET_BYTES];
	struct tunnel *tunnel;
	size_t len;

	if (agent->channel.tun.fd < 0 ||
	    tun_read(&agent->channel.tun, packet, sizeof(packet), &len) != RESULT_OK)
		return false;
	tunnel = find_way(agent, packet, len);
	if (tunnel)
		tunnel_send(tunnel, agent->now_ms, packet, len);
	return true;
}

static void tick_one(struct agent *agent, unsigned call)
{
	static const char *const reasons[] = {
		[TUNNEL_UNCONFIRMED] = "nothing of the other side's arrived that its keys open",
		[TUNNEL_LOST] = "the other side is silent",
		[TUNNEL_USED_UP] = "its keys are used up",
	};
	struct call_channel *channel = &agent->channel.calls[call];
	enum tunnel_fate fate;
	enum result result = RESULT_OK;

	if (!channel->tunnel)
		return;
	fate = tunnel_tick(channel->tunnel, agent->now_ms);
	if (fate == TUNNEL_LIVES)
		return;
	agent_tell(agent, "channel-lost", "the data channel is given up: %s", reasons[fate]);
	close_tunnel(agent, channel);
	/* What never was is missed only by who requires it. The call may be ending already. */
	if (fate != TUNNEL_UNCONFIRMED || agent->settings->channel == CHANNEL_REQUIRED)
		result = ua_hangup(agent->ua, agent->now_ms, call + 1);
	(void)result;
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

static json_t *address_text(const struct sip_address *address)
{
	char text[SIP_ADDRESS_CHARS];
	struct writer w = writer_make(text, sizeof(text));

	sip_address_write_bare(address, &w);
	return json_stringn(w.at, w.len);
}

static json_t *spi_text(uint32_t spi)
{
	return json_sprintf("%08x", spi);
}

json_t *data_channel_report(const struct agent *agent, unsigned call)
{
	const struct call_channel *channel = &agent->channel.calls[call];
	const struct data_channel *shared = &agent->channel;
	json_t *report, *counters;

	if (!channel->tunnel)
		return NULL;
	report = json_pack("{s:s, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "interface",
			   shared->tun.name, "confirmed", tunnel_is_confirmed(channel->tunnel),
			   "string", channel->string, "own-ipv6", address_text(&shared->own.ipv6),
			   "own-ipv4", address_text(&shared->own.ipv4), "peer-ipv6",
			   address_text(&channel->peer.ipv6), "peer-ipv4",
			   address_text(&channel->peer.ipv4), "peer",
			   address_text(&channel->address), "spi-in", spi_text(channel->spi_in),
			   "spi-out", spi_text(channel->spi_out));
	counters = json_object();
	for (unsigned i = 0; i < TUNNEL_COUNTER_COUNT; i++)
		json_object_set_new(counters, tunnel_counter_name((enum tunnel_counter)i),
				    json_integer((json_int_t)tunnel_count(channel->tunnel,
									  (enum tunnel_counter)i)));
	json_object_set_new(report, "counters", counters);
	return report;
}

json_t *data_channel_sentence_take(const struct agent *agent, unsigned call, json_t *text)
{
	json_t *report = data_channel_report(agent, call), *sentence;

	if (!report)
		return text;
	sentence = json_sprintf("%s\ndata channel %s: %s and %s, here %s and %s\ncompare aloud "
				"with the other side: %s",
				json_string_value(text), agent->channel.tun.name,
				json_string_value(json_object_get(report, "peer-ipv6")),
				json_string_value(json_object_get(report, "peer-ipv4")),
				json_string_value(json_object_get(report, "own-ipv6")),
				json_string_value(json_object_get(report, "own-ipv4")),
				agent->channel.calls[call].string);
	json_decref(report);
	json_decref(text);
	return sentence;
}
