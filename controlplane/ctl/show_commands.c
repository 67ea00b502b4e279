#include <stdlib.h>
#include <string.h>

#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/fields.h"
#include "controlplane/peers/peers.h"
#include "shared/keyexchange/suites.h"
#include "shared/sip/host.h"

static const char no_data_plane[] = "the data plane is not connected";

/* "192.0.2.1:5060"; null for none. */
static json_t *address_json(const struct contract_address *from)
{
	struct sip_address address = {.family = from->family, .port = from->port};
	char text[SIP_ADDRESS_PORT_CHARS + 1];
	struct writer w = writer_make(text, sizeof(text));

	if (from->family == 0)
		return json_null();
	memcpy(address.bytes, from->bytes, sizeof(address.bytes));
	sip_address_write(&address, &w);
	return json_stringn(w.at, w.len);
}

static json_t *text_json(struct slice text)
{
	json_t *json = json_stringn(text.at, text.len);

	return json != NULL ? json : json_null(); /* what is no UTF-8 is not shown */
}

static void registration_row(void *ctx, const struct registrar_row *row)
{
	json_t *json = json_object();

	json_object_set_new(json, "identity", text_json(row->identity));
	json_object_set_new(json, "subscriber", text_json(row->subscriber));
	json_object_set_new(json, "contact", text_json(row->contact));
	json_object_set_new(json, "instance", text_json(row->instance));
	json_object_set_new(json, "binding", json_integer(row->binding_index));
	json_object_set_new(json, "generation", json_integer(row->binding_generation));
	json_object_set_new(json, "primary", json_boolean(row->is_primary));
	json_object_set_new(json, "sa", json_integer(row->sa != NULL ? row->sa->index : 0));
	json_object_set_new(json, "level", json_integer(row->sa != NULL ? row->sa->level : 0));
	json_object_set_new(json, "address",
			    row->sa != NULL ? address_json(&row->sa->inner_remote) : json_null());
	json_object_set_new(json, "registered_s", json_integer((json_int_t)row->registered_s));
	json_object_set_new(json, "expires_s", json_integer((json_int_t)row->expires_s));
	json_array_append_new(ctx, json);
}

void ctl_show_registrations(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct registrar *registrar = gateway_registrar(gateway);
	json_t *list;

	(void)request;
	if (registrar == NULL) {
		ctl_reply_error(reply, "%s", no_data_plane);
		return;
	}
	list = json_array();
	registrar_each(registrar, registration_row, list);
	ctl_reply_result(reply, list);
}

void ctl_show_peers(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct peers *peers = gateway_peers(gateway);

	(void)request;
	if (peers == NULL)
		ctl_reply_error(reply, "%s", no_data_plane);
	else
		ctl_reply_result(reply, peers_show(peers));
}

/* An answer of the data plane being gathered. */
struct gathering {
	struct ctl_reply *reply;
	json_t *list;
	enum contract_counter_kind only; /* 0: all */
};

static void gathered(void *arg, enum result result)
{
	struct gathering *gathering = arg;

	if (result == RESULT_OK) {
		ctl_reply_result(gathering->reply, gathering->list);
	} else {
		json_decref(gathering->list);
		ctl_reply_error(gathering->reply, "%s", no_data_plane);
	}
	free(gathering);
}

static struct gathering *gathering_create(struct ctl_reply *reply)
{
	struct gathering *gathering = calloc(1, sizeof(*gathering));

	if (gathering == NULL) {
		ctl_reply_error(reply, "there is no memory");
		return NULL;
	}
	gathering->reply = reply;
	gathering->list = json_array();
	return gathering;
}

static const char *mode_name(uint8_t mode)
{
	switch (mode) {
	case CONTRACT_TRANSPORT:
		return "transport";
	case CONTRACT_TUNNEL:
		return "tunnel";
	case CONTRACT_UDP_TUNNEL:
		return "udp-tunnel";
	default:
		return "udp-transport";
	}
}

static json_t *spi_json(uint32_t spi)
{
	return json_sprintf("%08x", spi);
}

