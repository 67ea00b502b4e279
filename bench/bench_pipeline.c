/*
 * The whole way of a message in process, from encrypted frame to encrypted frame, cycles by node,
 * beside the crypto floor (IPsec-MB alone on the same keys and lengths) of the same run.
 *
 *     bench_pipeline [--terminals N] [--size B] [--family 4|6] [--suite 1..7] [--rounds R]
 *                    [--workers W] [--rules N] [--path-mtu B] [--huge] [--esp-only | --clear]
 *                    [--json]
 *
 * --terminals 1: it calls itself; all others call one another by twos.
 * --rules N: so many rules with patterns stand in the policy, beside the one that admits everybody.
 * --path-mtu B: what the paths to the terminals have proved to carry; 1280 if nothing is known.
 *
 * Under scripts/hugepages, where the machine gave what was asked for, --huge is the default.
 *
 * With --esp-only nothing between esp_open and esp_seal: ESP forwarding by the same graph.
 *
 * With --clear all terminals are registered without IPsec: the same messages in UDP alone, and
 * there is no floor.
 *
 * With --workers 2 (or more) it is the rate by the clock of one worker and of all of them side by
 * side, with and without packets that have to be handed to the worker that owns their SA.
 *
 * Figures are medians over bursts, and beside them what the quietest tenth of the bursts came to.
 * Every frame is fresh (made with OpenSSL before its round, sent once) and every frame that comes
 * out is opened with OpenSSL and compared with what it must be; one that is not ends the run.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <rte_cycles.h>

#include "bench/pipeline/bench_gateway.h"
#include "bench/pipeline/must.h"
#include "bench/pipeline/race.h"
#include "bench/pipeline/samples.h"
#include "bench/pipeline/traffic.h"
#include "shared/contract/contract.h"

#define ROUNDS_MAX  1000
#define WARM_ROUNDS 3
#define NODES_MAX   32

/* What nine bursts in ten exceed: how it is while the others on the machine leave us alone. */
#define QUIET_PERCENT 10

struct bench {
	struct traffic traffic;
	uint32_t rounds;
	bool is_json;
	/* Cycles a message, one figure a burst. */
	struct samples walk[DIALOG_MESSAGES], floor, node[NODES_MAX][DIALOG_MESSAGES];
	const char *node_name[NODES_MAX];
	struct race_samples race; /* with several workers */
};

/* The floor, burst by burst: the ciphertexts stand where they are as near as the port's would. */
static void floor_run(struct bench *bench)
{
	static _Alignas(64) uint8_t near[BENCH_BURST][WIRE_FRAME_BYTES];

	for (unsigned at = 0; at < TRAFFIC_JOBS; at += BENCH_BURST) {
		uint32_t from[BENCH_BURST], to[BENCH_BURST];
		uint16_t length[BENCH_BURST];
		uint8_t *esp[BENCH_BURST];

		for (unsigned i = 0; i < BENCH_BURST; i++) {
			struct job *job = &bench->traffic.jobs[at + i];
			const struct dialog *dialog = &bench->traffic.dialogs[job->dialog];

			from[i] = dialog_sender(dialog, job->message);
			to[i] = dialog_receiver(dialog, job->message);
			memcpy(near[i], job->frame, job->length);
			esp[i] = near[i] + wire_esp_offset(bench->traffic.wire);
			length[i] = (uint16_t)wire_cipher_length(bench->traffic.wire, job->length);
		}
		bench_must(samples_add(&bench->floor,
				       bench_gateway_floor(bench->traffic.gateway, 0, from, to, esp,
							   length, BENCH_BURST) /
					       BENCH_BURST),
			   "out of memory");
	}
}

