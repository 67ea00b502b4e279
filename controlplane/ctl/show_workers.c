/* `show workers`: how much of its time each worker has something to do, and what a frame takes. */
#include <stdlib.h>
#include <string.h>

#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/gathering.h"

/* As many as the data plane may have. */
#define WORKERS_MAX 64

struct worker_row {
	uint64_t busy_cycles, all_cycles, frames_taken;
	uint64_t handed_over, taken_over; /* to and from the workers that own the SA */
};

struct gathering {
	struct gateway *gateway;
	struct ctl_reply *reply;
	uint32_t count;
	uint64_t cycles_per_second;
	struct worker_row rows[WORKERS_MAX];
};

static void counter_take(struct gathering *gathering, const struct contract_counter *counter)
{
	struct worker_row *row;

	if (strcmp(counter->name, "cycles_per_second") == 0)
		gathering->cycles_per_second = counter->value;
	if (counter->worker >= WORKERS_MAX)
		return;
	row = &gathering->rows[counter->worker];
	if (strcmp(counter->name, "busy_cycles") == 0)
		row->busy_cycles = counter->value;
	else if (strcmp(counter->name, "all_cycles") == 0)
		row->all_cycles = counter->value;
	else if (strcmp(counter->name, "frames_taken") == 0)
		row->frames_taken = counter->value;
	else if (strcmp(counter->name, "sk_handoff") == 0)
		row->handed_over = counter->value;
	else if (strcmp(counter->name, "sk_handoff_in") == 0)
		row->taken_over = counter->value;
	else
		return;
	if (counter->worker >= gathering->count)
		gathering->count = counter->worker + 1;
}

static void gather(void *arg, const struct contract_header *message)
{
	const struct contract_counters *counters = (const struct contract_counters *)message;
	struct gathering *gathering = arg;

	if (message->id != CONTRACT_COUNTERS)
		return;
	for (uint32_t i = 0; i < counters->count; i++)
		if (counters->counter[i].kind != CONTRACT_COUNTER_DROP)
			counter_take(gathering, &counters->counter[i]);
}

static json_t *row_json(const struct gathering *gathering, uint32_t worker)
{
	const struct worker_row *row = &gathering->rows[worker];
	double all = row->all_cycles ? (double)row->all_cycles : 1;
	uint64_t frames = row->frames_taken ? row->frames_taken : 1;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "worker",
			 (json_int_t)worker, "frames", (json_int_t)row->frames_taken, "handed_over",
			 (json_int_t)row->handed_over, "taken_over", (json_int_t)row->taken_over,
			 "busy_cycles", (json_int_t)row->busy_cycles, "all_cycles",
			 (json_int_t)row->all_cycles, "cycles_per_second",
			 (json_int_t)gathering->cycles_per_second, "busy_percent",
			 (json_int_t)(100 * (double)row->busy_cycles / all), "cycles_per_frame",
			 (json_int_t)(row->busy_cycles / frames));
}

static void gathered(void *arg, enum result result)
{
	struct gathering *gathering = arg;

	if (result == RESULT_OK) {
		json_t *list = json_array();

		for (uint32_t i = 0; i < gathering->count; i++)
			json_array_append_new(list, row_json(gathering, i));
		ctl_reply_result(gathering->reply, list);
	} else {
		reply_no_data_plane(gathering->gateway, gathering->reply);
	}
	free(gathering);
}

void ctl_show_workers(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct gathering *gathering = calloc(1, sizeof(*gathering));
	struct contract_header header;

	(void)request;
	if (gathering == NULL) {
		ctl_reply_error(reply, "there is no memory");
		return;
	}
	gathering->gateway = gateway;
	gathering->reply = reply;
	contract_header_set(&header, CONTRACT_COUNTERS_GET, sizeof(header), 0);
	contract_client_ask(gateway_contract(gateway), &header, gather, gathered, gathering);
}