static void sa_gather(void *arg, const struct contract_header *message)
{
	const struct contract_sa_record *record = (const struct contract_sa_record *)message;
	const struct suite_properties *suite = suite_find(record->sa.suite);
	const struct contract_sa *sa = &record->sa;
	struct gathering *gathering = arg;
	json_t *json;

	if (message->id != CONTRACT_SA_RECORD)
		return;
	json = json_object();
	json_object_set_new(json, "index", json_integer(sa->index));
	json_object_set_new(json, "generation", json_integer(sa->generation));
	json_object_set_new(
		json, "owner",
		json_string(sa->owner_kind == CONTRACT_OWNER_PEER ? "peer" : "terminal"));
	json_object_set_new(json, "who",
			    text_json(slice_make(sa->subscriber, strlen(sa->subscriber))));
	json_object_set_new(json, "in", json_boolean((sa->directions & CONTRACT_SA_IN) != 0));
	json_object_set_new(json, "out", json_boolean((sa->directions & CONTRACT_SA_OUT) != 0));
	json_object_set_new(json, "spi_in",
			    spi_json((uint32_t)sa->generation << LIMIT_SA_INDEX_BITS | sa->index));
	json_object_set_new(json, "spi_out", spi_json(sa->spi_out));
	json_object_set_new(json, "suite", suite != NULL ? text_json(suite->name) : json_null());
	json_object_set_new(json, "mode", json_string(mode_name(sa->mode)));
	json_object_set_new(json, "level", json_integer(sa->level));
	json_object_set_new(json, "worker", json_integer(sa->worker));
	json_object_set_new(json, "inner", address_json(&sa->inner_remote));
	json_object_set_new(json, "outer", address_json(&sa->outer_remote));
	json_object_set_new(json, "path_bytes", json_integer(sa->path_bytes));
	json_object_set_new(json, "binding", json_integer(sa->owner_index));
	json_object_set_new(json, "packets_in", json_integer((json_int_t)record->packets_in));
	json_object_set_new(json, "bytes_in", json_integer((json_int_t)record->bytes_in));
	json_object_set_new(json, "packets_out", json_integer((json_int_t)record->packets_out));
	json_object_set_new(json, "bytes_out", json_integer((json_int_t)record->bytes_out));
	json_object_set_new(json, "last_in_s", json_integer((json_int_t)record->last_in_s));
	json_object_set_new(json, "expires_s", json_integer((json_int_t)sa->hard_expiry_s));
	json_array_append_new(gathering->list, json);
}

void ctl_show_sas(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct contract_dump dump = {.kind = CONTRACT_DUMP_SAS};
	struct gathering *gathering = gathering_create(reply);

	(void)request;
	if (gathering == NULL)
		return;
	contract_header_set(&dump.header, CONTRACT_DUMP, sizeof(dump), 0);
	contract_client_ask(gateway_contract(gateway), &dump.header, sa_gather, gathered,
			    gathering);
}

static const char *kind_name(uint32_t kind)
{
	return kind == CONTRACT_COUNTER_NODE   ? "node"
	       : kind == CONTRACT_COUNTER_DROP ? "drop"
					       : "gauge";
}

static void counters_gather(void *arg, const struct contract_header *message)
{
	const struct contract_counters *counters = (const struct contract_counters *)message;
	struct gathering *gathering = arg;

	if (message->id != CONTRACT_COUNTERS)
		return;
	for (uint32_t i = 0; i < counters->count; i++) {
		const struct contract_counter *counter = &counters->counter[i];

		json_array_append_new(gathering->list,
				      json_pack("{s:s,s:s,s:I,s:I}", "name", counter->name, "kind",
						kind_name(counter->kind), "worker",
						(json_int_t)counter->worker, "value",
						(json_int_t)counter->value));
	}
}

static json_t *drop_find(json_t *list, const char *name)
{
	size_t index;
	json_t *drop;

	json_array_foreach(list, index,
			   drop) if (strcmp(json_string_value(json_object_get(drop, "reason")),
					    name) == 0) return drop;
	drop = json_pack("{s:s,s:i}", "reason", name, "count", 0);
	json_array_append_new(list, drop);
	return drop;
}

