/*
 * Who is registered where, among the gateways of our domain: what is registered here goes to the
 * store in batches, and a name that is registered at a sibling leads there.
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/gateway_state.h"
#include "controlplane/peers/peer_config.h"

#define BATCH	      512
#define FLUSH_SOON_MS 20
#define FLUSH_AGAIN_S 1

/* A change on its way to the store. */
struct pending_location {
	struct name_node node;
	struct store_location location;
};

struct batch {
	struct gateway *gateway;
	size_t count;
	struct store_location location[BATCH];
};

static uint64_t sibling_bits(const struct control_config *config)
{
	uint64_t bits = 0;

	for (uint32_t i = 0; i < config->peer_count; i++)
		if (config->peer[i].is_sibling)
			bits |= UINT64_C(1) << (config->peer[i].gateway_id & 63);
	return bits;
}

static bool has_sibling(const struct control_config *config, const struct peer_config *sibling)
{
	for (uint32_t i = 0; i < config->peer_count; i++)
		if (config->peer[i].is_sibling &&
		    config->peer[i].gateway_id == sibling->gateway_id &&
		    strcmp(config->peer[i].name, sibling->name) == 0)
			return true;
	return false;
}

static bool has_siblings_of(const struct control_config *config, const struct control_config *other)
{
	for (uint32_t i = 0; i < other->peer_count; i++)
		if (other->peer[i].is_sibling && !has_sibling(config, &other->peer[i]))
			return false;
	return true;
}

bool gateway_siblings_are_same(const struct control_config *a, const struct control_config *b)
{
	return has_siblings_of(a, b) && has_siblings_of(b, a);
}

/* Its index in the data plane, or 0. */
static uint8_t peer_of(const struct gateway *at, uint8_t gateway)
{
	const struct control_config *config = at->config;

	for (uint32_t i = 0; i < config->peer_count && at->parts.peers != NULL; i++)
		if (config->peer[i].is_sibling && config->peer[i].gateway_id == gateway)
			return (uint8_t)peers_gateway_index(
				at->parts.peers, peer_config_gateway(&config->peer[i]));
	return 0;
}

uint8_t gateway_sibling_of(const struct gateway *gateway, struct slice aor)
{
	uint64_t bits = sibling_bits(gateway->config);
	uint8_t at;

	if (bits == 0 || !locations_best(gateway->locations, aor, bits, &at))
		return 0;
	return peer_of(gateway, at);
}

static void flush_soon(struct gateway *gateway, bool has_failed)
{
	const struct timeval soon = {0, FLUSH_SOON_MS * 1000}, later = {FLUSH_AGAIN_S, 0};

	if (gateway->location_timer != NULL)
		event_add(gateway->location_timer, has_failed ? &later : &soon);
}

static struct pending_location *pending_of(struct name_node *node)
{
	return (struct pending_location *)node;
}

/* The newest word about a name is what goes out. */
static void pending_put(struct gateway *gateway, const struct store_location *location,
			bool is_older)
{
	struct slice aor = slice_make(location->aor, strlen(location->aor));
	struct pending_location *pending =
		pending_of(name_map_find(&gateway->pending_locations, aor));

	if (pending != NULL) {
		if (!is_older)
			pending->location = *location;
		return;
	}
	pending = calloc(1, sizeof(*pending));
	if (pending == NULL) {
		log_say("there is no memory to tell the siblings where %s is", location->aor);
		return;
	}
	pending->location = *location;
	name_map_add(&gateway->pending_locations, &pending->node,
		     slice_make(pending->location.aor, aor.len));
}

static enum result batch_work(struct store *store, void *arg)
{
	const struct batch *batch = arg;

	return store_locations_put(store, batch->location, batch->count);
}

static void batch_done(void *arg, enum result result)
{
	struct batch *batch = arg;
	struct gateway *gateway = batch->gateway;

	gateway->has_location_batch = false;
	for (size_t i = 0; result != RESULT_OK && i < batch->count; i++)
		pending_put(gateway, &batch->location[i], true);
	if (gateway->pending_locations.count > 0)
		flush_soon(gateway, result != RESULT_OK);
	free(batch);
}

