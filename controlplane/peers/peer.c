#include "controlplane/peers/peer.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/peers/dial.h"
#include "controlplane/peers/peer_config.h"
#include "controlplane/peers/probing.h"
#include "controlplane/peers/redial.h"

#define RETIRE_AFTER_S 30 /* an old epoch's inbound SAs, for what is still on its way */

struct peer {
	struct peer_world *world;
	struct peer_config *config;
	uint32_t index;
	struct link *dialled; /* our connection attempt, until it is the kept one or ended */
	struct link *link;    /* the one kept, up */
	struct epoch *current, *retiring;
	struct redial redial;
	struct probing *probing;
	struct event *rekey_timer, *retire_timer, *expiry_timer;
	uint64_t up_since_s;
	char last_reason[96];
};

static void timer_set(struct event *timer, uint64_t ms)
{
	struct timeval in = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	event_add(timer, &in);
}

static void say(const struct peer *peer, const char *what)
{
	peer_world_say(peer->world, peer->config->gateway, what);
}

/* The data plane's line of this peer, with the SAs to send on now. */
static void peer_put(const struct peer *peer)
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

static void peer_dial(struct peer *peer)
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

static void rekey_due(evutil_socket_t fd, short what, void *arg)
{
	struct peer *peer = arg;

	(void)fd, (void)what;
	peer_rekey(peer);
	timer_set(peer->rekey_timer, (uint64_t)peer->world->config.rekey_s * 1000);
}

static void retire_due(evutil_socket_t fd, short what, void *arg)
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
	peer_put(peer);
	epoch_destroy(spent);
	say(peer, sentence);
}

static void expiry_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	expire(arg, "its SAs have reached their hard lifetime; it cannot be reached until it is "
		    "back");
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

	peer_put(peer);
	say(peer, probing_is_lost(peer->probing)
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
			      .rekey_timer = event_new(world->base, -1, 0, rekey_due, peer),
			      .retire_timer = event_new(world->base, -1, 0, retire_due, peer),
			      .expiry_timer = event_new(world->base, -1, 0, expiry_due, peer)};
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
	peer_put(peer);
}

void peer_start(struct peer *peer)
{
	peer_put(peer);
	peer_dial(peer);
}

static bool is_preferred(const struct link *new, const struct link *old)
{
	if (link_is_opener(new) == link_is_opener(old))
		return true; /* the same side again: it has lost the old one */
	bool is_own_smaller = memcmp(link_own_hash(new), link_other_hash(new), TLS_HASH_BYTES) < 0;

	return link_is_opener(new) == is_own_smaller;
}

bool peer_link_accept(struct peer *peer, struct link *link)
{
	struct link *old = peer->link;

	if (old && !is_preferred(link, old))
		return false;
	if (peer->dialled == link)
		peer->dialled = NULL;
	peer->link = link;
	link_set_peer(link, peer);
	if (peer->config->suite != 0)
		link_set_suite(link, peer->config->suite);
	if (old)
		link_close(old, "another connection took its place");
	redial_cancel(&peer->redial);
	peer->up_since_s = peer_now_s();
	peer->last_reason[0] = '\0';
	timer_set(peer->rekey_timer, (uint64_t)peer->world->config.rekey_s * 1000);
	say(peer, link_is_opener(link) ? "connected" : "it connected to us");
	return true;
}

void peer_link_closed(struct peer *peer, struct link *link, const char *reason)
{
	if (link != peer->link && link != peer->dialled)
		return; /* never kept, or replaced */
	bool was_kept = link == peer->link;
	char sentence[160];

	snprintf(sentence, sizeof(sentence), "the TLS connection %s: %s",
		 was_kept ? "ended" : "that we began came to nothing", reason);
	/* Tried again and again it may fail for one reason all day: that is said once. */
	if (was_kept || strcmp(reason, peer->last_reason) != 0)
		say(peer, sentence);
	if (was_kept) {
		peer->link = NULL;
		event_del(peer->rekey_timer);
	} else {
		peer->dialled = NULL;
	}
	if (peer->link)
		return; /* one connection too many */
	snprintf(peer->last_reason, sizeof(peer->last_reason), "%s", reason);
	if (peer->config->connect.family)
		redial_later(&peer->redial);
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
		say(peer, "no port of the data plane has an address of its family");
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
	peer_put(peer);
	if (peer->retiring)
		timer_set(peer->retire_timer, RETIRE_AFTER_S * 1000);
	timer_set(peer->expiry_timer, (uint64_t)peer->world->config.hard_s * 1000);
	say(peer, "its SAs have fresh keys");
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

	timer_set(peer->expiry_timer, left_s * 1000);
}

static void refilled(void *arg, enum result result)
{
	struct peer *peer = arg;

	if (result != RESULT_OK)
		peer_rekey(peer);
	peer_put(peer);
}

void peer_refill(struct peer *peer)
{
	if (peer->current && !peer->current->has_keys) {
		epoch_forget(peer->current);
		peer->current = NULL;
	}
	peer_put(peer);
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

void peer_sip_received(struct peer *peer, struct slice message)
{
	probing_take(peer->probing, message);
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

static const char *state_of(const struct peer *peer)
{
	if (!peer->current)
		return peer->link ? "up" : "down";
	if (probing_is_lost(peer->probing))
		return "lost";
	return peer->link ? "up" : "tls-down";
}

json_t *peer_show(const struct peer *peer)
{
	const struct epoch *epoch = peer->current;
	json_t *domains = json_array();

	for (unsigned i = 0; i < peer->config->domain_count; i++)
		json_array_append_new(domains, json_string(peer->config->domain[i]));
	return json_pack(
		"{s:s, s:s, s:i, s:i, s:i, s:I, s:I, s:s, s:s, s:o, s:I, s:I, s:i, s:i, s:I, s:s}",
		"name", peer->config->name, "gateway", peer->config->gateway, "index",
		(int)peer->index, "priority", peer->config->priority, "weight",
		peer->config->weight, "round_trip_us",
		(json_int_t)probing_round_trip_us(peer->probing), "unanswered",
		(json_int_t)probing_unanswered(peer->probing), "transport", "esp", "state",
		state_of(peer),
		"domains", domains, "up_since_s", (json_int_t)(peer->link ? peer->up_since_s : 0),
		"epoch", (json_int_t)(epoch ? epoch->number : 0), "sas_in",
		(int)(epoch ? epoch->in_count : 0), "sas_out", (int)(epoch ? epoch->out_count : 0),
		"expires_s", (json_int_t)(epoch ? epoch->hard_expiry_s : 0), "last_error",
		peer->last_reason);
}

bool peer_is_revoked(const struct peer *peer)
{
	return peer->link && tls_is_revoked(link_ssl(peer->link), peer->config->ca_file);
}
