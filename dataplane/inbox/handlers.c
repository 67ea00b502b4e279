#include "dataplane/inbox/handlers.h"

#include <string.h>
#include <time.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/mbuf_note.h"
#include "dataplane/policy_file.h"
#include "dataplane/sa_leaving.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/key_table.h"
#include "dataplane/tables/peer_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/tables/settings.h"

static uint64_t now_s(void)
{
	return (uint64_t)time(NULL);
}

static enum result settings_put(const struct inbox_config *config,
				const struct contract_header *request, int fd)
{
	const struct contract_settings *settings = (const void *)request;
	enum result result = settings_table_put(config->tables->settings, settings);

	(void)fd;
	if (result != RESULT_OK)
		return result;
	sa_table_dscp_set(config->tables->sas, settings->dscp);
	for (unsigned i = 0; i < config->worker_count; i++)
		atomic_store_explicit(&config->workers[i]->dscp, settings->dscp,
				      memory_order_relaxed);
	return RESULT_OK;
}

static enum result key_put(const struct inbox_config *config, const struct contract_header *request,
			   int fd)
{
	(void)fd;
	return key_table_put(config->tables->keys, (const void *)request);
}

static enum result key_delete(const struct inbox_config *config,
			      const struct contract_header *request, int fd)
{
	const struct contract_key *key = (const void *)request;

	(void)fd;
	return key_table_delete(config->tables->keys, key->purpose, key->id);
}

static enum result sa_put(const struct inbox_config *config, const struct contract_header *request,
			  int fd)
{
	const struct contract_sa *sa = (const void *)request;
	struct contract_sa_record before;
	bool is_again = sa_table_dump(config->tables->sas, sa->index, &before) == RESULT_OK;
	enum result result = sa_table_put(config->tables->sas, sa);

	(void)fd;
	if (result != RESULT_OK)
		return result;
	if (is_again)
		config->sa_deleted(config->context, &before.sa);
	config->sa_put(config->context, sa);
	return RESULT_OK;
}

/* The worker that owns an SA, which has it in its cache. */
static struct worker *worker_of(const struct inbox_config *config, uint32_t index)
{
	const struct sa_table *sas = config->tables->sas;

	if (index < sas->capacity && sas->in[index].worker < config->worker_count)
		return config->workers[sas->in[index].worker];
	return config->workers[0];
}

static enum result sa_delete(const struct inbox_config *config,
			     const struct contract_header *request, int fd)
{
	const struct contract_sa_ref *ref = (const void *)request;

	struct contract_sa_record before;
	enum result result = sa_table_dump(config->tables->sas, ref->index, &before);

	(void)fd;
	if (result != RESULT_OK)
		return result;
	result = sa_leaving_order(config->leaving, config->tables->sas,
				  worker_of(config, ref->index)->injected, ref->index,
				  ref->generation);
	if (result != RESULT_SPACE)
		return result;
	/* So many are leaving that this one cannot wait for what was sent on it. */
	result = sa_table_delete(config->tables->sas, ref->index, ref->generation);
	if (result == RESULT_OK)
		config->sa_deleted(config->context, &before.sa);
	return result;
}

static enum result binding_put(const struct inbox_config *config,
			       const struct contract_header *request, int fd)
{
	(void)fd;
	return binding_table_put(config->tables->bindings, (const void *)request);
}

static enum result binding_delete(const struct inbox_config *config,
				  const struct contract_header *request, int fd)
{
	const struct contract_binding_ref *ref = (const void *)request;

	(void)fd;
	return binding_table_delete(config->tables->bindings, ref->index, ref->generation);
}

static enum result identity_put(const struct inbox_config *config,
				const struct contract_header *request, int fd)
{
	(void)fd;
	return identity_table_put(config->tables->identities, (const void *)request);
}

static enum result identity_delete(const struct inbox_config *config,
				   const struct contract_header *request, int fd)
{
	const struct contract_identity *identity = (const void *)request;

	(void)fd;
	return identity_table_delete(config->tables->identities,
				     slice_make(identity->aor, strlen(identity->aor)));
}

static enum result peer_put(const struct inbox_config *config,
			    const struct contract_header *request, int fd)
{
	(void)fd;
	return peer_table_put(config->tables->peers, (const void *)request);
}

