#include "dataplane/rules/ingress.h"

#include "dataplane/tables/identity_table.h"
#include "dataplane/worker.h"

static enum result terminal_set(struct packet_rules *rules, const struct ingress_sa *sa)
{
	struct link *link = &rules->ingress;

	link->kind = LEG_TERMINAL;
	if (sa->owner_index == 0) {
		leg_of_terminal(&link->leg, rules->settings->gateway_id, 0, 0, 0);
		return RESULT_OK;
	}
	link->binding =
		binding_table_find(rules->tables->bindings, sa->owner_index, sa->owner_generation);
	if (!link->binding)
		return RESULT_NOT_FOUND;
	rules->likely = link->binding;
	leg_of_terminal(&link->leg, rules->settings->gateway_id, link->binding->index,
			link->binding->generation, link->binding->name);
	return RESULT_OK;
}

static enum result peer_set(struct packet_rules *rules, uint32_t index)
{
	struct link *link = &rules->ingress;

	link->kind = LEG_PEER;
	link->peer = peer_table_at(rules->tables->peers, index);
	if (!link->peer)
		return RESULT_NOT_FOUND;
	leg_of_peer(&link->leg, link->peer);
	return RESULT_OK;
}

enum result ingress_of_sa(struct packet_rules *rules, const struct ingress_sa *sa)
{
	struct link *link = &rules->ingress;

	rules->sa_handle = sa->handle;
	link->level = sa->level;
	link->port = sa->port;
	link->binding = NULL;
	link->peer = NULL;
	link->local = sa->local;
	link->own = NULL;
	link->remote = sa->remote;
	rules->likely = NULL;
	if (sa->owner_kind == CONTRACT_OWNER_TERMINAL)
		return terminal_set(rules, sa);
	return peer_set(rules, sa->owner_index);
}

void ingress_of_clear(struct packet_rules *rules, uint8_t port,
		      const struct contract_address *local, const struct contract_address *remote,
		      enum sip_level level)
{
	struct link *link = &rules->ingress;

	/* Where they are to stand: put together elsewhere and copied they would be waited for (decision
	 * 34). */
	settings_address_set(&link->local, local);
	settings_address_set(&link->remote, remote);
	rules->sa_handle = 0;
	link->kind = LEG_CLEAR;
	link->level = (uint8_t)level;
	link->port = port;
	link->binding = NULL;
	link->peer = NULL;
	link->own = NULL;
	rules->likely = binding_table_in_clear(rules->tables->bindings, &link->remote);
	if (rules->likely && rules->likely->identity_count > 0)
		identity_table_prefetch_record(rules->tables->identities,
					       rules->likely->identity[0].hash);
	leg_of_clear(&link->leg, rules->settings->gateway_id, port, &link->remote);
}

enum result ingress_of_peer(struct packet_rules *rules, uint32_t index,
			    const struct sip_address *local, const struct sip_address *remote)
{
	struct link *link = &rules->ingress;
	enum result result;

	rules->sa_handle = 0;
	rules->likely = NULL;
	link->binding = NULL;
	link->local = *local;
	link->own = NULL;
	link->remote = *remote;
	result = peer_set(rules, index);
	if (result != RESULT_OK)
		return result;
	link->level = link->peer->level;
	link->port = link->peer->port;
	return link->peer->is_tls ? RESULT_OK : RESULT_NOT_FOUND;
}
