#include "dataplane/nodes/rules_output.h"

#include <string.h>

#include <rte_mbuf.h>

#include "dataplane/esp/seal.h"
#include "dataplane/packet_pool.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/sa_table.h"
#include "shared/sip/message.h"

/* In a fresh buffer: what stays of the message is copied. */
static enum result edit_copied(struct worker *worker, struct packet *packet,
			       const struct sip_edit *edit, size_t length)
{
	const struct sip_message *message = packet->message;
	struct rte_mbuf *output;
	enum result result;
	size_t capacity;
	char *at;

	result = packet_output_begin(worker, length, &output, &at, &capacity);
	if (result != RESULT_OK)
		return result;
	if (length > capacity) {
		packet_output_cancel(output);
		return RESULT_SPACE;
	}
	sip_edit_put(edit, message->base, message->len, at);
	packet_output_end(packet, output, length);
	return RESULT_OK;
}

/*
 * Where the message starts when its new beginning is there. The rest stays where it is if there is
 * room before it for all that is to come; else it moves back, and the start stays.
 */
static size_t start_choose(const struct sip_edit *edit, size_t start)
{
	size_t rest = start + edit->end, head = sip_edit_head_bytes(edit);

	return rest >= head + PACKET_HEADROOM_BYTES ? rest - head : start;
}

enum result rules_output_edit(struct worker *worker, struct packet *packet,
			      const struct sip_edit *edit)
{
	const struct sip_message *message = packet->message;
	struct rte_mbuf *mbuf = packet->mbuf;
	char *buffer = mbuf->buf_addr, *at;
	size_t start, length = message->len + (size_t)edit->growth;
	enum result result = sip_edit_check(edit, message->len);

	if (result != RESULT_OK)
		return result;
	if (length > LIMIT_SIP_MESSAGE_BYTES)
		return RESULT_SPACE;
	start = start_choose(edit, (size_t)(message->base - buffer));
	if (start < PACKET_HEADROOM_BYTES || start + length + PACKET_TAILROOM_BYTES > mbuf->buf_len)
		return edit_copied(worker, packet, edit, length);
	at = buffer + start;
	sip_edit_put(edit, message->base, message->len, at);
	mbuf->data_off = (uint16_t)start;
	mbuf->data_len = (uint16_t)length;
	mbuf->pkt_len = (uint32_t)length;
	packet->sip = slice_make(at, length);
	return RESULT_OK;
}

/* Where it is to stand: clear_out reads it as a whole (decision 34). */
static void address_set(struct contract_address *out, const struct sip_address *address)
{
	out->family = address->family;
	out->pad = 0;
	out->port = address->port;
	memcpy(out->bytes, address->bytes, sizeof(out->bytes));
}

static enum rules_output clear_set(struct packet *packet, const struct link *link)
{
	packet->egress.origin = CONTRACT_ORIGIN_CLEAR;
	packet->egress.port = link->port;
	address_set(&packet->egress.source, &link->local);
	address_set(&packet->egress.destination, &link->remote);
	return RULES_OUTPUT_CLEAR;
}

static enum rules_output sa_set(const struct worker *worker, struct packet *packet, uint32_t handle)
{
	esp_seal_look(worker->tables->sas, handle);
	packet->egress.origin = CONTRACT_ORIGIN_SA;
	packet->egress.sa_handle = handle;
	return RULES_OUTPUT_SA;
}

void rules_output_look(const struct worker *worker, const struct packet *packet)
{
	const struct binding *binding = packet->rules->egress.binding;
	const struct sa_table *sas = worker->tables->sas;

	if (binding && binding->sa_index != 0 && binding->sa_index < sas->capacity) {
		const struct sa_out *sa = &sas->out[binding->sa_index];

		rte_prefetch0_write(sa);
		rte_prefetch0(sa->inner_header);
		rte_prefetch0(&sa->outer[0]);
	}
}

static enum rules_output peer_set(const struct worker *worker, struct packet *packet,
				  const struct peer *peer)
{
	if (peer->is_tls) {
		packet->egress.origin = CONTRACT_ORIGIN_PEER;
		packet->egress.peer_index = peer->index;
		return RULES_OUTPUT_TLS;
	}
	if (peer->sa_out_count == 0)
		return RULES_OUTPUT_NONE;
	return sa_set(worker, packet, peer_sa_out(peer, worker->id));
}

enum rules_output rules_output_to(const struct worker *worker, struct packet *packet,
				  const struct link *link)
{
	switch (link->kind) {
	case LEG_TERMINAL:
		return sa_set(worker, packet,
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
		return sa_set(worker, packet, packet->sa_handle);
	return rules_output_to(worker, packet, ingress);
}
