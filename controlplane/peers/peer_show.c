/* A peer for `show peers`. */
#include "controlplane/peers/peer_state.h"

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
		state_of(peer), "domains", domains, "up_since_s",
		(json_int_t)(peer->link ? peer->up_since_s : 0), "epoch",
		(json_int_t)(epoch ? epoch->number : 0), "sas_in",
		(int)(epoch ? epoch->in_count : 0), "sas_out", (int)(epoch ? epoch->out_count : 0),
		"expires_s", (json_int_t)(epoch ? epoch->hard_expiry_s : 0), "last_error",
		peer->last_reason);
}
