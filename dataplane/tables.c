#include "dataplane/tables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intel-ipsec-mb.h>
#include <rte_random.h>

#include "dataplane/esp/device.h"
#include "dataplane/io/next_hop.h"
#include "dataplane/io/port.h"
#include "dataplane/source_set.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/deferred.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/key_table.h"
#include "dataplane/tables/peer_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/tables/settings.h"
#include "dataplane/tables/slab.h"

struct table_set {
	struct tables view;
	struct deferred *deferred;
	struct slab *slab;
	IMB_MGR *mb;
	struct esp_device device; /* if one is configured */
	struct port_table ports;
	struct settings_table settings;
	struct binding_table bindings;
	struct identity_table identities;
	struct peer_table peers;
	struct policy_table policies;
	struct key_table keys;
};

/* Of two sessions an SA each; NULL in *device where IPsec-MB is called directly. */
static enum result device_make(struct table_set *set, const struct configuration *configuration,
			       const struct esp_device **device)
{
	enum result result;

	*device = NULL;
	if (configuration->esp_device[0] == '\0')
		return RESULT_OK;
	result = esp_device_open(configuration->esp_device, (uint16_t)configuration->workers,
				 configuration->sa_capacity, &set->device);
	if (result == RESULT_OK)
		*device = &set->device;
	else
		fprintf(stderr, "the cryptographic device %s: %s\n", configuration->esp_device,
			result == RESULT_NOT_FOUND ? "there is none of that name"
			: result == RESULT_BAD	   ? "it has too few queues for the workers"
			: result == RESULT_MEMORY  ? "no memory for its sessions (eal: memory-mb)"
						   : "it does not start");
	return result;
}

static enum result sas_make(struct table_set *set, const struct configuration *configuration,
			    struct rte_rcu_qsbr *rcu)
{
	struct sa_table_config config = {
		.capacity = configuration->sa_capacity,
		.workers = (uint16_t)configuration->workers,
		.is_memory_locked = true,
		.is_huge = configuration->is_huge,
		.state_path = configuration->state_path[0] ? configuration->state_path : NULL,
		.rcu = rcu,
	};
	enum result result = device_make(set, configuration, &config.device);

	for (unsigned i = 0; i < configuration->port_count; i++)
		config.path_bytes[i] = configuration->ports[i].path_mtu;

	if (result != RESULT_OK)
		return result;
	result = sa_table_create(&config, &set->view.sas);
	if (result != RESULT_OK)
		fprintf(stderr, "the table of SAs (state file %s): cannot be made: %s\n",
			config.state_path ? config.state_path : "none",
			result == RESULT_EXISTS	  ? "another process has the file"
			: result == RESULT_DENIED ? "the file is not ours alone, or no plain file"
						  : strerror(errno));
	return result;
}

static enum result basics_make(struct table_set *set, struct rte_rcu_qsbr *rcu)
{
	set->deferred = deferred_create(rcu);
	set->slab = slab_create();
	set->mb = alloc_mb_mgr(0);
	if (!set->deferred || !set->slab || !set->mb)
		return RESULT_MEMORY;
	init_mb_mgr_auto(set->mb, NULL);
	return RESULT_OK;
}

static enum result settings_make(struct table_set *set, const struct configuration *configuration)
{
	struct contract_address own[CONFIGURATION_PORTS][2];
	enum result result;

	for (unsigned i = 0; i < configuration->port_count; i++)
		for (unsigned family = 0; family < 2; family++) {
			own[i][family] = configuration->ports[i].address[family];
			own[i][family].port = 5060;
		}
	result = settings_table_init(&set->settings, set->deferred,
				     (const struct contract_address(*)[2])own,
				     configuration->port_count);
	if (result == RESULT_OK)
		set->view.settings = &set->settings;
	return result;
}

static enum result rules_make(struct table_set *set, const struct configuration *configuration)
{
	enum result result = settings_make(set, configuration);

	if (result == RESULT_OK)
		result = binding_table_init(&set->bindings, configuration->binding_capacity,
					    rte_rand(), set->slab, set->deferred);
	if (result != RESULT_OK)
		return result;
	set->view.bindings = &set->bindings;
	result = identity_table_init(&set->identities, set->slab, set->deferred);
	if (result != RESULT_OK)
		return result;
	set->view.identities = &set->identities;
	result = peer_table_init(&set->peers, set->deferred);
	if (result != RESULT_OK)
		return result;
	set->view.peers = &set->peers;
	result = policy_table_init(&set->policies, configuration->workers, set->deferred);
	if (result != RESULT_OK)
		return result;
	set->view.policies = &set->policies;
	result = key_table_init(&set->keys, set->mb, set->deferred);
	if (result == RESULT_OK)
		set->view.keys = &set->keys;
	return result;
}

enum result table_set_create(const struct configuration *configuration, struct rte_rcu_qsbr *rcu,
			     struct table_set **set)
{
	struct table_set *made = calloc(1, sizeof(*made));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	made->view.ports = &made->ports;
	result = basics_make(made, rcu);
	if (result == RESULT_OK)
		result = sas_make(made, configuration, rcu);
	if (result == RESULT_OK)
		result = rules_make(made, configuration);
	if (result == RESULT_OK)
		result = next_hop_table_create(rcu, 0, &made->view.next_hops);
	if (result == RESULT_OK)
		result = source_set_create(configuration->sa_capacity, rte_rand(),
					   &made->view.sources);
	if (result != RESULT_OK) {
		table_set_destroy(made);
		return result;
	}
	*set = made;
	return RESULT_OK;
}

void table_set_destroy(struct table_set *set)
{
	if (!set)
		return;
	source_set_destroy(set->view.sources);
	next_hop_table_destroy(set->view.next_hops);
	if (set->view.keys)
		key_table_fini(set->view.keys);
	if (set->view.policies)
		policy_table_fini(set->view.policies);
	if (set->view.peers)
		peer_table_fini(set->view.peers);
	if (set->view.identities)
		identity_table_fini(set->view.identities);
	if (set->view.bindings)
		binding_table_fini(set->view.bindings);
	if (set->view.settings)
		settings_table_fini(set->view.settings);
	if (set->view.sas)
		sa_table_destroy(set->view.sas);
	esp_device_close(&set->device);
	if (set->deferred)
		deferred_destroy(set->deferred);
	if (set->slab)
		slab_destroy(set->slab);
	if (set->mb)
		free_mb_mgr(set->mb);
	free(set);
}

const struct tables *table_set_view(const struct table_set *set)
{
	return &set->view;
}

struct deferred *table_set_deferred(const struct table_set *set)
{
	return set->deferred;
}
