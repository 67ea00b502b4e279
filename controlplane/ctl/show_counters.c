/* `show counters` and `show drops`: the data plane's figures. */
#include <string.h>

#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/gathering.h"
#include "shared/contract/drop_sentence.h"

static const char *kind_name(uint32_t kind)
{
	return kind == CONTRACT_COUNTER_NODE   ? "node"
	       : kind == CONTRACT_COUNTER_DROP ? "drop"
					       : "gauge";
}

static void counters_gather(void *arg, const struct contract_header *message)
{
	const struct contract_counters *counters = (const struct contract_counters *)message;
	json_t *list = arg;

	if (message->id != CONTRACT_COUNTERS)
		return;
	for (uint32_t i = 0; i < counters->count; i++) {
		const struct contract_counter *counter = &counters->counter[i];

		json_array_append_new(list, json_pack("{s:s,s:s,s:I,s:I}", "name", counter->name,
						      "kind", kind_name(counter->kind), "worker",
						      (json_int_t)counter->worker, "value",
						      (json_int_t)counter->value));
	}
}

static json_t *drop_find(json_t *list, const char *name)
{
	size_t index;
	json_t *drop;

	json_array_foreach(list, index, drop)
	{
		if (strcmp(json_string_value(json_object_get(drop, "reason")), name) == 0)
			return drop;
	}
	drop = json_pack("{s:s,s:i,s:s}", "reason", name, "count", 0, "sentence",
			 drop_sentence(name));
	json_array_append_new(list, drop);
	return drop;
}

/* Of all workers together. */
static void drops_gather(void *arg, const struct contract_header *message)
{
	const struct contract_counters *counters = (const struct contract_counters *)message;
	json_t *list = arg;

	if (message->id != CONTRACT_COUNTERS)
		return;
	for (uint32_t i = 0; i < counters->count; i++) {
		json_t *drop, *count;

		if (counters->counter[i].kind != CONTRACT_COUNTER_DROP)
			continue;
		drop = drop_find(list, counters->counter[i].name);
		count = json_object_get(drop, "count");
		json_integer_set(count, json_integer_value(count) +
						(json_int_t)counters->counter[i].value);
	}
}

static void counters_ask(struct gateway *gateway, contract_record *take, struct ctl_reply *reply)
{
	struct contract_header header;

	contract_header_set(&header, CONTRACT_COUNTERS_GET, sizeof(header), 0);
	gathering_begin(gateway, &header, take, reply);
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