/* What one burst of a kind cost, all in all and in each node. */
static void burst_note(struct bench *bench, enum dialog_message kind, uint64_t cycles)
{
	struct bench_node node[NODES_MAX];
	unsigned nodes = bench_gateway_nodes(bench->traffic.gateway, node, NODES_MAX);
	bool is_noted = samples_add(&bench->walk[kind], cycles / BENCH_BURST);

	for (unsigned i = 0; i < nodes; i++) {
		bench->node_name[i] = node[i].name;
		if (node[i].packets)
			is_noted &= samples_add(&bench->node[i][kind],
						node[i].cycles / node[i].packets);
	}
	bench_must(is_noted, "out of memory");
}

/* The mix: equal parts of every kind, in an order nobody can foresee; one kind a burst, so that
 * each has its figure too. */
static void round_run(struct bench *bench, bool is_noted)
{
	enum dialog_message kind[TRAFFIC_JOBS / BENCH_BURST];

	for (unsigned i = 0; i < TRAFFIC_JOBS; i++) {
		if (i % BENCH_BURST == 0)
			kind[i / BENCH_BURST] = traffic_message_any(&bench->traffic);
		traffic_job_make(&bench->traffic, &bench->traffic.jobs[i],
				 traffic_any(&bench->traffic, bench->traffic.dialog_count),
				 kind[i / BENCH_BURST]);
	}
	for (unsigned i = 0; i < TRAFFIC_JOBS / BENCH_BURST; i++) {
		uint64_t cycles;

		bench_gateway_nodes_reset(bench->traffic.gateway);
		cycles = traffic_burst_run(&bench->traffic, &bench->traffic.jobs[i * BENCH_BURST],
					   BENCH_BURST);
		if (is_noted)
			burst_note(bench, kind[i], cycles);
	}
	for (unsigned i = 0; i < TRAFFIC_JOBS; i++)
		traffic_check(&bench->traffic, &bench->traffic.jobs[i]);
	if (is_noted && !bench->traffic.config.is_clear)
		floor_run(bench);
}

/* Mean over the kinds that there are figures of. */
static uint32_t kinds_mean(struct samples of[DIALOG_MESSAGES], unsigned percent)
{
	uint64_t sum = 0;
	unsigned kinds = 0;

	for (int i = 0; i < DIALOG_MESSAGES; i++) {
		if (of[i].count == 0)
			continue;
		sum += samples_quantile(&of[i], percent);
		kinds++;
	}
	return kinds ? (uint32_t)(sum / kinds) : 0;
}

static json_t *kinds_report(struct samples of[DIALOG_MESSAGES], unsigned percent)
{
	json_t *report = json_object();

	for (int i = 0; i < DIALOG_MESSAGES; i++)
		if (of[i].count > 0)
			json_object_set_new(report, dialog_message_name[i],
					    json_integer(samples_quantile(&of[i], percent)));
	return report;
}

static json_t *nodes_report(struct bench *bench, unsigned percent)
{
	json_t *report = json_object();

	for (unsigned i = 0; i < NODES_MAX && bench->node_name[i]; i++) {
		json_t *node = kinds_report(bench->node[i], percent);

		if (json_object_size(node) == 0) {
			json_decref(node);
			continue;
		}
		json_object_set_new(node, "cycles",
				    json_integer(kinds_mean(bench->node[i], percent)));
		json_object_set_new(report, bench->node_name[i], node);
	}
	return report;
}

/* The figures at one quantile: cycles; floor and their ratio where there is cryptography. */
static json_t *figures(struct bench *bench, unsigned percent)
{
	uint32_t cycles = kinds_mean(bench->walk, percent);
	uint32_t least = samples_quantile(&bench->floor, percent);
	json_t *report = json_pack("{s:i, s:i, s:o, s:o}", "cycles_per_message", (int)cycles,
				   "messages_per_second",
				   (int)(rte_get_tsc_hz() / (cycles ? cycles : 1)), "messages",
				   kinds_report(bench->walk, percent), "nodes",
				   nodes_report(bench, percent));

	if (bench->floor.count == 0)
		return report;
	json_object_set_new(report, "crypto_floor_cycles", json_integer(least));
	json_object_set_new(report, "ratio",
			    json_real((double)cycles / (double)(least ? least : 1)));
	return report;
}

