#include "shared/contract/packet.h"

#include <assert.h>
#include <string.h>

static size_t round_up(size_t length)
{
	return (length + 7) & ~(size_t)7;
}

void *contract_packet_room(struct contract_packet *packet, size_t length)
{
	size_t from = round_up(packet->length);

	if (from > CONTRACT_PACKET_BYTES || length > CONTRACT_PACKET_BYTES - from)
		return NULL;
	return packet->bytes + from;
}

void contract_packet_take(struct contract_packet *packet, size_t length)
{
	size_t from = round_up(packet->length);

	assert(from + length <= CONTRACT_PACKET_BYTES);
	memset(packet->bytes + packet->length, 0, from - packet->length);
	packet->length = from + length;
}

size_t contract_packet_message(const void *at, size_t left)
{
	const struct contract_header *header = at;

	/* of another version nothing is known but that it is one */
	if (left < sizeof(*header) || header->magic != CONTRACT_MAGIC ||
	    header->version != CONTRACT_VERSION || header->length < sizeof(*header) ||
	    header->length > left)
		return left;
	return header->length;
}

size_t contract_packet_step(size_t message, size_t left)
{
	size_t step = round_up(message);

	return step < left ? step : left;
}
