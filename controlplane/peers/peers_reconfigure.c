#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/peers/peer_config.h"
#include "controlplane/peers/peers_state.h"
#include "controlplane/peers/tls.h"

/* What a slot is to be. */
struct planned {
	bool is_wanted;
	struct member new;	      /* begun anew, or */
	struct peer_config *adjusted; /* what is there goes on under this */
};

struct peers_plan {
	SSL_CTX *context; /* NULL: no peers */
	struct planned slot[PEERS_MAX];
};

static void member_destroy(struct member *member)
{
	peer_destroy(member->peer);
	trunk_destroy(member->trunk);
	*member = (struct member){0};
}

void peers_plan_destroy(struct peers_plan *plan)
{
	if (!plan)
		return;
	SSL_CTX_free(plan->context);
	for (uint32_t i = 0; i < PEERS_MAX; i++) {
		member_destroy(&plan->slot[i].new);
		peer_config_destroy(plan->slot[i].adjusted);
	}
	free(plan);
}

static enum result context_plan(const struct peers_config *config, struct peers_plan *plan,
				char *message, size_t size)
{
	const char *ca_file[PEERS_MAX];

	if (config->peer_count == 0)
		return RESULT_OK;
	for (uint32_t i = 0; i < config->peer_count; i++)
		ca_file[i] = config->peer[i].ca_file;
	return tls_context_create(config->certificate_file, config->key_file, ca_file,
				  config->peer_count, &plan->context, message, size);
}

/* Who is there already keeps his slot. */
static void slots_keep(const struct peers *peers, const struct peers_config *config,
		       struct peers_plan *plan)
{
	for (uint32_t i = 0; i < config->peer_count; i++) {
		uint32_t index = peers_gateway_index(peers, peer_config_gateway(&config->peer[i]));

		if (index != 0)
			plan->slot[index - 1].is_wanted = true;
	}
}

static uint32_t slot_take(struct peers_plan *plan)
{
	uint32_t slot = 0;

	while (plan->slot[slot].is_wanted)
		slot++; /* there are as many slots as there may be peers */
	plan->slot[slot].is_wanted = true;
	return slot;
}

/* Whose certificate is revoked does not stay as he is: he is begun anew, and then not believed. */
static bool is_revoked(const struct member *member)
{
	return (member->peer && peer_is_revoked(member->peer)) ||
	       (member->trunk && trunk_is_revoked(member->trunk));
}

static enum result peer_plan(struct peers *peers, const struct peer_config *config,
			     struct peers_plan *plan)
{
	uint32_t index = peers_gateway_index(peers, peer_config_gateway(config));
	uint32_t slot = index != 0 ? index - 1 : slot_take(plan);
	const struct peer_config *old = index != 0 ? member_config(&peers->member[slot]) : NULL;
	struct planned *planned = &plan->slot[slot];

	if (old && peer_config_is_same_way(old, config) && !is_revoked(&peers->member[slot]))
		planned->adjusted = peer_config_copy(config);
	else if (config->transport == PEER_SIP_TLS)
		planned->new.trunk = trunk_create(&peers->world, config, slot + 1);
	else
		planned->new.peer = peer_create(&peers->world, config, slot + 1);
	return planned->adjusted || planned->new.trunk || planned->new.peer ? RESULT_OK
									    : RESULT_MEMORY;
}

static void member_remove(struct member *member)
{
	if (member->peer)
		peer_remove(member->peer);
	trunk_destroy(member->trunk);
	*member = (struct member){0};
}

static void slot_apply(struct peers *peers, uint32_t slot, struct planned *planned)
{
	const struct peers_out *out = &peers->world.out;
	struct member *member = &peers->member[slot];
	bool was_there = member_config(member) != NULL;

	if (planned->adjusted && member->peer)
		peer_adjust(member->peer, planned->adjusted);
	else if (planned->adjusted)
		trunk_adjust(member->trunk, planned->adjusted);
	planned->adjusted = NULL;
	if (member_config(&planned->new) || !planned->is_wanted)
		member_remove(member);
	if (member_config(&planned->new)) {
		*member = planned->new;
		planned->new = (struct member){0};
		if (peers->world.welcome.workers)
			member_start(member);
	} else if (was_there && !planned->is_wanted) {
		out->peer_delete(out->ctx, slot + 1);
	}
}

void peers_plan_apply(struct peers *peers, struct peers_plan *plan)
{
	SSL_CTX *old = peers->world.context;

	peers->world.context = plan->context;
	plan->context = NULL;
	SSL_CTX_free(old); /* those there are hold it as long as they need it */
	for (uint32_t slot = 0; slot < PEERS_MAX; slot++)
		slot_apply(peers, slot, &plan->slot[slot]);
	peers_plan_destroy(plan);
}

static enum result members_plan(struct peers *peers, const struct peers_config *config,
				struct peers_plan *plan, char *message, size_t size)
{
	enum result result = RESULT_OK;

	slots_keep(peers, config, plan);
	for (uint32_t i = 0; i < config->peer_count && result == RESULT_OK; i++)
		result = peer_plan(peers, &config->peer[i], plan);
	if (result == RESULT_OK && config->peer_count > 0) {
		result = peers_listen(peers);
		if (result == RESULT_IO)
			snprintf(message, size, "cannot listen for peers: %m");
	}
	return result;
}

enum result peers_plan_create(struct peers *peers, const struct peers_config *config, char *message,
			      size_t size, struct peers_plan **created)
{
	struct peers_plan *plan = calloc(1, sizeof(*plan));
	enum result result;

	snprintf(message, size, "the peers cannot be taken over");
	if (!plan)
		return RESULT_MEMORY;
	result = config->peer_count > PEERS_MAX ? RESULT_BAD
						: context_plan(config, plan, message, size);
	if (result == RESULT_OK && peers)
		result = members_plan(peers, config, plan, message, size);
	if (result != RESULT_OK) {
		peers_plan_destroy(plan);
		return result;
	}
	*created = plan;
	return RESULT_OK;
}
