/*
 * The whole way of a message in process, from encrypted frame to encrypted frame, cycles by node,
 * beside the crypto floor (IPsec-MB alone on the same keys and lengths) of the same run.
 *
 *     bench_pipeline [--terminals N] [--size B] [--family 4|6] [--suite 1..7] [--rounds R]
 *                    [--huge] [--json]
 *
 * Under scripts/hugepages, where the machine gave what was asked for, --huge is the default.
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
#include "bench/pipeline/dialog.h"
#include "bench/pipeline/samples.h"
#include "bench/pipeline/wire.h"

#define ROUND_FRAMES 2048 /* pre-built, then walked through in bursts */
#define ROUNDS_MAX   1000
#define WARM_ROUNDS  3
#define DIALOGS_MAX  262144
#define NODES_MAX    32

/* What nine bursts in ten exceed: how it is while the others on the machine leave us alone. */
#define QUIET_PERCENT 10

struct job {
	uint32_t dialog;
	enum dialog_message message;
	size_t length;	     /* of the frame given */
	size_t taken_length; /* of the frame that came out, 0: none did */
	uint8_t frame[WIRE_FRAME_BYTES];
	uint8_t taken[WIRE_FRAME_BYTES];
};

struct bench {
	struct bench_gateway_config config;
	uint32_t bytes, rounds, dialog_count;
	bool is_json;
	struct bench_gateway *gateway;
	struct wire *wire;
	struct dialog *dialogs;
	uint64_t *number; /* last one sent, by terminal */
	uint64_t *heard;  /* highest one received, by terminal */
	struct job *jobs;
	uint32_t seed;
	/* Cycles a message, one figure a burst. */
	struct samples walk[DIALOG_MESSAGES], floor, node[NODES_MAX][DIALOG_MESSAGES];
	const char *node_name[NODES_MAX];
	uint64_t verified;
};

static void must(bool is_done, const char *what)
{
	if (is_done)
		return;
	fprintf(stderr, "bench_pipeline: %s\n", what);
	exit(1);
}

/* xorshift32: whose turn it is must not be guessable for the prefetcher. */
static uint32_t any(struct bench *bench, uint32_t below)
{
	uint32_t x = bench->seed;

	x ^= x << 13, x ^= x >> 17, x ^= x << 5;
	bench->seed = x;
	return x % below;
}

static void job_make(struct bench *bench, struct job *job, uint32_t number,
		     enum dialog_message message)
{
	struct dialog *dialog = &bench->dialogs[number];
	uint32_t sender = dialog_sender(dialog, message);

	job->dialog = number;
	job->message = message;
	job->length =
		wire_seal(bench->wire, sender, ++bench->number[sender],
			  slice_make(dialog->text[message], dialog->length[message]), job->frame);
	must(job->length > 0, "a message does not fit a frame");
}

/* What came out is opened, compared with what the job must become, and passed to `use`. */
static void output_check(struct bench *bench, struct job *job,
			 void (*use)(struct bench *, const struct job *, struct slice))
{
	const struct dialog *dialog = &bench->dialogs[job->dialog];
	const char *complaint;
	uint32_t terminal;
	uint64_t number;
	struct slice text;

	if (!job->taken_length)
		bench_gateway_drops(bench->gateway);
	must(job->taken_length != 0, "a message did not come out");
	must(wire_open(bench->wire, job->taken, job->taken_length, &terminal, &number, &text),
	     "what came out does not open");
	must(terminal == dialog_receiver(dialog, job->message), "it went to another terminal");
	must(number > bench->heard[terminal], "a sequence number came twice");
	bench->heard[terminal] = number;
	complaint = dialog_complaint(dialog, job->message, bench->config.family, text);
	if (complaint)
		fprintf(stderr, "sent:\n%.*s\nreceived:\n%.*s\n", dialog->length[job->message],
			dialog->text[job->message], (int)text.len, text.at);
	must(!complaint, complaint);
	bench->verified++;
	if (use)
		use(bench, job, text);
}

/* What came out next, its fragments put together, kept for output_check(): its cost must not stand
 * between two walks. */
