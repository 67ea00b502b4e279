#include "controlplane/peers/peers.h"

#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/peers/dial.h"
#include "controlplane/peers/peers_state.h"
#include "controlplane/peers/tls.h"

const struct peer_config *member_config(const struct member *member)
{
	if (member->peer)
		return peer_config_of(member->peer);
	return member->trunk ? trunk_config_of(member->trunk) : NULL;
}

void member_start(const struct member *member)
{
	if (member->peer)
		peer_start(member->peer);
	else if (member->trunk)
		trunk_start(member->trunk);
}

void peers_log(struct peers *peers, const char *sentence)
{
	peers->world.out.log(peers->world.out.ctx, sentence);
}

enum result peers_create(struct event_base *base, const struct peers_config *config,
			 const struct peers_out *out, struct peers **created)
{
	struct peers *peers = calloc(1, sizeof(*peers));
	struct peers_plan *plan = NULL;
	enum result result;
	char message[256];

	if (!peers)
		return RESULT_MEMORY;
	peers->world.base = base;
	peers->world.config = *config;
	peers->world.config.peer = NULL; /* each has a copy of its own */
	peers->world.out = *out;
	peers->world.link_events = (struct link_events){.ctx = peers,
							.accept = peers_link_accept,
							.dress = peers_link_dress,
							.use = peers_link_use,
							.other_kind = peers_link_other_kind,
							.closed = peers_link_closed};
	result = strangers_create(&peers->strangers);
	if (result != RESULT_OK) {
		peers_destroy(peers);
		return result;
	}
	result = peers_plan_create(peers, config, message, sizeof(message), &plan);
	if (result != RESULT_OK) {
		peers_log(peers, message);
		peers_destroy(peers);
		return result;
	}
	peers_plan_apply(peers, plan);
	*created = peers;
	return RESULT_OK;
}

void peers_destroy(struct peers *peers)
{
	if (!peers)
		return;
	for (int i = 0; i < 2; i++)
		if (peers->listener[i])
			evconnlistener_free(peers->listener[i]);
	while (peers->strangers && strangers_oldest(peers->strangers))
		link_close(strangers_oldest(peers->strangers), "we are stopping");
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		peer_destroy(peers->member[i].peer);
		trunk_destroy(peers->member[i].trunk);
	}
	strangers_destroy(peers->strangers);
	SSL_CTX_free(peers->world.context);
	free(peers);
}

void peers_welcome(struct peers *peers, const struct contract_welcome *welcome)
{
	const struct peers_out *out = &peers->world.out;

	peers->world.welcome = *welcome;
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		/* The data plane may have one of before we were restarted. */
		if (!member_config(&peers->member[i]))
			out->peer_delete(out->ctx, i + 1);
		member_start(&peers->member[i]);
	}
}

void peers_sip_leave(struct peers *peers, uint32_t peer_index, struct slice message)
{
	if (peer_index >= 1 && peer_index <= PEERS_MAX && peers->member[peer_index - 1].trunk)
		trunk_send(peers->member[peer_index - 1].trunk, message);
}

void peers_refill(struct peers *peers)
{
	for (uint32_t i = 0; i < PEERS_MAX; i++)
		if (peers->member[i].peer)
			peer_refill(peers->member[i].peer);
}

const char *peers_name(const struct peers *peers, uint32_t peer_index)
{
	const struct peer_config *config = NULL;

	if (peer_index >= 1 && peer_index <= PEERS_MAX)
		config = member_config(&peers->member[peer_index - 1]);
	return config ? config->name : NULL;
}

uint32_t peers_index(const struct peers *peers, const char *name)
{
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		const struct peer_config *config = member_config(&peers->member[i]);

		if (config && strcmp(config->name, name) == 0)
			return i + 1;
	}
	return 0;
}

uint32_t peers_gateway_index(const struct peers *peers, const char *gateway)
{
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		const struct peer_config *config = member_config(&peers->member[i]);

		if (config && strcasecmp(config->gateway, gateway) == 0)
			return i + 1;
	}
	return 0;
}

json_t *peers_show(const struct peers *peers)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		const struct member *member = &peers->member[i];

		if (member_config(member))
			json_array_append_new(list, member->peer ? peer_show(member->peer)
								 : trunk_show(member->trunk));
	}
	return list;
}