/* What was run, and what of it is the same whatever was measured. */
static void setting_report(struct bench *bench, json_t *report)
{
	const struct bench_gateway_config *config = &bench->traffic.config;

	json_object_set_new(report, "terminals", json_integer(config->terminals));
	json_object_set_new(report, "message_bytes", json_integer(bench->traffic.bytes));
	json_object_set_new(report, "family", json_integer(config->family));
	json_object_set_new(report, "suite", json_integer(config->suite));
	json_object_set_new(report, "workers", json_integer(config->workers));
	json_object_set_new(report, "pattern_rules", json_integer(config->rules));
	json_object_set_new(report, "path_mtu", json_integer(config->path_mtu));
	json_object_set_new(report, "hugepages", json_boolean(config->is_huge));
	json_object_set_new(report, "esp_only", json_boolean(config->is_esp_only));
	json_object_set_new(report, "clear", json_boolean(config->is_clear));
	json_object_set_new(report, "tsc_hz", json_integer((json_int_t)rte_get_tsc_hz()));
	json_object_set_new(report, "bytes_per_terminal",
			    json_integer(bench_gateway_bytes_per_terminal(bench->traffic.gateway)));
	json_object_set_new(report, "memory_bytes",
			    json_integer((json_int_t)bench_gateway_memory_bytes()));
	json_object_set_new(report, "mbufs_in_use",
			    json_integer(bench_gateway_mbufs_in_use(bench->traffic.gateway)));
	json_object_set_new(report, "messages_verified",
			    json_integer((json_int_t)bench->traffic.verified));
}

static json_t *report_make(struct bench *bench)
{
	json_t *report = figures(bench, 50);

	setting_report(bench, report);
	json_object_set_new(report, "quiet", figures(bench, QUIET_PERCENT));
	return report;
}

/* Messages a second at one quantile, and how much of the first worker's the others add, each. */
static json_t *rates_report(struct samples *one, struct samples *several, unsigned percent,
			    unsigned others)
{
	uint32_t first = samples_quantile(one, percent), all = samples_quantile(several, percent);

	return json_pack("{s:i, s:i, s:f}", "one_worker", (int)first, "all_workers", (int)all,
			 "each_other_adds",
			 ((double)all - first) / ((double)(first ? first : 1) * others));
}

static json_t *race_figures(struct bench *bench, unsigned percent)
{
	unsigned others = bench->traffic.config.workers - 1u;
	struct race_samples *race = &bench->race;

	return json_pack(
		"{s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "messages_per_second",
		(int)samples_quantile(&race->several.by_clock, percent), "by_clock",
		rates_report(&race->one.by_clock, &race->several.by_clock, percent, others),
		"by_clock_with_handoff",
		rates_report(&race->one.by_clock, &race->handoff.by_clock, percent, others),
		"by_processor_time",
		rates_report(&race->one.by_processor, &race->several.by_processor, percent, others),
		"by_processor_time_with_handoff",
		rates_report(&race->one.by_processor, &race->handoff.by_processor, percent,
			     others),
		"crypto_floor_by_clock",
		rates_report(&race->floor_one.by_clock, &race->floor_several.by_clock, percent,
			     others),
		"crypto_floor_by_processor_time",
		rates_report(&race->floor_one.by_processor, &race->floor_several.by_processor,
			     percent, others));
}

static json_t *race_report(struct bench *bench)
{
	json_t *report = race_figures(bench, 50);

	setting_report(bench, report);
	/* Rates, not costs: the quietest are the highest. */
	json_object_set_new(report, "quiet", race_figures(bench, 100 - QUIET_PERCENT));
	return report;
}

