/* What the control plane itself knows: `show registrations`, `peers`, `status` and `store`. */
#include <string.h>

#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/gathering.h"
#include "controlplane/ctl/show_values.h"
#include "controlplane/peers/peers.h"

static void registration_row(void *ctx, const struct registrar_row *row)
{
	json_t *json = json_object();

	json_object_set_new(json, "identity", show_text(row->identity));
	json_object_set_new(json, "subscriber", show_text(row->subscriber));
	json_object_set_new(json, "contact", show_text(row->contact));
	json_object_set_new(json, "instance", show_text(row->instance));
	json_object_set_new(json, "binding", json_integer(row->binding_index));
	json_object_set_new(json, "generation", json_integer(row->binding_generation));
	json_object_set_new(json, "primary", json_boolean(row->is_primary));
	json_object_set_new(json, "sa", json_integer(row->sa != NULL ? row->sa->index : 0));
	json_object_set_new(json, "level", json_integer(row->sa != NULL ? row->sa->level : 0));
	json_object_set_new(json, "address",
			    row->sa != NULL ? show_address(&row->sa->inner_remote) : json_null());
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
		reply_no_data_plane(gateway, reply);
		return;
	}
	if (gateway_is_restoring(gateway))
		ctl_reply_note(reply,
			       "not all of them may be here yet: the control plane was started "
			       "anew, and the data plane is telling it who is registered");
	list = json_array();
	registrar_each(registrar, registration_row, list);
	ctl_reply_result(reply, list);
}

void ctl_show_peers(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct peers *peers = gateway_peers(gateway);

	(void)request;
	if (peers == NULL)
		reply_no_data_plane(gateway, reply);
	else
		ctl_reply_result(reply, peers_show(peers));
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
		"{s:i,s:o,s:b,s:b,s:I,s:I,s:s,s:o,s:o}", "gateway_id", (int)config->gateway_id,
		"domains", domains, "dataplane", contract_client_is_up(gateway_contract(gateway)),
		"restoring", gateway_is_restoring(gateway), "sas",
		(json_int_t)(registrar != NULL ? registrar_sa_count(registrar) : 0), "bindings",
		(json_int_t)(registrar != NULL ? registrar_binding_count(registrar) : 0), "store",
		!store.is_good	? store.sentence
		: store.is_slow ? "the data base is slow"
				: "the data base is in order",
		"cdr", cdr_json(gateway), "tcp", door_json(gateway));
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
