#include "dataplane/tables/sa_table.h"

#include <arpa/inet.h>
#include <rte_rcu_qsbr.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/esp/open.h"
#include "dataplane/esp/engine.h"
#include "dataplane/tables/sa_header.h"
#include "dataplane/tables/sa_info.h"
#include "dataplane/tables/sa_path.h"

/* Far from the end of 64 bits, so that no number of workers can make it wrap. */
#define NUMBERS_END (UINT64_MAX - 4 * (uint64_t)STATE_SKIP_NUMBERS)

static bool is_tunnel(const struct contract_sa *sa)
{
	return sa->mode == CONTRACT_TUNNEL || sa->mode == CONTRACT_UDP_TUNNEL;
}

static bool is_in_udp(const struct contract_sa *sa)
{
	return sa->mode == CONTRACT_UDP_TUNNEL || sa->mode == CONTRACT_UDP_TRANSPORT;
}

static size_t address_bytes(const struct contract_address *address)
{
	return address->family == 4 ? 4 : 16;
}

static bool is_pair(const struct contract_address *local, const struct contract_address *remote)
{
	return (local->family == 4 || local->family == 6) && local->family == remote->family;
}

static bool is_same_host(const struct contract_address *a, const struct contract_address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, address_bytes(a)) == 0;
}

/* Do the addresses fit the mode: in transport mode there is only one pair of them. */
static bool addresses_fit(const struct contract_sa *sa)
{
	if (!is_pair(&sa->inner_local, &sa->inner_remote) ||
	    !is_pair(&sa->outer_local, &sa->outer_remote))
		return false;
	if (sa->inner_local.port == 0 || sa->inner_remote.port == 0)
		return false;
	if (is_in_udp(sa) && (sa->outer_local.port == 0 || sa->outer_remote.port == 0))
		return false;
	return is_tunnel(sa) || (is_same_host(&sa->inner_local, &sa->outer_local) &&
				 is_same_host(&sa->inner_remote, &sa->outer_remote));
}

static bool is_acceptable(const struct sa_table *table, const struct contract_sa *sa)
{
	const struct esp_suite *suite;

	if (sa->index == 0 || sa->index >= table->capacity || sa->generation == 0)
		return false;
	if (sa->directions == 0 || (sa->directions & ~(CONTRACT_SA_IN | CONTRACT_SA_OUT)) != 0)
		return false;
	if (sa->mode < CONTRACT_TRANSPORT || sa->mode > CONTRACT_UDP_TRANSPORT)
		return false;
	if (sa->owner_kind != CONTRACT_OWNER_TERMINAL && sa->owner_kind != CONTRACT_OWNER_PEER)
		return false;
	/* RFC 4303 2.1: SPIs up to 255 are reserved. */
	if ((sa->directions & CONTRACT_SA_OUT) && sa->spi_out < 256)
		return false;
	suite = esp_suite_get(sa->suite);
	return sa->worker < table->workers && suite != NULL && sa->level == suite->level &&
	       addresses_fit(sa);
}

static struct state_identity identity_of(const struct contract_sa *sa)
{
	size_t key_len = esp_suite_key_bytes(esp_suite_get(sa->suite));
	struct state_identity identity = {.handle = SA_HANDLE(sa->index, sa->generation)};

	if (sa->directions & CONTRACT_SA_IN)
		identity.key_in_digest = state_key_digest(sa->key_in, key_len);
	if (sa->directions & CONTRACT_SA_OUT) {
		identity.key_out_digest = state_key_digest(sa->key_out, key_len);
		identity.spi_out = sa->spi_out;
	}
	return identity;
}

static uint64_t owner_word(const struct contract_sa *sa)
{
	return (uint64_t)sa->owner_generation << 32 | sa->owner_index;
}

static uint64_t outer_tag_of(const struct contract_sa *sa)
{
	/* In transport mode the selector holds the address. */
	return is_tunnel(sa) ? sa_outer_tag(&sa->outer_remote, is_in_udp(sa)) : 0;
}

