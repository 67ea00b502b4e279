/* Key exchanges by TCP: from the door to the user agent server, and back. */
#include <errno.h>
#include <string.h>

#include "controlplane/gateway_state.h"

#define SIP_PORT 5060

_Static_assert(DOOR_LEAVES == 16, "of each of 8 ports an address of each family");

static void received(void *ctx, uint64_t stream, unsigned at,
		     const struct contract_address *source, struct slice message)
{
	struct gateway *gateway = ctx;
	const struct contract_sip_received head = {
		.origin = CONTRACT_ORIGIN_CLEAR,
		.port = (uint8_t)(at / 2),
		.source = *source,
		.outer_source = *source,
		.destination = gateway_door_leaf(&gateway->welcome, at),
	};

	if (!gateway->is_restoring)
		uas_receive_stream(gateway->parts.uas, &head, message, stream, gateway_now_ms());
}

struct contract_address gateway_door_leaf(const struct contract_welcome *welcome, unsigned at)
{
	struct contract_address leaf = {0};

	if (at / 2 < welcome->port_count)
		leaf = welcome->port[at / 2].address[at % 2];
	if (leaf.family != 0)
		leaf.port = SIP_PORT;
	return leaf;
}

void gateway_stream_send(void *ctx, uint64_t stream, struct slice head, struct slice tail)
{
	struct gateway *gateway = ctx;

	if (gateway->parts.door != NULL)
		door_answer(gateway->parts.door, stream, head, tail);
}

/* Only certificates need it; calls and registrations do not wait for it. */
void gateway_door_open(struct gateway *gateway)
{
	struct door_settings settings = {
		.base = gateway->base, .received = received, .ctx = gateway};
	enum result result;

	if (gateway_certificates_view(gateway->certificates).signer == NULL)
		return;
	for (unsigned at = 0; at < DOOR_LEAVES; at++)
		settings.at[at] = gateway_door_leaf(&gateway->welcome, at);
	result = door_create(&settings, &gateway->parts.door);
	if (result != RESULT_OK)
		log_say("TCP 5060 cannot be listened on (%s): certificates that no datagram holds "
			"cannot come in",
			result == RESULT_IO ? strerror(errno) : "there is no memory");
}

bool gateway_door_state(const struct gateway *gateway, struct door_counters *counters)
{
	if (gateway->parts.door == NULL)
		return false;
	*counters = door_counters_get(gateway->parts.door);
	return true;
}
