#include "dataplane/nodes/rules_output.h"

#include <string.h>

#include <rte_mbuf.h>

#include "dataplane/packet_pool.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/sa_table.h"
#include "shared/sip/message.h"

/* In a fresh buffer: the message is copied first. */
static enum result edit_copied(struct worker *worker, struct packet *packet,
			       const struct sip_edit *edit)
{
	const struct sip_message *message = packet->message;
	size_t needed = (size_t)((long)message->len + sip_edit_growth(edit)), capacity, length;
	struct rte_mbuf *output;
	enum result result;
	char *at;

	if (needed < message->len)
		needed = message->len;
	result = packet_output_begin(worker, needed, &output, &at, &capacity);
	if (result != RESULT_OK)
		return result;
	memcpy(at, message->base, message->len);
	result = sip_edit_apply(edit, at, message->len, capacity, &length);
	if (result != RESULT_OK) {
		packet_output_cancel(output);
		return result;
	}
	packet_output_end(packet, output, length);
	return RESULT_OK;
}

enum result rules_output_edit(struct worker *worker, struct packet *packet,
			      const struct sip_edit *edit)
{
	const struct sip_message *message = packet->message;
	struct rte_mbuf *mbuf = packet->mbuf;
	char *buffer = mbuf->buf_addr, *at = buffer + (message->base - buffer);
	size_t start = (size_t)(at - buffer), room, length;
	enum result result;

	if (start < PACKET_HEADROOM_BYTES ||
	    start + message->len + PACKET_TAILROOM_BYTES > mbuf->buf_len)
		return edit_copied(worker, packet, edit);
	room = mbuf->buf_len - start - PACKET_TAILROOM_BYTES;
	if (room > LIMIT_SIP_MESSAGE_BYTES)
		room = LIMIT_SIP_MESSAGE_BYTES;
	result = sip_edit_apply(edit, at, message->len, room, &length);
	if (result == RESULT_SPACE && edit->error == RESULT_OK)
		return edit_copied(worker, packet, edit);
	if (result != RESULT_OK)
		return result;
	mbuf->data_off = (uint16_t)start;
	mbuf->data_len = (uint16_t)length;
	mbuf->pkt_len = (uint32_t)length;
	packet->sip = slice_make(at, length);
	return RESULT_OK;
}

static struct contract_address address_of(const struct sip_address *address)
{
	struct contract_address out = {.family = address->family, .port = address->port};

	memcpy(out.bytes, address->bytes, sizeof(out.bytes));
	return out;
}

static enum rules_output clear_set(struct packet *packet, const struct link *link)
{
	packet->egress.origin = CONTRACT_ORIGIN_CLEAR;
	packet->egress.port = link->port;
	packet->egress.source = address_of(&link->local);
	packet->egress.destination = address_of(&link->remote);
	return RULES_OUTPUT_CLEAR;
}

static enum rules_output sa_set(struct packet *packet, uint32_t handle)
{
	packet->egress.origin = CONTRACT_ORIGIN_SA;
	packet->egress.sa_handle = handle;
	return RULES_OUTPUT_SA;
}

void rules_output_look(const struct worker *worker, const struct packet *packet)
{
	const struct binding *binding = packet->rules->egress.binding;
	const struct sa_table *sas = worker->tables->sas;

	if (binding && binding->sa_index < sas->capacity) {
		const struct sa_out *sa = &sas->out[binding->sa_index];

		rte_prefetch0_write(sa);
		rte_prefetch0(sa->inner_header);
		rte_prefetch0(&sa->outer[0]);
	}
}

static enum rules_output peer_set(const struct worker *worker, struct packet *packet,
				  const struct peer *peer)
{
	uint32_t which;

	if (peer->sa_out_count == 0)
		return RULES_OUTPUT_NONE;
	which = worker->id % peer->sa_out_count;
	return sa_set(packet, SA_HANDLE(peer->sa_out[which], peer->sa_out_generation[which]));
}

enum rules_output rules_output_to(const struct worker *worker, struct packet *packet,
				  const struct link *link)
{
	switch (link->kind) {
	case LEG_TERMINAL:
		return sa_set(packet,
			      SA_HANDLE(link->binding->sa_index, link->binding->sa_generation));
	case LEG_PEER:
		return peer_set(worker, packet, link->peer);
	case LEG_CLEAR:
		return clear_set(packet, link);
	case LEG_SELF:
		break;
	}
	return RULES_OUTPUT_NONE;
}

enum rules_output rules_output_back(const struct worker *worker, struct packet *packet,
				    const struct link *ingress)
{
	if (ingress->kind == LEG_TERMINAL)
		return sa_set(packet, packet->sa_handle);
	return rules_output_to(worker, packet, ingress);
}
