/* sekisho-loadgen: thousands of simulated terminals against a gateway, see sekisho-loadgen(1). */
#include <errno.h>
#include <string.h>

#include "bench/loadgen/issuer.h"
#include "bench/loadgen/pcap.h"
#include "bench/loadgen/work.h"
#include "shared/keyexchange/random.h"

#define LINE_BYTES 1024

static int terminals_make(struct options *options)
{
	const struct random_source random = random_system();

	if (random_fill(&random, options->statics.secret.bytes, SECRET_BYTES) != RESULT_OK) {
		fputs("sekisho-loadgen: no random bytes\n", stderr);
		return 1;
	}
	if (static_terminals_write(options->terminals, &options->statics) != RESULT_OK) {
		fprintf(stderr, "sekisho-loadgen: %s: %s\n", options->terminals, strerror(errno));
		return 1;
	}
	return 0;
}

/* The frames of one job, for generators that only know to send a capture. */
static int pcap_make(const struct options *options, struct terminals *terminals)
{
	struct plan_config config = {
		.terminals = terminals,
		.link = &options->pcap_link,
		.number = 1,
		.rate = options->pcap_frames,
		.most_bytes = SIZE_MAX / 2,
		.is_clear = !terminals->statics.is_secure,
		.is_marked = options->proxy == CHECK_SEKISHO,
	};
	char complaint[160] = "a job cannot be made ready";
	struct plan *plan;
	struct job job;

	if (job_parse(options->job_count ? options->jobs[0] : "message", &job, complaint,
		      sizeof(complaint)) != RESULT_OK) {
		fprintf(stderr, "sekisho-loadgen: %s\n", complaint);
		return 1;
	}
	job.seconds = 1;
	job.warmup = 0;
	config.job = &job;
	if (plan_create(&config, &plan) != RESULT_OK) {
		fprintf(stderr, "sekisho-loadgen: %s\n", complaint);
		return 1;
	}
	enum result result = pcap_write(options->pcap, plan);

	if (result != RESULT_OK)
		fprintf(stderr, "sekisho-loadgen: %s: %s\n", options->pcap, strerror(errno));
	plan_destroy(plan);
	return result == RESULT_OK ? 0 : 1;
}

static bool jobs_do(struct work *work)
{
	const struct options *options = work->options;
	char line[LINE_BYTES];

	for (int i = 0; i < options->job_count; i++)
		if (!work_do(work, options->jobs[i]))
			return false;
	if (options->job_count > 0)
		return true;
	while (fgets(line, sizeof(line), stdin))
		if (line[strspn(line, " \t\r\n")] != '\0' && !work_do(work, line))
			return false;
	return true;
}

/* The exit status: 1 for what could not be done, 3 if something came through that must not. */
static int serve(const struct options *options, struct terminals *terminals)
{
	struct wire wire;
	struct work work = {.options = options, .terminals = terminals, .wire = &wire};
	bool is_done;

	if (options->authority && issuer_open(options->authority, terminals->statics.domain,
					      &work.issuer) != RESULT_OK)
		return 1;
	is_done = wire_start(&options->wire, &wire) == RESULT_OK &&
		  wire_wait(&wire, options->wait_ms) == RESULT_OK && jobs_do(&work);
	wire_stop(&wire);
	work_attached_forget(&work);
	issuer_close(work.issuer);
	return !is_done ? 1 : work.is_wrong ? 3 : 0;
}

static int run(struct options *options)
{
	struct static_terminals statics;
	struct terminals *terminals;
	int status;

	if (static_terminals_read(options->terminals, stderr, &statics) != RESULT_OK)
		return 1;
	options->wire.gateway = statics.gateway;
	if (terminals_create(&statics, &terminals) != RESULT_OK) {
		fputs("sekisho-loadgen: no memory\n", stderr);
		return 1;
	}
	secret_wipe(&statics.secret);
	status = options->pcap ? pcap_make(options, terminals) : serve(options, terminals);
	terminals_destroy(terminals);
	return status;
}

int main(int argc, char *argv[])
{
	struct options options;

	if (options_read(argc, argv, &options) != RESULT_OK) {
		options_help(stderr);
		return 2;
	}
	if (options.is_help) {
		options_help(stdout);
		return 0;
	}
	return options.is_make ? terminals_make(&options) : run(&options);
}