static void fill_in(struct sa_table *table, const struct contract_sa *sa)
{
	struct sa_in *in = &table->in[sa->index];

	memset(in, 0, offsetof(struct sa_in, key));
	in->suite = sa->suite;
	in->level = sa->level;
	in->owner_kind = sa->owner_kind;
	in->worker = sa->worker;
	in->port = sa->port;
	in->flags =
		(uint8_t)((is_tunnel(sa) ? SA_IS_TUNNEL : 0) | (is_in_udp(sa) ? SA_IS_IN_UDP : 0) |
			  (sa->inner_local.family == 4 ? SA_IS_INNER_IPV4 : 0) |
			  (sa->is_replay_checked ? 0 : SA_IS_REPLAYABLE));
	in->inner_remote_port_be16 = htons(sa->inner_remote.port);
	in->inner_local_port_be16 = htons(sa->inner_local.port);
	memcpy(in->inner_remote, sa->inner_remote.bytes, address_bytes(&sa->inner_remote));
	memcpy(in->inner_local, sa->inner_local.bytes, address_bytes(&sa->inner_local));
	atomic_store_explicit(&in->owner, owner_word(sa), memory_order_relaxed);
	atomic_store_explicit(&in->outer_tag, outer_tag_of(sa), memory_order_relaxed);
	atomic_store_explicit(&in->last_handle, SA_HANDLE(sa->index, sa->generation),
			      memory_order_relaxed);
}

static void fill_out(struct sa_table *table, const struct contract_sa *sa, uint64_t first)
{
	struct sa_out *out = &table->out[sa->index];

	memset(out, 0, offsetof(struct sa_out, key));
	atomic_store_explicit(&out->next, first, memory_order_relaxed);
	state_record_reserve(sa_table_record(table, sa->index), first, &out->reserved);
	out->first = first;
	out->end = NUMBERS_END;
	if (sa->hard_packets != 0 && sa->hard_packets < NUMBERS_END)
		out->end = sa->hard_packets + 1;
	out->spi_be32 = htonl(sa->spi_out);
	out->suite = sa->suite;
	out->level = sa->level;
	out->port = sa->port;
	out->flags =
		(uint8_t)((is_tunnel(sa) ? SA_IS_TUNNEL : 0) | (is_in_udp(sa) ? SA_IS_IN_UDP : 0));
	sa_header_inner(out, &sa->inner_local, &sa->inner_remote, table->config.dscp);
	sa_header_outer(&out->outer[0], &sa->outer_local, &sa->outer_remote, is_in_udp(sa),
			table->config.dscp);
}

static void fill_info(struct sa_info *info, const struct contract_sa *sa, char *subscriber)
{
	*info = (struct sa_info){
		.inner_local = sa->inner_local,
		.inner_remote = sa->inner_remote,
		.outer_local = sa->outer_local,
		.outer_remote = sa->outer_remote,
		.hard_expiry_s = sa->hard_expiry_s,
		.hard_packets = sa->hard_packets,
		.hard_bytes = sa->hard_bytes,
		.vouching = sa->vouching,
		.subscriber = subscriber,
		.owner_index = sa->owner_index,
		.owner_generation = sa->owner_generation,
		.spi_out = sa->spi_out,
		.state = SA_LIVE,
		.generation = sa->generation,
		.directions = sa->directions,
		.owner_kind = sa->owner_kind,
		.suite = sa->suite,
		.mode = sa->mode,
		.level = sa->level,
		.worker = sa->worker,
		.port = sa->port,
		.is_replay_checked = sa->is_replay_checked,
	};
}

/* The keys that a half has, where nobody finds it yet; wiped where it has none. */
static enum result expand_keys(struct sa_table *table, const struct contract_sa *sa)
{
	const struct esp_suite *suite = esp_suite_get(sa->suite);
	struct esp_key *in = &table->in[sa->index].key, *out = &table->out[sa->index].key;
	enum result result = RESULT_OK;

	if (sa->directions & CONTRACT_SA_IN)
		result = esp_engine_key_expand(table->engine, suite, false, sa->key_in, in);
	if (result != RESULT_OK || !(sa->directions & CONTRACT_SA_OUT))
		return result;
	result = esp_engine_key_expand(table->engine, suite, true, sa->key_out, out);
	if (result != RESULT_OK && (sa->directions & CONTRACT_SA_IN))
		esp_engine_key_wipe(table->engine, in);
	return result;
}

