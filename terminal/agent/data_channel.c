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

static void close_tunnel(struct agent *agent)
{
	struct data_channel *channel = &agent->channel;

	if (!channel->tunnel)
		return;
	tun_remove_peer(&channel->tun, &channel->peer);
	tunnel_destroy(channel->tunnel);
	channel->tunnel = NULL;
}

/* What was agreed on comes into use; the keys then are in the tunnel only. */
static bool install(struct agent *agent, struct writer *refusal)
{
	struct data_channel *channel = &agent->channel;
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
		result = tun_add_peer(&channel->tun, &channel->peer);
	}
	negotiation_end(&channel->negotiation);
	if (result == RESULT_OK)
		return true;
	close_tunnel(agent);
	return object(agent, "the way to the peer could not be set", refusal);
}

static void session_offer(void *context, struct writer *lines)
{
	struct agent *agent = context;
	struct data_channel *channel = &agent->channel;
	enum result result;

	if (data_channel_obstacle(agent))
		return;
	result = negotiation_offer(&channel->negotiation, &channel->settings, &agent->link.own,
				   lines);
	if (result != RESULT_OK)
		agent_tell(agent, "channel-refused", "no data channel: %s", words(result, NULL));
}

static bool session_offered(void *context, struct slice sdp, struct writer *refusal)
{
	struct agent *agent = context;
	struct data_channel *channel = &agent->channel;
	const char *why = data_channel_obstacle(agent);
	enum result result;

	if (agent->settings->channel == CHANNEL_OFF)
		return true;
	if (why)
		return object(agent, why, refusal);
	result = negotiation_take_offer(&channel->negotiation, &channel->settings, &agent->link.own,
					sdp, &why);
	return result == RESULT_OK || object(agent, words(result, why), refusal);
}

static void session_answer(void *context, const struct ua_parties *parties, struct writer *lines)
{
	struct agent *agent = context;
	struct data_channel *channel = &agent->channel;
	const char *why = NULL;
	enum result result;

	if (channel->negotiation.state != NEGOTIATION_ASKED)
		return;
	result =
		negotiation_answer(&channel->negotiation, &channel->settings, parties, lines, &why);
	/* If it is required, the ACK, which has nothing to end it with, ends the call. */
	if (result != RESULT_OK)
		agent_tell(agent, "channel-refused", "no data channel: %s", words(result, why));
}

static bool session_answered(void *context, const struct ua_parties *parties, struct slice sdp,
			     struct writer *ack, struct writer *refusal)
{
	struct agent *agent = context;
	struct data_channel *channel = &agent->channel;
	const char *why = data_channel_obstacle(agent);
	enum result result;

	if (agent->settings->channel == CHANNEL_OFF)
		return true;
	if (channel->negotiation.state != NEGOTIATION_OFFERED)
		return object(agent, why ? why : "it was not offered", refusal);
	result = negotiation_take_answer(&channel->negotiation, &channel->settings, parties, sdp,
					 ack, &why);
	if (result != RESULT_OK)
		return object(agent, words(result, why), refusal);
	return install(agent, refusal);
}

static bool session_acknowledged(void *context, struct slice body, struct writer *refusal)
{
	struct agent *agent = context;
	struct data_channel *channel = &agent->channel;
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
	return install(agent, refusal);
}

static void session_ended(void *context)
{
	struct agent *agent = context;
	struct data_channel *channel = &agent->channel;

	negotiation_end(&channel->negotiation);
	if (!channel->tunnel)
		return;
	agent_tell(agent, "channel-down", "data channel closed: %llu packets sent, %llu received",
		   (unsigned long long)tunnel_count(channel->tunnel, TUNNEL_SENT),
		   (unsigned long long)tunnel_count(channel->tunnel, TUNNEL_RECEIVED));
	close_tunnel(agent);
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
		session_answer, session_answered, session_acknowledged,
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
	close_tunnel(agent);
	negotiation_end(&agent->channel.negotiation);
	tun_close(&agent->channel.tun);
}

bool data_channel_take(struct agent *agent, const struct received *packet)
{
	struct data_channel *channel = &agent->channel;
	bool was_confirmed;

	if (!channel->tunnel || packet->len < ESP_HEADER_BYTES ||
	    bytes_get_u32(packet->at) != channel->spi_in)
		return false;
	was_confirmed = tunnel_is_confirmed(channel->tunnel);
	tunnel_receive(channel->tunnel, agent->now_ms, &packet->from, packet->at, packet->len);
	if (!was_confirmed && tunnel_is_confirmed(channel->tunnel))
		agent_tell(agent, "channel-up", "the data channel %s is up, string %s",
			   channel->tun.name, channel->string);
	return true;
}

bool data_channel_read(struct agent *agent)
{
	uint8_t packet[TUNNEL_PACKET_BYTES];
	size_t len;

	if (agent->channel.tun.fd < 0 ||
	    tun_read(&agent->channel.tun, packet, sizeof(packet), &len) != RESULT_OK)
		return false;
	if (agent->channel.tunnel)
		tunnel_send(agent->channel.tunnel, agent->now_ms, packet, len);
	return true;
}

void data_channel_tick(struct agent *agent)
{
	static const char *const reasons[] = {
		[TUNNEL_UNCONFIRMED] = "nothing of the other side's arrived that its keys open",
		[TUNNEL_LOST] = "the other side is silent",
		[TUNNEL_USED_UP] = "its keys are used up",
	};
	enum tunnel_fate fate;
	enum result result = RESULT_OK;

	if (!agent->channel.tunnel)
		return;
	fate = tunnel_tick(agent->channel.tunnel, agent->now_ms);
	if (fate == TUNNEL_LIVES)
		return;
	agent_tell(agent, "channel-lost", "the data channel is given up: %s", reasons[fate]);
	close_tunnel(agent);
	/* What never was is missed only by who requires it. The call may be ending already. */
	if (fate != TUNNEL_UNCONFIRMED || agent->settings->channel == CHANNEL_REQUIRED)
		result = ua_hangup(agent->ua, agent->now_ms);
	(void)result;
}

uint64_t data_channel_deadline(const struct agent *agent)
{
	return agent->channel.tunnel ? tunnel_deadline(agent->channel.tunnel) : TIMER_NEVER;
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

json_t *data_channel_report(const struct agent *agent)
{
	const struct data_channel *channel = &agent->channel;
	json_t *report, *counters;

	if (!channel->tunnel)
		return NULL;
	report = json_pack("{s:s, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "interface",
			   channel->tun.name, "confirmed", tunnel_is_confirmed(channel->tunnel),
			   "string", channel->string, "own-ipv6", address_text(&channel->own.ipv6),
			   "own-ipv4", address_text(&channel->own.ipv4), "peer-ipv6",
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

json_t *data_channel_sentence_take(const struct agent *agent, json_t *text)
{
	json_t *report = data_channel_report(agent), *sentence;

	if (!report)
		return text;
	sentence = json_sprintf("%s\ndata channel %s: %s and %s, here %s and %s\ncompare aloud "
				"with the other side: %s",
				json_string_value(text), agent->channel.tun.name,
				json_string_value(json_object_get(report, "peer-ipv6")),
				json_string_value(json_object_get(report, "peer-ipv4")),
				json_string_value(json_object_get(report, "own-ipv6")),
				json_string_value(json_object_get(report, "own-ipv4")),
				agent->channel.string);
	json_decref(report);
	json_decref(text);
	return sentence;
}
