/* What arrives from the network and from the TUN device, handed to whom it concerns. */
#include "terminal/agent/state.h"

/* Datagrams taken from one socket in one turn, so that nothing else waits for long. */
#define DATAGRAMS_A_TURN 64

#define SOCKETS 3 /* UDP, ESP, ESP in UDP */

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

static void on_esp(struct agent *agent, const struct received *packet, bool is_encap)
{
	struct slice message;
	bool is_taken = false;

	if (!is_encap && data_channel_take(agent, packet))
		return;
	if (link_open(&agent->link, packet, is_encap, &message) != RESULT_OK)
		return;
	if (agent->attach.is_rekey)
		presence_on_attach(
			agent, attach_receive(&agent->attach, agent->now_ms, message, &is_taken));
	if (!is_taken)
		ua_receive(agent->ua, agent->now_ms, message);
}

/* Takes what has come on one socket; false when there is no more. */
static bool receive_one(struct agent *agent, unsigned socket)
{
	uint8_t buffer[LIMIT_SIP_MESSAGE_BYTES + 1024];
	struct received received;
	enum result result;

	switch (socket) {
	case 0:
		result = sockets_receive_udp(&agent->sockets, buffer, sizeof(buffer), &received);
		break;
	case 1:
		result = sockets_receive_esp(&agent->sockets, buffer, sizeof(buffer), &received);
		break;
	default:
		result = sockets_receive_encap(&agent->sockets, buffer, sizeof(buffer), &received);
	}
	if (result == RESULT_NOT_FOUND)
		return false;
	if (result == RESULT_OK && socket == 0)
		on_udp(agent, &received);
	else if (result == RESULT_OK)
		on_esp(agent, &received, socket == 2);
	return true;
}

void arrivals_take(struct agent *agent)
{
	for (unsigned socket = 0; socket < SOCKETS; socket++)
		for (unsigned i = 0; i < DATAGRAMS_A_TURN; i++)
			if (!receive_one(agent, socket))
				break;
	for (unsigned i = 0; i < DATAGRAMS_A_TURN; i++)
		if (!data_channel_read(agent))
			break;
}
