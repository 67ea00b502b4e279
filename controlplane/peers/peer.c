#include "controlplane/peers/peer_state.h"

#include <event2/event.h>
#include <stdlib.h>

#include "controlplane/peers/dial.h"

void peer_timer_set(struct event *timer, uint64_t ms)
{
	struct timeval in = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	event_add(timer, &in);
}

void peer_say(const struct peer *peer, const char *what)
{
	peer_world_say(peer->world, peer->config->gateway, what);
}

void peer_line_put(const struct peer *peer)
{
	struct contract_peer put;

	peer_config_fill(peer->config, peer->index, &put);
	put.is_lost = probing_is_lost(peer->probing);
	for (unsigned i = 0; peer->current && i < peer->current->out_count; i++) {
		put.sa_out[i] = peer->current->out[i].index;
		put.sa_out_generation[i] = peer->current->out[i].generation;
		put.sa_out_count++;
	}
	peer->world->out.peer_put(peer->world->out.ctx, &put);
}

void peer_dial(struct peer *peer)
{
	struct peer_world *world = peer->world;
	const struct link_config config = {.domain = world->config.domain,
					   .gateway_id = world->config.gateway_id,
					   .workers = world->welcome.workers,
					   .suite = world->config.suite,
					   .out = &world->out};

	if (peer->link || peer->dialled || !peer->config->connect.family || !world->welcome.workers)
		return;
	int fd = dial_connect(world->config.listen, &peer->config->connect);

	if (fd >= 0)
		peer->dialled = link_create(world->base, world->context, fd, true, &config,
					    &world->link_events);
	if (peer->dialled)
		link_set_peer(peer->dialled, peer);
	else
		redial_later(&peer->redial);
}

static void dial_due(int fd, short what, void *arg)
{
	(void)fd, (void)what;
	peer_dial(arg);
}

/* By our SAs in turn, one for each worker. */
static bool probing_target(void *ctx, uint32_t turn, struct probing_target *target)
{
	const struct peer *peer = ctx;
	const struct epoch *epoch = peer->current;
	const struct contract_sa *sa;

	if (!epoch || !epoch->has_keys || epoch->out_count == 0)
		return false;
	sa = &epoch->out[turn % epoch->out_count];
	*target = (struct probing_target){.sa_index = sa->index,
					  .sa_generation = sa->generation,
					  .port = sa->port,
					  .level = sa->level,
					  .own = sa->inner_local,
					  .other = sa->inner_remote};
	return true;
}

static void probing_changed(void *ctx)
{
	struct peer *peer = ctx;

	peer_line_put(peer);
	peer_say(peer, probing_is_lost(peer->probing)
			       ? "it does not answer; new requests go to the other gateways of its "
				 "domain, if there are any"
			       : "it answers again and gets its share of requests");
}

struct peer *peer_create(struct peer_world *world, const struct peer_config *config, uint32_t index)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	*peer = (struct peer){.world = world,
			      .config = peer_config_copy(config),
			      .index = index,
			      .rekey_timer = event_new(world->base, -1, 0, peer_rekey_due, peer),
			      .retire_timer = event_new(world->base, -1, 0, peer_retire_due, peer),
			      .expiry_timer = event_new(world->base, -1, 0, peer_expiry_due, peer)};
	peer->probing = probing_create(world, &(struct probing_events){.ctx = peer,
								       .target = probing_target,
								       .changed = probing_changed});
	if (peer->config && peer->probing && peer->rekey_timer && peer->retire_timer &&
	    peer->expiry_timer &&
	    redial_create(world->base, dial_due, peer, &peer->redial) == RESULT_OK)
		return peer;
	peer_destroy(peer);
	return NULL;
}

static void end(struct peer *peer, const char *reason)
{
	struct event *timer[] = {peer->rekey_timer, peer->retire_timer, peer->expiry_timer};

	if (peer->dialled)
		link_close(peer->dialled, reason);
	if (peer->link)
		link_close(peer->link, reason);
	redial_destroy(&peer->redial);
	probing_destroy(peer->probing);
	for (size_t i = 0; i < sizeof(timer) / sizeof(timer[0]); i++)
		if (timer[i])
			event_free(timer[i]);
	peer_config_destroy(peer->config);
	free(peer);
}

void peer_destroy(struct peer *peer)
{
	if (!peer)
		return;
	epoch_forget(peer->current);
	epoch_forget(peer->retiring);
	end(peer, "we are stopping");
}

void peer_remove(struct peer *peer)
{
	epoch_destroy(peer->current);
	epoch_destroy(peer->retiring);
	end(peer, "it is no longer configured so");
}

const struct peer_config *peer_config_of(const struct peer *peer)
{
	return peer->config;
}

uint32_t peer_index_of(const struct peer *peer)
{
	return peer->index;
}

void peer_adjust(struct peer *peer, struct peer_config *config)
{
	peer_config_destroy(peer->config);
	peer->config = config;
	peer_line_put(peer);
}

void peer_start(struct peer *peer)
{
	peer_line_put(peer);
	peer_dial(peer);
}

void peer_sip_received(struct peer *peer, struct slice message)
{
	probing_take(peer->probing, message);
}
