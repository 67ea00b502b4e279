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

static void peers_log(struct peers *peers, const char *sentence)
{
	peers->world.out.log(peers->world.out.ctx, sentence);
}

/* Take the link out of those nobody knows; was it there? */
static bool stranger_remove(struct peers *peers, const struct link *link)
{
	for (uint32_t i = 0; i < STRANGERS_MAX; i++)
		if (peers->stranger[i] == link) {
			peers->stranger[i] = NULL;
			return true;
		}
	return false;
}

/* The peer whose certificate a link shows, among the gateways of a domain; NULL: nobody's, and why. */
static struct peer *peer_behind(struct peers *peers, struct link *link, const char *domain,
				const char **why)
{
	struct peer *dialled = link_peer(link);

	*why = dialled ? "it says that it is of another domain"
		       : "it says that it is of a domain of which no peer is";
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		struct peer *peer = peers->member[i].peer;
		const struct peer_config *config = peer ? peer_config_of(peer) : NULL;

		/* Who was dialled must be who answers. */
		if (peer && (!dialled || dialled == peer) &&
		    strcasecmp(config->name, domain) == 0 &&
		    tls_is_peer(link_ssl(link), config->ca_file, config->gateway, why) ==
			    RESULT_OK)
			return peer;
	}
	return NULL;
}

static bool link_accept(void *ctx, struct link *link, const char *domain, const char **refusal)
{
	struct peers *peers = ctx;
	struct peer *peer = peer_behind(peers, link, domain, refusal);

	if (!peer)
		return false;
	if (!peer_link_accept(peer, link)) {
		*refusal = "another connection is preferred";
		return false;
	}
	stranger_remove(peers, link);
	return true;
}

static enum result link_dress(void *ctx, struct link *link, struct epoch *epoch)
{
	(void)ctx;
	return peer_epoch_dress(link_peer(link), epoch);
}

static void link_use(void *ctx, struct link *link, struct epoch *epoch)
{
	(void)ctx;
	peer_epoch_use(link_peer(link), epoch);
}

/* Another vendor's proxy, if its certificate is that of one we know. */
static void link_other_kind(void *ctx, struct link *link, struct bufferevent *bev)
{
	struct peers *peers = ctx;
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	const char *why = "we have no peer with SIP over TLS";
	char sentence[256], from[DIAL_ADDRESS_BYTES];

	stranger_remove(peers, link);
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		struct trunk *trunk = peers->member[i].trunk;

		if (trunk && trunk_is_other_side(trunk, ssl, &why)) {
			trunk_take(trunk, bev);
			return;
		}
	}
	dial_from_show(SSL_get_fd(ssl), from);
	bufferevent_free(bev);
	snprintf(sentence, sizeof(sentence),
		 "a TLS connection from %s without sekisho/1 was not of a peer with SIP over TLS: %s",
		 from, why);
	peers_log(peers, sentence);
}

static void link_closed(void *ctx, struct link *link, const char *reason)
{
	struct peers *peers = ctx;
	struct peer *peer = link_peer(link);
	char sentence[256], from[DIAL_ADDRESS_BYTES];

	if (stranger_remove(peers, link)) {
		dial_from_show(SSL_get_fd(link_ssl(link)), from);
		snprintf(sentence, sizeof(sentence),
			 "a TLS connection from %s ended before it was known whose it is: %s", from,
			 reason);
		peers_log(peers, sentence);
	}
	if (peer)
		peer_link_closed(peer, link, reason);
}

static void arrived(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
		    int from_length, void *arg)
{
	struct peers *peers = arg;
	const struct peers_config *config = &peers->world.config;
	const struct link_config link_config = {.domain = config->domain,
						.gateway_id = config->gateway_id,
						.workers = peers->world.welcome.workers,
						.suite = config->suite,
						.out = &peers->world.out};
	uint32_t place = 0;

	(void)listener, (void)from, (void)from_length;
	while (place < STRANGERS_MAX && peers->stranger[place])
		place++;
	if (place == STRANGERS_MAX || !link_config.workers || !peers->world.context) {
		close(fd); /* full, no data plane to key SAs for, or no peers */
		return;
	}
	peers->stranger[place] = link_create(peers->world.base, peers->world.context, fd, false,
					     &link_config, &peers->world.link_events);
}

enum result peers_listen(struct peers *peers)
{
	for (int i = 0; i < 2; i++) {
		struct contract_address *at = &peers->world.config.listen[i];

		if (!at->family || peers->listener[i])
			continue;
		if (!at->port)
			at->port = PEERS_PORT;
		int fd = dial_listen(at);

		if (fd < 0)
			return RESULT_IO;
		peers->listener[i] = evconnlistener_new(peers->world.base, arrived, peers,
							LEV_OPT_CLOSE_ON_FREE, 0, fd);
		if (!peers->listener[i]) {
			close(fd);
			return RESULT_MEMORY;
		}
	}
	return RESULT_OK;
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
							.accept = link_accept,
							.dress = link_dress,
							.use = link_use,
							.other_kind = link_other_kind,
							.closed = link_closed};
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
	for (uint32_t i = 0; i < STRANGERS_MAX; i++)
		if (peers->stranger[i])
			link_close(peers->stranger[i], "we are stopping");
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		peer_destroy(peers->member[i].peer);
		trunk_destroy(peers->member[i].trunk);
	}
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

void peers_adopt_sa(struct peers *peers, const struct contract_sa *sa)
{
	uint32_t index = peers_gateway_index(peers, sa->subscriber);
	const struct peers_out *out = &peers->world.out;

	/* Under another index it is somebody else's in the data plane. */
	if (index != 0 && index == sa->owner_index && peers->member[index - 1].peer)
		peer_adopt_sa(peers->member[index - 1].peer, sa);
	else
		out->sa_delete(out->ctx, sa->index, sa->generation);
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

enum result peers_rekey(struct peers *peers, const char *name, uint32_t *begun)
{
	enum result result = name ? RESULT_NOT_FOUND : RESULT_OK;

	*begun = 0;
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		const struct member *member = &peers->member[i];
		const struct peer_config *config = member_config(member);

		if (!config || (name && strcasecmp(config->name, name) != 0 &&
				strcasecmp(config->gateway, name) != 0))
			continue;
		if (member->peer) {
			result = RESULT_OK;
			*begun += peer_renew(member->peer);
		} else if (result == RESULT_NOT_FOUND) {
			result = RESULT_BAD;
		}
	}
	return result;
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

static struct peer *peer_of_sa(const struct peers *peers, uint32_t index, uint8_t generation)
{
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		struct peer *peer = peers->member[i].peer;

		if (peer && peer_has_sa(peer, index, generation))
			return peer;
	}
	return NULL;
}

bool peers_sip_received(struct peers *peers, const struct contract_sip_received *received)
{
	struct peer *peer = NULL;

	if (received->origin == CONTRACT_ORIGIN_SA)
		peer = peer_of_sa(peers, received->sa_index, received->sa_generation);
	if (peer)
		peer_sip_received(peer, slice_make((const char *)received + sizeof(*received),
						   received->sip_length));
	return peer != NULL;
}

void peers_sa_half_spent(struct peers *peers, uint32_t index, uint8_t generation)
{
	struct peer *peer = peer_of_sa(peers, index, generation);

	if (peer)
		peer_renew(peer);
}

void peers_sa_gone(struct peers *peers, uint32_t index, uint8_t generation)
{
	struct peer *peer = peer_of_sa(peers, index, generation);

	if (peer)
		peer_sa_gone(peer);
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
