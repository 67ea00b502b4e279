#include "controlplane/peers/peers.h"

#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/peers/dial.h"
#include "controlplane/peers/peer.h"
#include "controlplane/peers/tls.h"

#define STRANGERS_MAX 64 /* connections that have not said who they are */

struct peers {
	struct peer_world world;
	struct evconnlistener *listener[2];
	struct link *stranger[STRANGERS_MAX];
	uint32_t peer_count;
	struct peer *peer[PEERS_MAX];
};

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

static struct peer *peer_by_name(struct peers *peers, const char *name)
{
	for (uint32_t i = 0; i < peers->peer_count; i++)
		if (strcasecmp(peer_config_of(peers->peer[i])->name, name) == 0)
			return peers->peer[i];
	return NULL;
}

static bool link_accept(void *ctx, struct link *link, const char *domain)
{
	struct peers *peers = ctx;
	struct peer *peer = peer_by_name(peers, domain), *dialled = link_peer(link);

	/* Who was dialled must be who answers. */
	if (!peer || (dialled && dialled != peer) ||
	    tls_is_peer(link_ssl(link), peer_config_of(peer)->ca_file,
			peer_config_of(peer)->name) != RESULT_OK)
		return false;
	if (!peer_link_accept(peer, link))
		return false;
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

static void link_closed(void *ctx, struct link *link, const char *reason)
{
	struct peers *peers = ctx;
	struct peer *peer = link_peer(link);
	char sentence[192];

	if (stranger_remove(peers, link)) {
		snprintf(sentence, sizeof(sentence),
			 "a TLS connection ended before it was known whose it is: %s", reason);
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
	if (place == STRANGERS_MAX || !link_config.workers) {
		close(fd); /* full, or no data plane to key SAs for */
		return;
	}
	peers->stranger[place] = link_create(peers->world.base, peers->world.context, fd, false,
					     &link_config, &peers->world.link_events);
}

static enum result peers_listen(struct peers *peers)
{
	for (int i = 0; i < 2; i++) {
		struct contract_address *at = &peers->world.config.listen[i];

		if (!at->family)
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

static enum result peers_tls(struct peers *peers)
{
	const struct peers_config *config = &peers->world.config;
	const char *ca_file[PEERS_MAX];

	for (uint32_t i = 0; i < config->peer_count; i++)
		ca_file[i] = config->peer[i].ca_file;
	enum result result = tls_context_create(config->certificate_file, config->key_file, ca_file,
						config->peer_count, &peers->world.context);

	if (result == RESULT_BAD) {
		char why[160], sentence[256];

		ERR_error_string_n(ERR_peek_last_error(), why, sizeof(why));
		snprintf(sentence, sizeof(sentence),
			 "a certificate, key or CA file of the peers is unusable: %s", why);
		peers_log(peers, sentence);
	}
	ERR_clear_error();
	return result;
}

static enum result peers_fill(struct peers *peers)
{
	const struct peers_config *config = &peers->world.config;

	for (uint32_t i = 0; i < config->peer_count; i++) {
		peers->peer[i] = peer_create(&peers->world, &config->peer[i], i + 1);
		if (!peers->peer[i])
			return RESULT_MEMORY;
		peers->peer_count++;
	}
	return RESULT_OK;
}

enum result peers_create(struct event_base *base, const struct peers_config *config,
			 const struct peers_out *out, struct peers **created)
{
	if (config->peer_count > PEERS_MAX)
		return RESULT_BAD;
	struct peers *peers = calloc(1, sizeof(*peers));

	if (!peers)
		return RESULT_MEMORY;
	peers->world.base = base;
	peers->world.config = *config;
	peers->world.out = *out;
	peers->world.link_events = (struct link_events){.ctx = peers,
							.accept = link_accept,
							.dress = link_dress,
							.use = link_use,
							.closed = link_closed};
	enum result result = config->peer_count ? peers_tls(peers) : RESULT_OK;

	if (result == RESULT_OK)
		result = peers_fill(peers);
	if (result == RESULT_OK && config->peer_count)
		result = peers_listen(peers);
	if (result != RESULT_OK) {
		peers_destroy(peers);
		return result;
	}
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
	for (uint32_t i = 0; i < peers->peer_count; i++)
		peer_destroy(peers->peer[i]);
	SSL_CTX_free(peers->world.context);
	free(peers);
}

void peers_welcome(struct peers *peers, const struct contract_welcome *welcome)
{
	peers->world.welcome = *welcome;
	for (uint32_t i = 0; i < peers->peer_count; i++)
		peer_start(peers->peer[i]);
}

void peers_adopt_sa(struct peers *peers, const struct contract_sa *sa)
{
	struct peer *peer = peer_by_name(peers, sa->subscriber);
	const struct peers_out *out = &peers->world.out;

	if (peer)
		peer_adopt_sa(peer, sa);
	else
		out->sa_delete(out->ctx, sa->index, sa->generation);
}

void peers_refill(struct peers *peers)
{
	for (uint32_t i = 0; i < peers->peer_count; i++)
		peer_refill(peers->peer[i]);
}

void peers_rekey(struct peers *peers)
{
	for (uint32_t i = 0; i < peers->peer_count; i++)
		peer_rekey(peers->peer[i]);
}

json_t *peers_show(const struct peers *peers)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < peers->peer_count; i++)
		json_array_append_new(list, peer_show(peers->peer[i]));
	return list;
}
