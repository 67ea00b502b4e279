#include "bench/loadgen/work.h"

#include <stdlib.h>

#include "bench/loadgen/run.h"
#include "bench/loadgen/search.h"
#include "bench/loadgen/storm.h"

#define MEGABYTE ((size_t)1024 * 1024)

static bool trial_run(struct work *work, const struct job *job, double rate,
		      struct outcome *outcome)
{
	const struct plan_config config = {
		.terminals = work->terminals,
		.link = &work->wire->link,
		.job = job,
		/* Call-IDs of different runs against one gateway differ too. */
		.number = ++work->jobs,
		.rate = rate,
		.most_bytes = work->options->frames_mb * MEGABYTE,
		.is_clear = !work->terminals->statics.is_secure,
		.is_marked = work->terminals->statics.is_secure,
		.is_direct = work->options->proxy == CHECK_DIRECT,
	};
	struct plan *plan;
	enum result result = plan_create(&config, &plan);

	if (result != RESULT_OK) {
		fprintf(stderr, "sekisho-loadgen: a job cannot be made ready: %s\n",
			result == RESULT_SPACE	? "its messages do not fit a packet"
			: result == RESULT_BAD	? "it takes two terminals"
			: result == RESULT_MEMORY ? "no memory"
						  : "libcrypto fails");
		return false;
	}
	run_plan(work->terminals, work->wire, plan, work->options->proxy, outcome);
	plan_destroy(plan);
	work->is_wrong = work->is_wrong || outcome->escaped > 0;
	return true;
}

static void tell(const struct work *work, const struct job *job, const struct outcome *outcome,
		 const struct search *search)
{
	json_t *json;

	if (!work->options->is_json) {
		outcome_print(outcome, job, stdout);
		if (search)
			printf("  found after %u trials: %.0f/s\n", search->trials,
			       search_found(search));
		fflush(stdout);
		return;
	}
	json = outcome_json(outcome, job);
	if (search) {
		json_object_set_new(json, "found", json_real(search_found(search)));
		json_object_set_new(json, "trials", json_integer((json_int_t)search->trials));
		json_object_set_new(json, "accepted_loss", json_real(job->loss));
	}
	json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
	putchar('\n');
	fflush(stdout);
	json_decref(json);
}

/* Told is the last trial that passed, or if none did the last. */
static bool search_run(struct work *work, const struct job *job, struct outcome *outcome)
{
	const struct search_limits limits = {.floor = 1,
					     .ceiling = job->most,
					     .first = job->rate,
					     .resolution = job->resolution,
					     .accepted_loss = job->loss,
					     .attempts = job->attempts};
	struct search search = search_begin(&limits);
	struct outcome *trial = malloc(sizeof(*trial));
	bool is_done = trial != NULL;

	while (is_done && search_rate(&search) > 0) {
		double rate = search_rate(&search), passed = search_found(&search);

		is_done = trial_run(work, job, rate, trial);
		if (!is_done)
			break;
		/* A rate that the generator did not keep up is none that the gateway passed. */
		search_note(&search, outcome_offered(trial),
			    outcome_is_generator_bound(trial) ? outcome_offered(trial)
							      : trial->lost);
		if (search_found(&search) != passed || passed == 0)
			*outcome = *trial;
	}
	free(trial);
	if (is_done)
		tell(work, job, outcome, &search);
	return is_done;
}

static json_t *storm_json(const struct storm_outcome *outcome, const struct job *job)
{
	const struct histogram *each = &outcome->each;
	json_t *json = json_pack(
		"{s:s, s:s, s:i, s:i, s:i, s:I, s:f, s:I, s:f, s:f, s:f}", "label", job->label,
		"scenario", "attach", "terminals", (int)job->terminals, "registered",
		(int)outcome->registered, "refused", (int)outcome->refused, "sent_again",
		(json_int_t)outcome->sent_again, "seconds", outcome->seconds, "complaints",
		(json_int_t)outcome->complaints, "p50_us",
		(double)histogram_quantile(each, 500000) / 1e3, "p99_us",
		(double)histogram_quantile(each, 990000) / 1e3, "max_us", (double)each->max / 1e3);

	if (outcome->last_complaint)
		json_object_set_new(json, "complaint", json_string(outcome->last_complaint));
	return json;
}

static bool attach_run(struct work *work, const struct job *job)
{
	struct storm_settings settings = {
		.first = job->first,
		.count = job->terminals,
		.window = job->window,
		.seconds = job->seconds,
	};
	struct storm_outcome *outcome = malloc(sizeof(*outcome));
	uint32_t there = work->terminals->statics.count;
	bool is_done;

	if (settings.count == 0)
		settings.count = there - (job->first < there ? job->first : there) + 1;
	is_done = outcome && job->first <= there && settings.count <= there - job->first + 1 &&
		  storm_run(work->terminals, work->wire, &settings, outcome) == RESULT_OK;
	if (is_done && work->options->is_json) {
		json_t *json = storm_json(outcome, job);

		json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
		json_decref(json);
		putchar('\n');
	} else if (is_done) {
		printf("%u of %u terminals registered in %.3f s, %u refused\n",
		       outcome->registered, settings.count, outcome->seconds, outcome->refused);
	} else {
		fputs("sekisho-loadgen: there are not so many terminals, or no memory\n", stderr);
	}
	fflush(stdout);
	free(outcome);
	return is_done;
}

bool work_do(struct work *work, const char *text)
{
	struct outcome *outcome = malloc(sizeof(*outcome));
	char complaint[160];
	struct job job;
	bool is_done;

	if (!outcome)
		return false;
	if (job_parse(text, &job, complaint, sizeof(complaint)) != RESULT_OK) {
		fprintf(stderr, "sekisho-loadgen: \"%s\": %s\n", text, complaint);
		free(outcome);
		return false;
	}
	if (job.scenario == JOB_ATTACH) {
		free(outcome);
		return attach_run(work, &job);
	}
	if (job.is_searched) {
		is_done = search_run(work, &job, outcome);
	} else {
		is_done = trial_run(work, &job, job.rate, outcome);
		if (is_done)
			tell(work, &job, outcome, NULL);
	}
	free(outcome);
	return is_done;
}
