/* The epochs of SAs with a peer: made, taken into use, adopted, renewed, and ended in time. */
#include <event2/event.h>
#include <stdio.h>

#include "controlplane/peers/peer_state.h"

#define RETIRE_AFTER_S 30 /* an old epoch's inbound SAs, for what is still on its way */

void peer_rekey_due(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;

	(void)fd, (void)what;
	peer_rekey(peer);
	peer_timer_set(peer->rekey_timer, (uint64_t)peer->world->config.rekey_s * 1000);
}

void peer_retire_due(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;

	(void)fd, (void)what;
	epoch_destroy(peer->retiring);
	peer->retiring = NULL;
}

/* A hard limit is reached and no new epoch came: the link is down for SIP too. */
static void expire(struct peer *peer, const char *sentence)
{
	struct epoch *spent = peer->current;

	event_del(peer->expiry_timer);
	peer->current = NULL;
	peer_line_put(peer);
	epoch_destroy(spent);
	peer_say(peer, sentence);
}

void peer_expiry_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	expire(arg, "its SAs have reached their hard lifetime; it cannot be reached until it is "
		    "back");
}

static void sa_dress(const struct peer *peer, const struct epoch *epoch, uint8_t port,
		     const struct contract_address *own, struct contract_sa *sa)
{
	contract_header_set(&sa->header, CONTRACT_SA_PUT, sizeof(*sa), 0);
	sa->mode = CONTRACT_TRANSPORT;
	sa->level = peer_config_level(peer->config);
	sa->port = port;
	sa->owner_index = peer->index;
	sa->is_replay_checked = 1;
	sa->hard_expiry_s = epoch->hard_expiry_s;
	sa->hard_packets = 2 * peer->world->config.soft_packets;
	sa->hard_bytes = 2 * peer->world->config.soft_bytes;
	sa->inner_local = *own;
	sa->inner_local.port = 5060;
	sa->inner_remote = peer->config->address[0];
	sa->outer_local = *own;
	sa->outer_local.port = 0;
	sa->outer_remote = peer->config->address[0];
	sa->outer_remote.port = 0;
	snprintf(sa->subscriber, sizeof(sa->subscriber), "%s", peer->config->gateway);
}

enum result peer_epoch_dress(struct peer *peer, struct epoch *epoch)
{
	struct contract_address own;
	uint8_t port;

	if (!peer_world_port(peer->world, peer->config->address[0].family, &port, &own)) {
		peer_say(peer, "no port of the data plane has an address of its family");
		return RESULT_NOT_FOUND;
	}
	epoch->hard_expiry_s = peer_now_s() + peer->world->config.hard_s;
	for (uint32_t i = 0; i < epoch->in_count; i++)
		sa_dress(peer, epoch, port, &own, &epoch->in[i]);
	for (uint32_t i = 0; i < epoch->out_count; i++)
		sa_dress(peer, epoch, port, &own, &epoch->out[i]);
	return RESULT_OK;
}

void peer_epoch_use(struct peer *peer, struct epoch *epoch)
{
	epoch_destroy(peer->retiring);
	peer->retiring = peer->current;
	peer->current = epoch;
	redial_reset(&peer->redial);
	peer_line_put(peer);
	if (peer->retiring)
		peer_timer_set(peer->retire_timer, RETIRE_AFTER_S * 1000);
	peer_timer_set(peer->expiry_timer, (uint64_t)peer->world->config.hard_s * 1000);
	peer_say(peer, "its SAs have fresh keys");
}

void peer_adopt_sa(struct peer *peer, const struct contract_sa *sa)
{
	const struct peers_out *out = &peer->world->out;

	if (!peer->current)
		peer->current = epoch_create(0, out);
	struct epoch *epoch = peer->current;

	if (!epoch || epoch->number != 0)
		return; /* a live one is there already */
	epoch->has_keys = true;
	if (sa->directions == CONTRACT_SA_OUT && sa->worker == epoch->out_count &&
	    epoch->out_count < PEER_MESSAGE_WORKERS)
		epoch->out[epoch->out_count++] = *sa;
	else if (sa->directions == CONTRACT_SA_IN && epoch->in_count < PEER_MESSAGE_WORKERS)
		epoch->in[epoch->in_count++] = *sa;
	else
		out->sa_delete(out->ctx, sa->index, sa->generation);
	uint64_t left_s = sa->hard_expiry_s > peer_now_s() ? sa->hard_expiry_s - peer_now_s() : 0;

	peer_timer_set(peer->expiry_timer, left_s * 1000);
}

static void refilled(void *arg, enum result result)
{
	struct peer *peer = arg;

	if (result != RESULT_OK)
		peer_rekey(peer);
	peer_line_put(peer);
}

void peer_refill(struct peer *peer)
{
	if (peer->current && !peer->current->has_keys) {
		epoch_forget(peer->current);
		peer->current = NULL;
	}
	peer_line_put(peer);
	if (peer->current)
		epoch_install(peer->current, true, refilled, peer);
	else
		peer_rekey(peer);
	peer_dial(peer);
}

void peer_rekey(struct peer *peer)
{
	if (peer->link)
		link_rekey(peer->link);
}

static bool epoch_has_sa(const struct epoch *epoch, uint32_t index, uint8_t generation)
{
	for (uint32_t i = 0; epoch && i < epoch->in_count; i++)
		if (epoch->in[i].index == index && epoch->in[i].generation == generation)
			return true;
	for (uint32_t i = 0; epoch && i < epoch->out_count; i++)
		if (epoch->out[i].index == index && epoch->out[i].generation == generation)
			return true;
	return false;
}

bool peer_has_sa(const struct peer *peer, uint32_t index, uint8_t generation)
{
	return epoch_has_sa(peer->current, index, generation);
}

bool peer_renew(struct peer *peer)
{
	if (!peer->link)
		return false;
	link_renew(peer->link);
	return true;
}

void peer_sa_gone(struct peer *peer)
{
	expire(peer, "one of its SAs was used for all that it may be; it cannot be reached until "
		     "there are fresh keys");
	peer_renew(peer);
}