/* Of all workers together. */
static void drops_gather(void *arg, const struct contract_header *message)
{
	const struct contract_counters *counters = (const struct contract_counters *)message;
	struct gathering *gathering = arg;

	if (message->id != CONTRACT_COUNTERS)
		return;
	for (uint32_t i = 0; i < counters->count; i++) {
		json_t *drop, *count;

		if (counters->counter[i].kind != CONTRACT_COUNTER_DROP)
			continue;
		drop = drop_find(gathering->list, counters->counter[i].name);
		count = json_object_get(drop, "count");
		json_integer_set(count, json_integer_value(count) +
						(json_int_t)counters->counter[i].value);
	}
}

static void counters_ask(struct gateway *gateway, contract_record *record, struct ctl_reply *reply)
{
	struct gathering *gathering = gathering_create(reply);
	struct contract_header header;

	if (gathering == NULL)
		return;
	contract_header_set(&header, CONTRACT_COUNTERS_GET, sizeof(header), 0);
	contract_client_ask(gateway_contract(gateway), &header, record, gathered, gathering);
}

void ctl_show_counters(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	(void)request;
	counters_ask(gateway, counters_gather, reply);
}

void ctl_show_drops(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	(void)request;
	counters_ask(gateway, drops_gather, reply);
}

/* null: no call detail records are written. */
static json_t *cdr_json(struct gateway *gateway)
{
	struct cdr_journal_state state;

	if (!gateway_cdr_state(gateway, &state))
		return json_null();
	return json_pack("{s:I,s:I,s:s}", "written", (json_int_t)state.written, "lost",
			 (json_int_t)state.lost, "state",
			 state.error == 0 ? "in order" : strerror(state.error));
}

/* Key exchanges by TCP; null: none are taken. */
static json_t *door_json(const struct gateway *gateway)
{
	struct door_counters counters;

	if (!gateway_door_state(gateway, &counters))
		return json_null();
	return json_pack("{s:i,s:I,s:I,s:I,s:I,s:I}", "open", (int)counters.open, "opened",
			 (json_int_t)counters.opened, "refused", (json_int_t)counters.refused,
			 "pushed", (json_int_t)counters.pushed, "late", (json_int_t)counters.late,
			 "bad", (json_int_t)counters.bad);
}

void ctl_show_status(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	const struct control_config *config = gateway_config(gateway);
	struct registrar *registrar = gateway_registrar(gateway);
	json_t *domains = json_array(), *status;
	struct keeper_state store;

	(void)request;
	keeper_state_get(gateway_keeper(gateway), &store);
	for (unsigned i = 0; i < config->domain_count; i++)
		json_array_append_new(domains, json_string(config->domain[i]));
	status = json_pack(
		"{s:i,s:o,s:b,s:I,s:I,s:s,s:o,s:o}", "gateway_id", (int)config->gateway_id, "domains",
		domains, "dataplane", contract_client_is_up(gateway_contract(gateway)), "sas",
		(json_int_t)(registrar != NULL ? registrar_sa_count(registrar) : 0), "bindings",
		(json_int_t)(registrar != NULL ? registrar_binding_count(registrar) : 0), "store",
		!store.is_good	? store.sentence
		: store.is_slow ? "the data base is slow"
				: "the data base is in order",
		"cdr",
		cdr_json(gateway), "tcp", door_json(gateway));
	if (config->has_statics)
		json_object_set_new(status, "warning",
				    json_sprintf("UNSAFE STATIC KEYS: %u terminals of a load test "
						 "are served, %s",
						 config->statics.count,
						 config->statics.is_secure
							 ? "whose keys stand in a file"
							 : "which speak in the clear"));
	ctl_reply_result(reply, status);
}

void ctl_show_store(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	const struct control_config *config = gateway_config(gateway);
	struct keeper_state store;

	(void)request;
	keeper_state_get(gateway_keeper(gateway), &store);
	ctl_reply_result(reply,
			 json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:s}", "kind",
				   config->store_postgres[0] != '\0' ? "postgres" : "sqlite",
				   "state", !store.is_good ? "failed" : store.is_slow ? "slow" : "good",
				   "since_s", (json_int_t)store.since_s, "subscribers",
				   (json_int_t)gateway_subscriber_count(gateway), "waiting",
				   (json_int_t)store.waiting, "done", (json_int_t)store.done,
				   "failed", (json_int_t)store.failed, "under_way_ms",
				   (json_int_t)store.under_way_ms, "longest_ms",
				   (json_int_t)store.longest_ms, "last_failure", store.sentence));
}
