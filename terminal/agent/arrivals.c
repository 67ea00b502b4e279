/* What arrives from the network and from the TUN device, handed to whom it concerns. */
#include "terminal/agent/state.h"

/* A datagram in clear: it can only be an answer in the exchange, from the gateway being asked. */
static void on_udp(struct agent *agent, const struct received *datagram)
{
	const struct sip_address *gateway = attach_gateway(&agent->attach);
	bool is_taken;

	if (agent->attach.is_rekey || datagram->from.port != gateway->port ||
	    !sip_address_is_same_host(&datagram->from, gateway))
		return;
	presence_on_attach(agent,
			   attach_receive(&agent->attach, agent->now_ms,
					  slice_make(datagram->at, datagram->len), &is_taken));
}

/* The same by TCP, which leads to that gateway alone. */
static void on_stream(struct agent *agent, struct slice message)
{
	bool is_taken;

	if (!agent->attach.is_rekey)
		presence_on_attach(
			agent, attach_receive(&agent->attach, agent->now_ms, message, &is_taken));
}

static void on_esp(struct agent *agent, const struct received *packet, bool is_encap)
{
	struct slice message;
	bool is_taken = false;

	if (data_channel_take(agent, packet))
		return;
	if (link_open(&agent->link, packet, is_encap, &message) != RESULT_OK)
		return;
	if (agent->attach.is_rekey)
		presence_on_attach(
			agent, attach_receive(&agent->attach, agent->now_ms, message, &is_taken));
	if (!is_taken)
		ua_receive(agent->ua, agent->now_ms, message);
}

/* Takes what has come on the UDP socket in clear; false when there is no more. */
static bool receive_one(struct agent *agent)
{
	uint8_t buffer[BURST_ROOM_BYTES];
	struct received received;
	enum result result =
		sockets_receive_udp(&agent->sockets, buffer, sizeof(buffer), &received);

	if (result == RESULT_NOT_FOUND)
		return false;
	if (result == RESULT_OK)
		on_udp(agent, &received);
	return true;
}

static void receive_esp(struct agent *agent, bool is_in_udp)
{
	struct received received;
	enum result result;

	if (!inbox_receive(&agent->inbox, &agent->sockets, is_in_udp))
		return;
	while ((result = inbox_next(&agent->inbox, &received)) != RESULT_NOT_FOUND)
		if (result == RESULT_OK)
			on_esp(agent, &received, is_in_udp);
	data_channel_written(agent);
}

void arrivals_take(struct agent *agent)
{
	struct slice message;

	while (stream_link_next(&agent->stream, &message))
		on_stream(agent, message);
	for (unsigned i = 0; i < BURST_PACKETS && receive_one(agent); i++)
		;
	receive_esp(agent, false);
	receive_esp(agent, true);
	data_channel_read(agent);
}
