#include "dataplane/io/pending.h"

#include <stdbool.h>
#include <string.h>

static bool is_for(const struct pending_packet *packet, uint8_t port,
		   const struct contract_address *neighbour)
{
	return packet->port == port && packet->neighbour.family == neighbour->family &&
	       memcmp(packet->neighbour.bytes, neighbour->bytes, neighbour->family == 4 ? 4 : 16) ==
		       0;
}

/* Packets stand oldest first without gaps, so taking one out closes up. */
static struct rte_mbuf *take_out(struct pending *pending, size_t at)
{
	struct rte_mbuf *mbuf = pending->packets[at].mbuf;

	pending->count--;
	memmove(&pending->packets[at], &pending->packets[at + 1],
		(pending->count - at) * sizeof(pending->packets[0]));
	pending->packets[pending->count].mbuf = NULL;
	return mbuf;
}

enum result pending_add(struct pending *pending, uint8_t port,
			const struct contract_address *neighbour, struct rte_mbuf *mbuf,
			uint64_t now_ms)
{
	size_t same = 0;

	if (pending->count == PENDING_PACKETS)
		return RESULT_SPACE;
	for (size_t i = 0; i < pending->count; i++)
		same += is_for(&pending->packets[i], port, neighbour);
	if (same >= PENDING_PACKETS_PER_NEIGHBOUR)
		return RESULT_SPACE;
	pending->packets[pending->count++] = (struct pending_packet){
		.mbuf = mbuf,
		.until_ms = now_ms + PENDING_MS,
		.neighbour = *neighbour,
		.port = port,
	};
	return RESULT_OK;
}

void pending_release(struct pending *pending, uint8_t port,
		     const struct contract_address *neighbour, pending_end *end, void *context)
{
	for (size_t i = 0; i < pending->count;) {
		if (is_for(&pending->packets[i], port, neighbour))
			end(context, take_out(pending, i));
		else
			i++;
	}
}

void pending_expire(struct pending *pending, uint64_t now_ms, pending_end *end, void *context)
{
	while (pending->count > 0 && pending->packets[0].until_ms <= now_ms)
		end(context, take_out(pending, 0));
}
