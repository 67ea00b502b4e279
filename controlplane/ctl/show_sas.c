/* `show sas`: every SA of the data plane, without its keys. */
#include <string.h>

#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/gathering.h"
#include "controlplane/ctl/show_values.h"
#include "shared/keyexchange/suites.h"

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
	json_t *list = arg, *json;

	if (message->id != CONTRACT_SA_RECORD)
		return;
	json = json_object();
	json_object_set_new(json, "index", json_integer(sa->index));
	json_object_set_new(json, "generation", json_integer(sa->generation));
	json_object_set_new(
		json, "owner",
		json_string(sa->owner_kind == CONTRACT_OWNER_PEER ? "peer" : "terminal"));
	json_object_set_new(json, "who",
			    show_text(slice_make(sa->subscriber, strlen(sa->subscriber))));
	json_object_set_new(json, "in", json_boolean((sa->directions & CONTRACT_SA_IN) != 0));
	json_object_set_new(json, "out", json_boolean((sa->directions & CONTRACT_SA_OUT) != 0));
	json_object_set_new(json, "spi_in",
			    spi_json((uint32_t)sa->generation << LIMIT_SA_INDEX_BITS | sa->index));
	json_object_set_new(json, "spi_out", spi_json(sa->spi_out));
	json_object_set_new(json, "suite", suite != NULL ? show_text(suite->name) : json_null());
	json_object_set_new(json, "mode", json_string(mode_name(sa->mode)));
	json_object_set_new(json, "level", json_integer(sa->level));
	json_object_set_new(json, "worker", json_integer(sa->worker));
	json_object_set_new(json, "inner", show_address(&sa->inner_remote));
	json_object_set_new(json, "outer", show_address(&sa->outer_remote));
	json_object_set_new(json, "path_bytes", json_integer(sa->path_bytes));
	json_object_set_new(json, "binding", json_integer(sa->owner_index));
	json_object_set_new(json, "packets_in", json_integer((json_int_t)record->packets_in));
	json_object_set_new(json, "bytes_in", json_integer((json_int_t)record->bytes_in));
	json_object_set_new(json, "packets_out", json_integer((json_int_t)record->packets_out));
	json_object_set_new(json, "bytes_out", json_integer((json_int_t)record->bytes_out));
	json_object_set_new(json, "last_in_s", json_integer((json_int_t)record->last_in_s));
	json_object_set_new(json, "expires_s", json_integer((json_int_t)sa->hard_expiry_s));
	json_array_append_new(list, json);
}

void ctl_show_sas(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct contract_dump dump = {.kind = CONTRACT_DUMP_SAS};

	(void)request;
	contract_header_set(&dump.header, CONTRACT_DUMP, sizeof(dump), 0);
	gathering_begin(gateway, &dump.header, sa_gather, reply);
}