static enum result peer_delete(const struct inbox_config *config,
			       const struct contract_header *request, int fd)
{
	const struct contract_peer *peer = (const void *)request;

	(void)fd;
	return peer_table_delete(config->tables->peers, peer->index);
}

static enum result policy_put(const struct inbox_config *config,
			      const struct contract_header *request, int fd)
{
	const struct contract_policy *policy = (const void *)request;
	struct policy_file file;
	enum result result = policy_file_open(fd, policy->length, policy->sha256, &file);

	if (result != RESULT_OK)
		return result;
	result = policy_table_put(config->tables->policies, file.at, file.length, now_s());
	policy_file_close(&file);
	return result;
}

/* RESULT_OK, RESULT_MEMORY, or RESULT_SPACE: the worker's ring is full. */
static enum result inject(const struct inbox_config *config, struct worker *worker, const void *sip,
			  uint32_t length, const struct mbuf_note *note)
{
	struct rte_mbuf *mbuf;
	size_t capacity;
	char *at;
	enum result result = packet_output_begin(worker, length, &mbuf, &at, &capacity);

	if (result != RESULT_OK)
		return result;
	memcpy(at, sip, length);
	mbuf->data_len = (uint16_t)length;
	mbuf->pkt_len = length;
	*mbuf_note(mbuf) = *note;
	if (rte_ring_enqueue(worker->injected, mbuf) != 0) {
		packet_output_cancel(mbuf);
		return RESULT_SPACE;
	}
	config->counts->sip_sent++;
	return RESULT_OK;
}

static enum result sip_send(const struct inbox_config *config,
			    const struct contract_header *request, int fd)
{
	const struct contract_sip_send *send = (const void *)request;
	uint32_t handle = SA_HANDLE(send->sa_index, send->sa_generation);
	/* In the clear by the first. */
	struct worker *worker = send->origin == CONTRACT_ORIGIN_SA
					? worker_of(config, send->sa_index)
					: config->workers[0];
	const struct mbuf_note note = {
		.kind = MBUF_NOTE_SIP,
		.origin = send->origin,
		.port = send->port,
		.sa_handle = handle,
		.source = send->source,
		.destination = send->destination,
	};

	(void)fd;
	if (send->origin == CONTRACT_ORIGIN_SA && !sa_table_find_out(config->tables->sas, handle))
		return RESULT_NOT_FOUND;
	return inject(config, worker, send + 1, send->sip_length, &note);
}

/* A worker takes it through every step of the path. */
static enum result sip_enter(const struct inbox_config *config,
			     const struct contract_header *request, int fd)
{
	const struct contract_sip_enter *enter = (const void *)request;
	struct worker *worker = config->workers[enter->peer_index % config->worker_count];
	const struct mbuf_note note = {
		.kind = MBUF_NOTE_ENTER,
		.origin = enter->origin,
		.port = enter->port,
		.peer_index = (uint8_t)enter->peer_index,
		.source = enter->source,
		.destination = enter->destination,
	};

	(void)fd;
	return inject(config, worker, enter + 1, enter->sip_length, &note);
}

static const struct {
	uint16_t id;
	inbox_handler *handler;
} handlers[] = {
	{CONTRACT_SETTINGS_PUT, settings_put},
	{CONTRACT_KEY_PUT, key_put},
	{CONTRACT_KEY_DELETE, key_delete},
	{CONTRACT_SA_PUT, sa_put},
	{CONTRACT_SA_DELETE, sa_delete},
	{CONTRACT_BINDING_PUT, binding_put},
	{CONTRACT_BINDING_DELETE, binding_delete},
	{CONTRACT_IDENTITY_PUT, identity_put},
	{CONTRACT_IDENTITY_DELETE, identity_delete},
	{CONTRACT_PEER_PUT, peer_put},
	{CONTRACT_PEER_DELETE, peer_delete},
	{CONTRACT_POLICY_PUT, policy_put},
	{CONTRACT_SIP_SEND, sip_send},
	{CONTRACT_SIP_ENTER, sip_enter},
};

inbox_handler *inbox_handler_find(uint16_t id)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (handlers[i].id == id)
			return handlers[i].handler;
	return NULL;
}
