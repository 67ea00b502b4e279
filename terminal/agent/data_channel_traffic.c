/* The packets of data channels, between the TUN device and the sockets, in bursts. */
#include "terminal/agent/state.h"
#include "terminal/channel/segment_cut.h"
#include "terminal/esp/bytes.h"

/* With so many sealed a turn reads no more, so that nothing else waits for long. */
#define TURN_SEGMENTS (2 * BURST_PACKETS)

void data_channel_send(void *context, const struct sip_address *to, const uint8_t *packet,
		       size_t len)
{
	struct agent *agent = ((struct call_channel *)context)->agent;
	enum result result = sockets_send_esp(&agent->sockets, to, packet, len);

	(void)result; /* lost, as on any wire */
}

void data_channel_deliver(void *context, const uint8_t *packet, size_t len)
{
	struct data_channel *channel = &((struct call_channel *)context)->agent->channel;
	const struct virtio_net_hdr as_it_is = {0};
	const struct iovec part = {(void *)(uintptr_t)packet, len};

	if (channel->tun.has_header)
		segment_join_take(&channel->join, packet, len);
	else
		tun_write(&channel->tun, &as_it_is, &part, 1);
}

void data_channel_write(void *context, const struct virtio_net_hdr *how, const struct iovec *parts,
			unsigned count)
{
	tun_write(&((struct data_channel *)context)->tun, how, parts, count);
}

void data_channel_written(struct agent *agent)
{
	segment_join_end(&agent->channel.join);
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

/* All that is sealed goes; a device may turn out to be one that does not cut. */
static void send_sealed(struct agent *agent)
{
	bool cut = agent->sockets.cuts;

	outbox_send(&agent->channel.outbox, &agent->sockets);
	if (cut && !agent->sockets.cuts)
		agent_tell(agent, "offload-lost",
			   "the network device does not cut ESP in UDP (GSO); the data channel is "
			   "slower");
}

/* Seals what lies in the next frame; when there is no frame left, all that is sealed goes. */
static void seal_one(struct agent *agent, struct tunnel *tunnel, size_t len)
{
	struct data_channel *channel = &agent->channel;
	struct tunnel_sealed sealed;

	if (!tunnel_seal(tunnel, agent->now_ms, channel->frames[channel->outbox.count], len,
			 &sealed))
		return;
	outbox_add(&channel->outbox, &sealed.to, sealed.at, sealed.len);
	if (channel->outbox.count == BURST_PACKETS)
		send_sealed(agent);
}

/* Cuts what was read into the frames of the burst; returns how many segments it was. */
static unsigned cut(struct agent *agent)
{
	struct data_channel *channel = &agent->channel;
	const struct tun_packet *packet = &channel->packet;
	struct tunnel *tunnel = find_way(agent, packet->bytes, packet->len);
	struct segment_cut cut;
	unsigned count = 0;
	size_t len;

	if (!tunnel)
		return 0;
	if (segment_cut_begin(&cut, &packet->how, packet->bytes, packet->len,
			      TUNNEL_PACKET_BYTES) != RESULT_OK) {
		tunnel_count_uncut(tunnel);
		return 0;
	}
	while ((len = segment_cut_next(&cut, channel->frames[channel->outbox.count] +
						     TUNNEL_FRONT_BYTES)) > 0) {
		seal_one(agent, tunnel, len);
		count++;
	}
	return count;
}

void data_channel_read(struct agent *agent)
{
	struct data_channel *channel = &agent->channel;
	unsigned segments = 0;

	if (channel->tun.fd < 0)
		return;
	for (unsigned i = 0; i < BURST_PACKETS && segments < TURN_SEGMENTS; i++) {
		enum result result = tun_read(&channel->tun, &channel->packet);

		if (result == RESULT_NOT_FOUND)
			break;
		if (result == RESULT_OK)
			segments += cut(agent);
	}
	send_sealed(agent);
}