static void batch_fill(struct gateway *gateway, struct batch *batch)
{
	struct name_node *node;

	while (batch->count < BATCH &&
	       (node = name_map_next(&gateway->pending_locations, NULL)) != NULL) {
		batch->location[batch->count++] = pending_of(node)->location;
		name_map_remove(&gateway->pending_locations, node);
		free(pending_of(node));
	}
}

static void flush(evutil_socket_t fd, short what, void *arg)
{
	struct gateway *gateway = arg;
	struct batch *batch;

	(void)fd, (void)what;
	if (gateway->has_location_batch || gateway->pending_locations.count == 0)
		return;
	batch = calloc(1, sizeof(*batch));
	if (batch == NULL) {
		flush_soon(gateway, true);
		return;
	}
	batch->gateway = gateway;
	batch_fill(gateway, batch);
	gateway->has_location_batch = true;
	if (keeper_do(gateway->keeper, batch_work, batch_done, batch) != RESULT_OK)
		batch_done(batch, RESULT_SPACE);
}

void gateway_location_note(struct gateway *gateway, struct slice aor, bool is_registered)
{
	struct store_location location = {.gateway = gateway->config->gateway_id,
					  .q_thousandths = 1000};
	uint16_t q;
	bool is_known;

	if (gateway->location_timer == NULL || aor.len > LIMIT_AOR_BYTES)
		return;
	is_known = locations_find(gateway->locations, aor, location.gateway, &location);
	if (is_registered && !registrar_primary_q(gateway->parts.registrar, aor, &q))
		q = 1000;
	if (is_registered ? is_known && location.q_thousandths == q : !is_known)
		return;
	memcpy(location.aor, aor.at, aor.len);
	location.aor[aor.len] = '\0';
	if (is_registered)
		location.q_thousandths = q;
	location.since_s = !is_registered ? 0 : is_known ? location.since_s : gateway_now_s();
	if (locations_put(gateway->locations, &location) == RESULT_OK)
		pending_put(gateway, &location, false);
	flush_soon(gateway, false);
}

struct gone {
	struct gateway *gateway;
	size_t count;
	struct store_location location[BATCH];
};

static bool gone_note(void *ctx, const struct store_location *location)
{
	struct gone *gone = ctx;
	uint32_t index;
	uint16_t generation;

	if (!registrar_primary(gone->gateway->parts.registrar,
			       slice_make(location->aor, strlen(location->aor)), &index,
			       &generation))
		gone->location[gone->count++] = *location;
	return gone->count < BATCH;
}

void gateway_locations_settle(struct gateway *gateway)
{
	struct gone *gone = gateway->location_timer != NULL ? calloc(1, sizeof(*gone)) : NULL;

	if (gone == NULL)
		return;
	gone->gateway = gateway;
	do {
		gone->count = 0;
		locations_each(gateway->locations, gateway->config->gateway_id, gone_note, gone);
		for (size_t i = 0; i < gone->count; i++)
			gateway_location_note(
				gateway,
				slice_make(gone->location[i].aor, strlen(gone->location[i].aor)),
				false);
	} while (gone->count == BATCH);
	free(gone);
}

/* Only gateways that have siblings tell where names are. */
enum result gateway_locations_start(struct gateway *gateway)
{
	const struct random_source random = random_system();
	uint32_t seed;

	if (sibling_bits(gateway->config) == 0)
		return RESULT_OK;
	if (random_fill(&random, &seed, sizeof(seed)) != RESULT_OK ||
	    name_map_init(&gateway->pending_locations, seed) != RESULT_OK)
		return RESULT_MEMORY;
	gateway->location_timer = evtimer_new(gateway->base, flush, gateway);
	return gateway->location_timer == NULL ? RESULT_MEMORY : RESULT_OK;
}

void gateway_locations_stop(struct gateway *gateway)
{
	struct name_node *node;

	if (gateway->location_timer == NULL)
		return;
	event_free(gateway->location_timer);
	gateway->location_timer = NULL;
	while ((node = name_map_next(&gateway->pending_locations, NULL)) != NULL) {
		name_map_remove(&gateway->pending_locations, node);
		free(pending_of(node));
	}
	name_map_fini(&gateway->pending_locations);
}