static void row_print(const char *name, const json_t *of, const char *total)
{
	printf("  %-16s", name);
	for (int i = 0; i < DIALOG_MESSAGES; i++) {
		const json_t *value = json_object_get(of, dialog_message_name[i]);

		if (value)
			printf("%9" JSON_INTEGER_FORMAT, json_integer_value(value));
		else
			printf("%9s", "-");
	}
	printf("%9" JSON_INTEGER_FORMAT "\n", json_integer_value(json_object_get(of, total)));
}

/* Cycles a message, in each node and by kind of message. */
static void table_print(json_t *of, const char *what)
{
	const char *name;
	json_t *node, *messages = json_object_get(of, "messages");

	printf("\n%s: %" JSON_INTEGER_FORMAT " cycles a message, ", what,
	       json_integer_value(json_object_get(of, "cycles_per_message")));
	if (json_object_get(of, "ratio"))
		printf("floor %" JSON_INTEGER_FORMAT ", ratio %.2f, ",
		       json_integer_value(json_object_get(of, "crypto_floor_cycles")),
		       json_real_value(json_object_get(of, "ratio")));
	printf("%" JSON_INTEGER_FORMAT " messages a second\n  %-16s",
	       json_integer_value(json_object_get(of, "messages_per_second")), "");
	for (int i = 0; i < DIALOG_MESSAGES; i++)
		printf("%9s", dialog_message_name[i]);
	printf("%9s\n", "mean");
	json_object_foreach(json_object_get(of, "nodes"), name, node)
		row_print(name, node, "cycles");
	json_object_set(messages, "mean", json_object_get(of, "cycles_per_message"));
	row_print("all", messages, "mean");
}

/* Figures of one kind, those within figures indented. */
static void figures_print(json_t *report, int indent)
{
	const char *name;
	json_t *value;

	json_object_foreach(report, name, value)
	{
		if (json_is_integer(value) || json_is_boolean(value))
			printf("%*s%-*s %12" JSON_INTEGER_FORMAT "\n", indent, "", 32 - indent,
			       name,
			       json_is_boolean(value) ? json_is_true(value)
						      : json_integer_value(value));
		else if (json_is_real(value) && indent > 0)
			printf("%*s%-*s %12.2f\n", indent, "", 32 - indent, name,
			       json_real_value(value));
	}
}

static void race_print(json_t *report)
{
	const char *name;
	json_t *value;

	json_object_foreach(report, name, value)
	{
		if (!json_is_object(value) || json_object_get(value, "by_clock"))
			continue;
		printf("%s\n", name);
		figures_print(value, 2);
	}
}

static void report_print(json_t *report)
{
	json_t *quiet = json_object_get(report, "quiet");

	figures_print(report, 0);
	if (json_object_get(report, "nodes")) {
		table_print(report, "median");
		table_print(quiet, "quiet");
		return;
	}
	printf("\nmedian, messages a second\n");
	race_print(report);
	printf("\nquiet, messages a second\n");
	race_print(quiet);
}

static uint32_t number(const char *text, uint32_t least, uint32_t most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	bench_must(*text && !*end && value >= least && value <= most, "a number is out of range");
	return (uint32_t)value;
}

