/* controlplane/ctl/show_workers.c */
#include "tests/unit/controlplane/ctl/asked.h"

static void gauge_put(struct asked *a, const char *name, uint32_t worker, uint64_t value)
{
	struct contract_counter *counter = &a->g->gauges[a->g->gauge_count++];

	*counter = (struct contract_counter){
		.value = value, .kind = CONTRACT_COUNTER_GAUGE, .worker = worker};
	strcpy(counter->name, name);
}

static void each_worker_says_how_busy_it_is(void **state)
{
	struct asked *a = *state;

	gatewayed_serve(a->g);
	gauge_put(a, "busy_cycles", 0, 600);
	gauge_put(a, "all_cycles", 0, 1000);
	gauge_put(a, "frames_taken", 0, 2);
	gauge_put(a, "sk_handoff", 0, 5);
	gauge_put(a, "sk_handoff_in", 1, 4);
	gauge_put(a, "busy_cycles", 1, 0);
	gauge_put(a, "cycles_per_second", 2, 2600);
	gauge_put(a, "all_cycles", 64, 1); /* no worker has such a number */
	ask_result(
		a, "{\"command\":\"show workers\"}",
		"[{\"all_cycles\":1000,\"busy_cycles\":600,\"busy_percent\":60,"
		"\"cycles_per_frame\":300,\"cycles_per_second\":2600,\"frames\":2,\"handed_over\":"
		"5,"
		"\"taken_over\":0,\"worker\":0},"
		"{\"all_cycles\":0,\"busy_cycles\":0,\"busy_percent\":0,"
		"\"cycles_per_frame\":0,\"cycles_per_second\":2600,\"frames\":0,\"handed_over\":0,"
		"\"taken_over\":4,\"worker\":1}]");
}

static void without_a_data_plane_there_are_no_workers_to_show(void **state)
{
	struct asked *a = *state;

	plane_die(&a->g->plane);
	ask_in_vain(a, "{\"command\":\"show workers\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(each_worker_says_how_busy_it_is),
		ASKED_TEST(without_a_data_plane_there_are_no_workers_to_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