static void output_take(struct bench *bench, struct job *job)
{
	bool has_more = true;

	job->taken_length = 0;
	while (has_more) {
		struct rte_mbuf *mbuf = bench_gateway_take(bench->gateway);

		if (!mbuf)
			must(job->taken_length == 0, "a last fragment did not come out");
		if (!mbuf)
			return;
		must(wire_join(bench->wire, rte_pktmbuf_mtod(mbuf, uint8_t *),
			       rte_pktmbuf_data_len(mbuf), job->taken, &job->taken_length,
			       &has_more),
		     "a fragment does not fit what came before");
		rte_pktmbuf_free(mbuf);
	}
}

/* One burst through the graph; everything that must come out has. */
static uint64_t burst_run(struct bench *bench, struct job *jobs, unsigned count)
{
	uint64_t cycles;

	for (unsigned i = 0; i < count; i++)
		bench_gateway_give(bench->gateway, jobs[i].frame, (uint16_t)jobs[i].length);
	cycles = bench_gateway_walk(bench->gateway);
	for (unsigned i = 0; i < count; i++)
		output_take(bench, &jobs[i]);
	must(bench_gateway_take(bench->gateway) == NULL, "more came out than went in");
	return cycles;
}

static void next_write(struct bench *bench, const struct job *job, struct slice out)
{
	struct dialog *dialog = &bench->dialogs[job->dialog];
	uint8_t family = bench->config.family;
	bool is_written = true;

	if (job->message == DIALOG_INVITE)
		is_written = dialog_write(dialog, DIALOG_OK, family, bench->bytes, out);
	if (job->message == DIALOG_OK)
		is_written = dialog_write(dialog, DIALOG_ACK, family, bench->bytes, out) &&
			     dialog_write(dialog, DIALOG_BYE, family, bench->bytes, out);
	must(is_written, "the next message of a dialog cannot be written");
}

/* Sends one kind of message of every dialog, so that the next kind can be written. */
static void everybody_sends(struct bench *bench, enum dialog_message message)
{
	for (uint32_t done = 0; done < bench->dialog_count;) {
		unsigned count = 0;

		for (; count < BENCH_BURST && done < bench->dialog_count; done++)
			job_make(bench, &bench->jobs[count++], done, message);
		burst_run(bench, bench->jobs, count);
		for (unsigned i = 0; i < count; i++)
			output_check(bench, &bench->jobs[i], next_write);
	}
}

static void dialogs_make(struct bench *bench)
{
	uint32_t half = bench->config.terminals / 2;

	bench->dialog_count = half < DIALOGS_MAX ? half : DIALOGS_MAX;
	bench->dialogs = calloc(bench->dialog_count, sizeof(*bench->dialogs));
	bench->number = calloc(bench->config.terminals + 1, sizeof(*bench->number));
	bench->heard = calloc(bench->config.terminals + 1, sizeof(*bench->heard));
	bench->jobs = calloc(ROUND_FRAMES, sizeof(*bench->jobs));
	must(bench->dialogs && bench->number && bench->heard && bench->jobs, "out of memory");
	for (uint32_t i = 0; i < bench->dialog_count; i++) {
		struct dialog *dialog = &bench->dialogs[i];

		/* Spread over all terminals, each in one dialog. */
		dialog->caller = 1 + i * (uint32_t)(half / bench->dialog_count);
		dialog->callee = half + dialog->caller;
		must(dialog_write(dialog, DIALOG_INVITE, bench->config.family, bench->bytes,
				  slice_make("", 0)) &&
			     dialog_write(dialog, DIALOG_MESSAGE, bench->config.family,
					  bench->bytes, slice_make("", 0)),
		     "a message is longer than it may be");
	}
	everybody_sends(bench, DIALOG_INVITE);
	everybody_sends(bench, DIALOG_OK);
}

/* The floor, burst by burst: the ciphertexts stand where they are as near as the port's would. */
static void floor_run(struct bench *bench)
{
	static _Alignas(64) uint8_t near[BENCH_BURST][WIRE_FRAME_BYTES];

	for (unsigned at = 0; at < ROUND_FRAMES; at += BENCH_BURST) {
		uint32_t from[BENCH_BURST], to[BENCH_BURST];
		uint16_t length[BENCH_BURST];
		uint8_t *esp[BENCH_BURST];

		for (unsigned i = 0; i < BENCH_BURST; i++) {
			struct job *job = &bench->jobs[at + i];
			const struct dialog *dialog = &bench->dialogs[job->dialog];

			from[i] = dialog_sender(dialog, job->message);
			to[i] = dialog_receiver(dialog, job->message);
			memcpy(near[i], job->frame, job->length);
			esp[i] = near[i] + wire_esp_offset(bench->wire);
			length[i] = (uint16_t)wire_cipher_length(bench->wire, job->length);
		}
		must(samples_add(&bench->floor, bench_gateway_floor(bench->gateway, from, to, esp,
								    length, BENCH_BURST) /
							BENCH_BURST),
		     "out of memory");
	}
}

