/* Who connects to us, and whose a link is: strangers become peers by their certificates, or go. */
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/peers/dial.h"
#include "controlplane/peers/peers_state.h"
#include "controlplane/peers/tls.h"
#include "shared/clock.h"

/* A sentence about somebody who may cause as many as he likes. */
static void stranger_log(struct peers *peers, const char *sentence)
{
	peers->world.out.log_stranger(peers->world.out.ctx, sentence);
}

/* Whose certificate a link shows, among the gateways of a domain; NULL: nobody's, and why. */
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
		    tls_is_peer(link_ssl(link), config->ca_file, config->gateway, why) == RESULT_OK)
			return peer;
	}
	return NULL;
}

bool peers_link_accept(void *ctx, struct link *link, const char *domain, const char **refusal)
{
	struct peers *peers = ctx;
	struct peer *peer = peer_behind(peers, link, domain, refusal);

	if (!peer)
		return false;
	if (!peer_link_accept(peer, link)) {
		*refusal = "another connection is preferred";
		return false;
	}
	strangers_take_out(peers->strangers, link);
	return true;
}

enum result peers_link_dress(void *ctx, struct link *link, struct epoch *epoch)
{
	(void)ctx;
	return peer_epoch_dress(link_peer(link), epoch);
}

void peers_link_use(void *ctx, struct link *link, struct epoch *epoch)
{
	(void)ctx;
	peer_epoch_use(link_peer(link), epoch);
}

/* Another vendor's proxy, if its certificate is that of one we know. */
void peers_link_other_kind(void *ctx, struct link *link, struct bufferevent *bev)
{
	struct peers *peers = ctx;
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	const char *why = "we have no peer with SIP over TLS";
	char sentence[256], from[DIAL_ADDRESS_BYTES];

	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		struct trunk *trunk = peers->member[i].trunk;

		if (trunk && trunk_is_other_side(trunk, ssl, &why)) {
			strangers_take_out(peers->strangers, link);
			trunk_take(trunk, bev);
			return;
		}
	}
	strangers_fail(peers->strangers, link, clock_steady_ms());
	dial_from_show(SSL_get_fd(ssl), from);
	bufferevent_free(bev);
	snprintf(sentence, sizeof(sentence),
		 "a TLS connection from %s without sekisho/1 was not of a peer with SIP over TLS: "
		 "%s",
		 from, why);
	stranger_log(peers, sentence);
}

void peers_link_closed(void *ctx, struct link *link, const char *reason)
{
	struct peers *peers = ctx;
	struct peer *peer = link_peer(link);
	char sentence[256], from[DIAL_ADDRESS_BYTES];

	if (strangers_fail(peers->strangers, link, clock_steady_ms())) {
		dial_from_show(SSL_get_fd(link_ssl(link)), from);
		snprintf(sentence, sizeof(sentence),
			 "a TLS connection from %s ended before it was known whose it is: %s", from,
			 reason);
		stranger_log(peers, sentence);
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
	char sentence[256], from_text[DIAL_ADDRESS_BYTES];
	struct contract_address own, source;
	struct link *link;

	(void)listener, (void)from, (void)from_length;
	if (!link_config.workers || !peers->world.context || !dial_ends(fd, &own, &source)) {
		close(fd); /* no data plane to key SAs for, no peers, or gone */
		return;
	}
	if (!strangers_may_come(peers->strangers, &source, clock_steady_ms())) {
		dial_from_show(fd, from_text);
		snprintf(sentence, sizeof(sentence),
			 "a TLS connection from %s was refused: too many of its source are open, or came to nothing",
			 from_text);
		stranger_log(peers, sentence);
		close(fd);
		return;
	}
	if (!strangers_have_room(peers->strangers))
		link_close(strangers_oldest(peers->strangers),
			   "others came, and it was the oldest");
	link = link_create(peers->world.base, peers->world.context, fd, false, &link_config,
			   &peers->world.link_events);
	if (link)
		strangers_add(peers->strangers, link, &source);
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
