/* The SAs with peers, by what is told of them: whose they are, and what it means for him. */
#include <string.h>

#include "controlplane/peers/peers_state.h"

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