static void arguments(struct bench *bench, int argc, char **argv)
{
	static const struct option options[] = {
		{"terminals", 1, NULL, 't'}, {"size", 1, NULL, 's'},	{"family", 1, NULL, 'f'},
		{"suite", 1, NULL, 'u'},     {"rounds", 1, NULL, 'r'},	{"huge", 0, NULL, 'h'},
		{"json", 0, NULL, 'j'},	     {"workers", 1, NULL, 'w'}, {"esp-only", 0, NULL, 'e'},
		{"rules", 1, NULL, 'n'},     {"path-mtu", 1, NULL, 'p'}, {"clear", 0, NULL, 'c'},
		{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 't':
			bench->traffic.config.terminals = number(optarg, 1, 4000000);
			break;
		case 's':
			bench->traffic.bytes = number(optarg, 1, 1400);
			break;
		case 'f':
			bench->traffic.config.family = (uint8_t)number(optarg, 4, 6);
			break;
		case 'u':
			bench->traffic.config.suite =
				(uint8_t)number(optarg, 1, CONTRACT_SUITE_NULL_AES_128_GMAC_16);
			break;
		case 'r':
			bench->rounds = number(optarg, 1, ROUNDS_MAX);
			break;
		case 'w':
			bench->traffic.config.workers =
				(uint8_t)number(optarg, 1, BENCH_WORKERS_MAX);
			break;
		case 'n':
			bench->traffic.config.rules = number(optarg, 0, 20000);
			break;
		case 'p':
			bench->traffic.config.path_mtu = (uint16_t)number(optarg, 1280, 1500);
			break;
		case 'h':
			bench->traffic.config.is_huge = true;
			break;
		case 'e':
			bench->traffic.config.is_esp_only = true;
			break;
		case 'c':
			bench->traffic.config.is_clear = true;
			break;
		case 'j':
			bench->is_json = true;
			break;
		default:
			bench_must(false,
				   "usage: [--terminals N] [--size B] [--family 4|6] [--suite "
				   "1..7] [--rounds R] [--workers W] [--rules N] [--path-mtu B] "
				   "[--huge] [--esp-only | --clear] [--json]");
		}
	}
	bench_must(bench->traffic.config.family != 5, "the family is 4 or 6");
	bench_must(bench->traffic.config.workers == 1 || !(bench->traffic.config.is_esp_only ||
							   bench->traffic.config.is_clear),
		   "ESP alone and the clear are measured with one worker");
	bench_must(!(bench->traffic.config.is_esp_only && bench->traffic.config.is_clear),
		   "there is no ESP in the clear");
	bench_must(bench->traffic.config.workers == 1 ||
			   bench->traffic.config.terminals >= RACE_TERMINALS,
		   "several workers need 4096 terminals");
}

static void bench_end(struct bench *bench)
{
	samples_free(&bench->floor);
	race_free(&bench->race);
	for (int i = 0; i < DIALOG_MESSAGES; i++) {
		samples_free(&bench->walk[i]);
		for (unsigned j = 0; j < NODES_MAX; j++)
			samples_free(&bench->node[j][i]);
	}
	traffic_end(&bench->traffic);
	bench_gateway_destroy(bench->traffic.gateway);
}

static void rounds_run(struct bench *bench)
{
	bool is_race = bench->traffic.config.workers > 1;
	struct race_samples warm = {0};

	for (uint32_t i = 0; i < WARM_ROUNDS + bench->rounds; i++) {
		if (is_race)
			race_round(&bench->traffic, i < WARM_ROUNDS ? &warm : &bench->race);
		else
			round_run(bench, i >= WARM_ROUNDS);
	}
	race_free(&warm);
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.traffic = {.config = {.terminals = 4096,
				       .family = 6,
				       .workers = 1,
				       .path_mtu = 1280,
				       .suite = CONTRACT_SUITE_AES_128_GCM_16},
			    .bytes = 700,
			    .seed = 2463534242u},
		.rounds = 40,
	};
	const char *hugepages = getenv("SEKISHO_HUGEPAGES");

	bench.traffic.config.is_huge = hugepages && strcmp(hugepages, "yes") == 0;
	arguments(&bench, argc, argv);
	bench.traffic.gateway = bench_gateway_create(&bench.traffic.config);
	traffic_begin(&bench.traffic);
	rounds_run(&bench);
	json_t *report =
		bench.traffic.config.workers > 1 ? race_report(&bench) : report_make(&bench);

	bench_must(bench_gateway_drops(bench.traffic.gateway) == 0, "something was dropped");
	bench_must(bench_gateway_mbufs_in_use(bench.traffic.gateway) == 0,
		   "a buffer was not given back");
	if (bench.is_json)
		json_dumpf(report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(4));
	else
		report_print(report);
	if (bench.is_json)
		printf("\n");
	json_decref(report);
	bench_end(&bench);
	return 0;
}