static void wipe_keys(struct sa_table *table, const struct contract_sa *sa)
{
	if (sa->directions & CONTRACT_SA_IN)
		esp_engine_key_wipe(table->engine, &table->in[sa->index].key);
	if (sa->directions & CONTRACT_SA_OUT)
		esp_engine_key_wipe(table->engine, &table->out[sa->index].key);
}

/* Fill in, and only then let it be found. */
static void publish(struct sa_table *table, const struct contract_sa *sa, uint64_t first)
{
	uint32_t handle = SA_HANDLE(sa->index, sa->generation);

	if (sa->directions & CONTRACT_SA_OUT) {
		fill_out(table, sa, first);
		sa_path_begin(table, sa->index);
		atomic_store_explicit(&table->out[sa->index].handle, handle, memory_order_release);
	}
	if (sa->directions & CONTRACT_SA_IN) {
		fill_in(table, sa);
		atomic_store_explicit(&table->in[sa->index].handle, handle, memory_order_release);
	}
	table->live++;
}

/* A free index: expand, have the numbers' record, publish. */
static enum result install(struct sa_table *table, const struct contract_sa *sa)
{
	struct state_identity identity = identity_of(sa);
	uint64_t first = 1;
	enum result result;
	char *subscriber = strndup(sa->subscriber, sizeof(sa->subscriber) - 1);

	if (subscriber == NULL)
		return RESULT_MEMORY;
	result = expand_keys(table, sa);
	if (result != RESULT_OK)
		goto free_subscriber;
	result = sa->is_refill ? state_record_resume(&table->state, sa->index, &identity, &first)
			       : state_record_begin(&table->state, sa->index, &identity);
	if (result != RESULT_OK)
		goto wipe;
	fill_info(&table->info[sa->index], sa, subscriber);
	publish(table, sa, first);
	if (sa->directions & CONTRACT_SA_OUT)
		sa_chain_add(&table->by_spi, table->info, sa->index, sa->spi_out);
	return RESULT_OK;
wipe:
	wipe_keys(table, sa);
	if (result == RESULT_BAD)
		result = RESULT_STALE; /* a record that is torn is as good as none */
free_subscriber:
	free(subscriber);
	return result;
}

static bool is_same_sa(const struct sa_table *table, const struct contract_sa *sa)
{
	const struct esp_suite *suite = esp_suite_get(sa->suite);
	const struct sa_info *info = &table->info[sa->index];

	if (info->generation != sa->generation || info->suite != sa->suite ||
	    info->mode != sa->mode || info->directions != sa->directions ||
	    info->worker != sa->worker || !is_same_host(&info->inner_remote, &sa->inner_remote) ||
	    info->inner_remote.port != sa->inner_remote.port)
		return false;
	if ((sa->directions & CONTRACT_SA_IN) &&
	    !esp_engine_key_is_from(table->engine, suite, &table->in[sa->index].key, sa->key_in))
		return false;
	return !(sa->directions & CONTRACT_SA_OUT) ||
	       (info->spi_out == sa->spi_out &&
		esp_engine_key_is_from(table->engine, suite, &table->out[sa->index].key,
				       sa->key_out));
}

static void update(struct sa_table *table, const struct contract_sa *sa)
{
	struct sa_info *info = &table->info[sa->index];

	info->owner_index = sa->owner_index;
	info->owner_generation = sa->owner_generation;
	if (sa->directions & CONTRACT_SA_IN)
		atomic_store_explicit(&table->in[sa->index].owner, owner_word(sa),
				      memory_order_release);
}

enum result sa_table_put(struct sa_table *table, const struct contract_sa *sa)
{
	const struct sa_info *info;

	if (!is_acceptable(table, sa))
		return RESULT_BAD;
	info = &table->info[sa->index];
	if (info->state == SA_LIVE) {
		if (!is_same_sa(table, sa))
			return RESULT_EXISTS;
		update(table, sa);
		return RESULT_OK;
	}
	/* An SPI is not given to the next SA while the last one's packets may be on their way. */
	if (info->state == SA_PENDING || info->generation == sa->generation)
		return RESULT_EXISTS;
	return install(table, sa);
}