/* What one burst of a kind cost, all in all and in each node. */
static void burst_note(struct bench *bench, enum dialog_message kind, uint64_t cycles)
{
	struct bench_node node[NODES_MAX];
	unsigned nodes = bench_gateway_nodes(bench->gateway, node, NODES_MAX);
	bool is_noted = samples_add(&bench->walk[kind], cycles / BENCH_BURST);

	for (unsigned i = 0; i < nodes; i++) {
		bench->node_name[i] = node[i].name;
		if (node[i].packets)
			is_noted &= samples_add(&bench->node[i][kind],
						node[i].cycles / node[i].packets);
	}
	must(is_noted, "out of memory");
}

/* The mix: equal parts of every kind, in an order nobody can foresee; one kind a burst, so that
 * each has its figure too. */
static void round_run(struct bench *bench, bool is_noted)
{
	enum dialog_message kind[ROUND_FRAMES / BENCH_BURST];

	for (unsigned i = 0; i < ROUND_FRAMES; i++) {
		if (i % BENCH_BURST == 0)
			kind[i / BENCH_BURST] = (enum dialog_message)any(bench, DIALOG_MESSAGES);
		job_make(bench, &bench->jobs[i], any(bench, bench->dialog_count),
			 kind[i / BENCH_BURST]);
	}
	for (unsigned i = 0; i < ROUND_FRAMES / BENCH_BURST; i++) {
		uint64_t cycles;

		bench_gateway_nodes_reset(bench->gateway);
		cycles = burst_run(bench, &bench->jobs[i * BENCH_BURST], BENCH_BURST);
		if (is_noted)
			burst_note(bench, kind[i], cycles);
	}
	for (unsigned i = 0; i < ROUND_FRAMES; i++)
		output_check(bench, &bench->jobs[i], NULL);
	if (is_noted)
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

/* The figures at one quantile: cycles, floor, their ratio. */
static json_t *figures(struct bench *bench, unsigned percent)
{
	uint32_t cycles = kinds_mean(bench->walk, percent);
	uint32_t least = samples_quantile(&bench->floor, percent);

	return json_pack("{s:i, s:i, s:f, s:i, s:o, s:o}", "cycles_per_message", (int)cycles,
			 "crypto_floor_cycles", (int)least, "ratio",
			 (double)cycles / (double)(least ? least : 1), "messages_per_second",
			 (int)(rte_get_tsc_hz() / (cycles ? cycles : 1)), "messages",
			 kinds_report(bench->walk, percent), "nodes", nodes_report(bench, percent));
}

static json_t *report_make(struct bench *bench)
{
	json_t *report = figures(bench, 50);

	json_object_set_new(report, "terminals", json_integer(bench->config.terminals));
	json_object_set_new(report, "message_bytes", json_integer(bench->bytes));
	json_object_set_new(report, "family", json_integer(bench->config.family));
	json_object_set_new(report, "suite", json_integer(bench->config.suite));
	json_object_set_new(report, "hugepages", json_boolean(bench->config.is_huge));
	json_object_set_new(report, "tsc_hz", json_integer((json_int_t)rte_get_tsc_hz()));
	json_object_set_new(report, "bytes_per_terminal",
			    json_integer(bench_gateway_bytes_per_terminal(bench->gateway)));
	json_object_set_new(report, "memory_bytes",
			    json_integer((json_int_t)bench_gateway_memory_bytes()));
	json_object_set_new(report, "mbufs_in_use",
			    json_integer(bench_gateway_mbufs_in_use(bench->gateway)));
	json_object_set_new(report, "messages_verified", json_integer((json_int_t)bench->verified));
	json_object_set_new(report, "quiet", figures(bench, QUIET_PERCENT));
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

	printf("\n%s: %" JSON_INTEGER_FORMAT " cycles a message, floor %" JSON_INTEGER_FORMAT
	       ", ratio %.2f, %" JSON_INTEGER_FORMAT " messages a second\n  %-16s",
	       what, json_integer_value(json_object_get(of, "cycles_per_message")),
	       json_integer_value(json_object_get(of, "crypto_floor_cycles")),
	       json_real_value(json_object_get(of, "ratio")),
	       json_integer_value(json_object_get(of, "messages_per_second")), "");
	for (int i = 0; i < DIALOG_MESSAGES; i++)
		printf("%9s", dialog_message_name[i]);
	printf("%9s\n", "mean");
	json_object_foreach(json_object_get(of, "nodes"), name, node)
		row_print(name, node, "cycles");
	json_object_set(messages, "mean", json_object_get(of, "cycles_per_message"));
	row_print("all", messages, "mean");
}

static void report_print(json_t *report)
{
	const char *name;
	json_t *value;

	json_object_foreach(report, name, value)
	{
		if (json_is_integer(value) || json_is_boolean(value))
			printf("%-22s %12" JSON_INTEGER_FORMAT "\n", name,
			       json_is_boolean(value) ? json_is_true(value)
						      : json_integer_value(value));
	}
	table_print(report, "median");
	table_print(json_object_get(report, "quiet"), "quiet");
}

static uint32_t number(const char *text, uint32_t least, uint32_t most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	must(*text && !*end && value >= least && value <= most, "a number is out of range");
	return (uint32_t)value;
}

static void arguments(struct bench *bench, int argc, char **argv)
{
	static const struct option options[] = {
		{"terminals", 1, NULL, 't'}, {"size", 1, NULL, 's'},   {"family", 1, NULL, 'f'},
		{"suite", 1, NULL, 'u'},     {"rounds", 1, NULL, 'r'}, {"huge", 0, NULL, 'h'},
		{"json", 0, NULL, 'j'},	     {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 't':
			bench->config.terminals = number(optarg, 2, 4000000);
			break;
		case 's':
			bench->bytes = number(optarg, 1, 1400);
			break;
		case 'f':
			bench->config.family = (uint8_t)number(optarg, 4, 6);
			break;
		case 'u':
			bench->config.suite = (uint8_t)number(
				optarg, 1, CONTRACT_SUITE_NULL_AES_128_GMAC_16);
			break;
		case 'r':
			bench->rounds = number(optarg, 1, ROUNDS_MAX);
			break;
		case 'h':
			bench->config.is_huge = true;
			break;
		case 'j':
			bench->is_json = true;
			break;
		default:
			must(false, "usage: [--terminals N] [--size B] [--family 4|6] [--suite "
				    "1..7] [--rounds R] [--huge] [--json]");
		}
	}
	must(bench->config.family != 5, "the family is 4 or 6");
}

static void bench_end(struct bench *bench)
{
	for (uint32_t i = 0; i < bench->dialog_count; i++)
		dialog_free(&bench->dialogs[i]);
	free(bench->dialogs);
	free(bench->number);
	free(bench->heard);
	free(bench->jobs);
	samples_free(&bench->floor);
	for (int i = 0; i < DIALOG_MESSAGES; i++) {
		samples_free(&bench->walk[i]);
		for (unsigned j = 0; j < NODES_MAX; j++)
			samples_free(&bench->node[j][i]);
	}
	wire_destroy(bench->wire);
	bench_gateway_destroy(bench->gateway);
}

int main(int argc, char **argv)
{
	static struct bench bench = {
		.config = {.terminals = 4096, .family = 6, .suite = CONTRACT_SUITE_AES_128_GCM_16},
		.bytes = 700,
		.rounds = 40,
		.seed = 2463534242u,
	};

	const char *hugepages = getenv("SEKISHO_HUGEPAGES");

	bench.config.is_huge = hugepages && strcmp(hugepages, "yes") == 0;
	arguments(&bench, argc, argv);
	bench.gateway = bench_gateway_create(&bench.config);
	bench.wire = wire_create(bench.config.family, bench.config.suite);
	must(bench.wire != NULL, "OpenSSL refuses the cipher");
	dialogs_make(&bench);
	for (uint32_t i = 0; i < WARM_ROUNDS; i++)
		round_run(&bench, false);
	for (uint32_t i = 0; i < bench.rounds; i++)
		round_run(&bench, true);
	json_t *report = report_make(&bench);

	must(bench_gateway_drops(bench.gateway) == 0, "something was dropped");
	must(bench_gateway_mbufs_in_use(bench.gateway) == 0, "a buffer was not given back");
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
