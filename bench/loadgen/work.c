#include "bench/loadgen/work.h"

#include <stdlib.h>

#include "bench/loadgen/renewal.h"
#include "bench/loadgen/run.h"
#include "bench/loadgen/search.h"

#define MEGABYTE ((size_t)1024 * 1024)

static bool trial_run(struct work *work, const struct job *job, double rate,
		      struct renewal *renewal, struct outcome *outcome)
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
		.is_marked = work->options->proxy == CHECK_SEKISHO,
		.is_direct = work->options->proxy == CHECK_DIRECT,
		.is_late = renewal != NULL,
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
	run_plan(work->terminals, work->wire, plan, work->options->proxy, renewal, outcome);
	plan_destroy(plan);
	work->is_wrong = work->is_wrong || outcome->escaped > 0;
	return true;
}

/* What a search came to. */
struct found {
	struct search search;
	bool is_generator_bound; /* the lowest rate that failed, last did so by our own fault */
};

static void tell(const struct work *work, const struct job *job, const struct outcome *outcome,
		 const struct found *found, const struct renewal *renewal)
{
	json_t *json;

	if (!work->options->is_json) {
		outcome_print(outcome, job, stdout);
		if (found)
			printf("  found after %u trials: %.0f/s%s\n", found->search.trials,
			       search_found(&found->search),
			       found->is_generator_bound ? " (the generator's own limit)" : "");
		if (renewal)
			renewal_print(renewal, stdout);
		fflush(stdout);
		return;
	}
	json = outcome_json(outcome, job);
	if (found) {
		json_object_set_new(json, "found", json_real(search_found(&found->search)));
		json_object_set_new(json, "trials", json_integer((json_int_t)found->search.trials));
		json_object_set_new(json, "accepted_loss", json_real(job->loss));
		/* Told is a trial that passed; whose limit it is, the one above says. */
		json_object_set_new(json, "generator_bound",
				    json_boolean(found->is_generator_bound));
	}
	if (renewal)
		json_object_set_new(json, "rekeys", renewal_json(renewal));
	json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
	putchar('\n');
	fflush(stdout);
	json_decref(json);
}

/* One trial judged: a rate that was not kept up is none that the gateway passed. */
static void trial_note(struct found *found, const struct outcome *trial)
{
	double failed = found->search.failed;
	uint64_t offered = outcome_offered(trial);

	search_note(&found->search, offered, outcome_is_behind(trial) ? offered : trial->lost);
	if (found->search.failed != failed)
		found->is_generator_bound = outcome_is_generator_bound(trial);
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
	struct found found = {.search = search_begin(&limits)};
	struct outcome *trial = malloc(sizeof(*trial));
	bool is_done = trial != NULL;

	while (is_done && search_rate(&found.search) > 0) {
		double rate = search_rate(&found.search), passed = search_found(&found.search);

		is_done = trial_run(work, job, rate, NULL, trial);
		if (!is_done)
			break;
		trial_note(&found, trial);
		if (search_found(&found.search) != passed || passed == 0)
			*outcome = *trial;
	}
	free(trial);
	if (is_done)
		tell(work, job, outcome, &found, NULL);
	return is_done;
}

/* Those that attached in a job before renew their keys in this one. */
static bool renewing_run(struct work *work, const struct job *asked, struct outcome *outcome)
{
	struct renewal *renewal = calloc(1, sizeof(*renewal));
	struct job job = *asked;
	bool is_done;

	if (job.terminals == 0)
		job.terminals = work->attached_count;
	if (!renewal || !work->is_attached || work->attached_first != 1 || job.terminals < 2 ||
	    job.terminals > work->attached_count) {
		fputs("sekisho-loadgen: new keys are for terminals that attached, from 1 on\n", stderr);
		free(renewal);
		return false;
	}
	renewal->settings = (struct renewal_settings){.terminals = work->terminals,
						      .wire = work->wire,
						      .applicants = work->attached,
						      .count = job.terminals,
						      .times = job.rekeys};
	is_done = trial_run(work, &job, job.rate, renewal, outcome);
	if (is_done)
		tell(work, &job, outcome, NULL, renewal);
	free(renewal);
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
	if (job_is_renewing(&job)) {
		is_done = renewing_run(work, &job, outcome);
	} else if (job.is_searched) {
		is_done = search_run(work, &job, outcome);
	} else {
		is_done = trial_run(work, &job, job.rate, NULL, outcome);
		if (is_done)
			tell(work, &job, outcome, NULL, NULL);
	}
	free(outcome);
	return is_done;
}
