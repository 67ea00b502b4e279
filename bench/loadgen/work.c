#include "bench/loadgen/work.h"

#include <stdlib.h>

#include "bench/loadgen/run.h"
#include "bench/loadgen/search.h"

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
		/* A rate that was not kept up is none that the gateway passed. */
		search_note(&search, outcome_offered(trial),
			    outcome_is_behind(trial) ? outcome_offered(trial) : trial->lost);
		if (search_found(&search) != passed || passed == 0)
			*outcome = *trial;
	}
	free(trial);
	if (is_done)
		tell(work, job, outcome, &search);
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
		return work_attach(work, &job);
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
