/* The peers of a gateway: what they are made with, and what they tell the data plane. */
#include <string.h>

#include "controlplane/gateway_state.h"

static void peers_sa_put(void *ctx, const struct contract_sa *sa, peers_done *done, void *arg)
{
	gateway_send_sa(ctx, sa, done, arg);
}

static void peers_sa_delete(void *ctx, uint32_t index, uint8_t generation)
{
	gateway_sa_delete(ctx, index, generation);
}

static void peers_put(void *ctx, const struct contract_peer *peer)
{
	gateway_send(ctx, &peer->header);
}

static void peers_delete(void *ctx, uint32_t index)
{
	struct contract_peer peer = {.index = index};

	contract_header_set(&peer.header, CONTRACT_PEER_DELETE, sizeof(peer), 0);
	gateway_send(ctx, &peer.header);
}

/* The longer of both heads. */
#define SIP_HEAD_BYTES sizeof(struct contract_sip_send)
_Static_assert(sizeof(struct contract_sip_enter) <= SIP_HEAD_BYTES, "there is room for either");

/* A message of the contract with a SIP message behind its head. */
static void sip_tell(struct gateway *gateway, struct contract_header *head, enum contract_id id,
		     size_t head_length, struct slice sip)
{
	_Alignas(struct contract_sip_send) char whole[SIP_HEAD_BYTES + LIMIT_SIP_MESSAGE_BYTES];

	contract_header_set(head, id, head_length + sip.len, 0);
	memcpy(whole, head, head_length);
	memcpy(whole + head_length, sip.at, sip.len);
	gateway_send(gateway, (const struct contract_header *)whole);
}

static void peers_sip_send(void *ctx, uint32_t index, uint8_t generation, uint8_t port,
			   struct slice message)
{
	struct contract_sip_send send = {
		.origin = CONTRACT_ORIGIN_SA,
		.port = port,
		.sa_index = index,
		.sa_generation = generation,
		.sip_length = (uint32_t)message.len,
	};

	sip_tell(ctx, &send.header, CONTRACT_SIP_SEND, sizeof(send), message);
}

/* What a peer said over TLS goes the way that everything goes. */
static void peers_sip_enter(void *ctx, uint32_t peer_index, const struct contract_address *source,
			    const struct contract_address *destination, struct slice message)
{
	struct contract_sip_enter enter = {
		.origin = CONTRACT_ORIGIN_PEER,
		.peer_index = peer_index,
		.source = *source,
		.destination = *destination,
		.sip_length = (uint32_t)message.len,
	};

	sip_tell(ctx, &enter.header, CONTRACT_SIP_ENTER, sizeof(enter), message);
}

static enum result peers_sa_take(void *ctx, uint32_t *index, uint8_t *generation)
{
	struct gateway *gateway = ctx;
	struct sa_slot slot;
	enum result result = sa_allocator_take(gateway->parts.allocator, gateway_now_s(), &slot);

	if (result == RESULT_OK) {
		*index = slot.index;
		*generation = slot.generation;
	}
	return result;
}

static void peers_log(void *ctx, const char *sentence)
{
	(void)ctx;
	log_say("%s", sentence);
}

static void peers_log_stranger(void *ctx, const char *sentence)
{
	struct gateway *gateway = ctx;

	if (log_limit_admit(&gateway->stranger_limit, gateway_now_ms(),
			    "sentences about strangers' TLS connections"))
		log_say("%s", sentence);
}

/* TLS is spoken from the data plane's first address of each family, unless configured otherwise. */
static void listen_default(const struct gateway *gateway, struct contract_address listen[2])
{
	const struct contract_welcome *welcome = &gateway->welcome;

	for (int family = 0; family < 2; family++) {
		for (uint32_t i = 0; i < welcome->port_count && listen[family].family == 0; i++)
			listen[family] = welcome->port[i].address[family];
		listen[family].port = 0;
	}
}

static struct peers_config peers_config_make(const struct gateway *gateway)
{
	const struct control_config *config = gateway->config;
	struct peers_config made = {
		.domain = config->domain[0],
		.gateway_id = config->gateway_id,
		.certificate_file = config->certificate_file,
		.key_file = config->key_file,
		.rekey_s = config->peer_rekey_s,
		.hard_s = config->peer_hard_s,
		.soft_packets = config->peer_soft_packets,
		.soft_bytes = config->peer_soft_bytes,
		.probe_ms = config->peer_probe_ms,
		.suite = CONTRACT_SUITE_AES_128_GCM_16,
		.peer = config->peer,
		.peer_count = config->peer_count,
	};

	memcpy(made.listen, config->tls_listen, sizeof(config->tls_listen));
	if (config->tls_listen[0].family == 0)
		listen_default(gateway, made.listen);
	return made;
}

enum result gateway_peers_start(struct gateway *gateway)
{
	const struct peers_config config = peers_config_make(gateway);
	const struct peers_out out = {
		.ctx = gateway,
		.sa_put = peers_sa_put,
		.sa_delete = peers_sa_delete,
		.peer_put = peers_put,
		.peer_delete = peers_delete,
		.sip_send = peers_sip_send,
		.sip_enter = peers_sip_enter,
		.sa_take = peers_sa_take,
		.sa_release = gateway_sa_released,
		.log = peers_log,
		.log_stranger = peers_log_stranger,
	};

	return peers_create(gateway->base, &config, &out, &gateway->parts.peers);
}

enum result gateway_peers_plan(struct gateway *gateway, char *message, size_t size,
			       struct peers_plan **plan)
{
	const struct peers_config config = peers_config_make(gateway);

	return peers_plan_create(gateway->parts.peers, &config, message, size, plan);
}
