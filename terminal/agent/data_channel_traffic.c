/* The packets of data channels, between the TUN device and the sockets, in bursts. */
#include "terminal/agent/state.h"
#include "terminal/esp/bytes.h"

void data_channel_send(void *context, const struct sip_address *to, const uint8_t *packet,
		       size_t len)
{
	struct agent *agent = ((struct call_channel *)context)->agent;
	enum result result = sockets_send_esp(&agent->sockets, to, packet, len);

	(void)result; /* lost, as on any wire */
}

void data_channel_deliver(void *context, const uint8_t *packet, size_t len)
{
	struct agent *agent = ((struct call_channel *)context)->agent;

	tun_write(&agent->channel.tun, packet, len);
}

static struct call_channel *find_spi(struct agent *agent, uint32_t spi)
{
	for (unsigned i = 0; i < UA_CALLS; i++)
		if (agent->channel.calls[i].tunnel &&
		    tunnel_has_spi(agent->channel.calls[i].tunnel, spi))
			return &agent->channel.calls[i];
	return NULL;
}

bool data_channel_take(struct agent *agent, const struct received *packet)
{
	struct call_channel *channel =
		packet->len < ESP_HEADER_BYTES ? NULL : find_spi(agent, bytes_get_u32(packet->at));

	if (!channel)
		return false;
	tunnel_receive(channel->tunnel, agent->now_ms, &packet->from, packet->at, packet->len);
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

/* Reads one packet into a frame of the burst; false if there is none. */
static bool read_one(struct agent *agent)
{
	struct data_channel *channel = &agent->channel;
	uint8_t *frame = channel->frames[channel->outbox.count];
	uint8_t *packet = frame + TUNNEL_FRONT_BYTES;
	struct tunnel_sealed sealed;
	struct tunnel *tunnel;
	size_t len;

	if (tun_read(&channel->tun, packet, TUNNEL_PACKET_BYTES, &len) != RESULT_OK)
		return false;
	tunnel = find_way(agent, packet, len);
	if (tunnel && tunnel_seal(tunnel, agent->now_ms, frame, len, &sealed))
		outbox_add(&channel->outbox, &sealed.to, sealed.at, sealed.len);
	return true;
}

void data_channel_read(struct agent *agent)
{
	if (agent->channel.tun.fd < 0)
		return;
	for (unsigned i = 0; i < BURST_PACKETS && read_one(agent); i++)
		;
	outbox_send(&agent->channel.outbox, &agent->sockets);
}
