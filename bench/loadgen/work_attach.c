/* The job in which terminals attach, perhaps while others call. */
#include <stdlib.h>

#include "bench/loadgen/storm.h"
#include "bench/loadgen/work.h"

#define CALLS_BYTES ((size_t)256 * 1024 * 1024)

static void calls_json(json_t *json, const struct outcome *calls)
{
	json_object_set_new(json, "calls_offered",
			    json_integer((json_int_t)calls->offered[PLAN_CALL]));
	json_object_set_new(json, "calls_lost", json_integer((json_int_t)calls->lost));
	json_object_set_new(json, "calls_complaints", json_integer((json_int_t)calls->complaints));
	json_object_set_new(json, "calls_answer", outcome_times_json(&calls->answer));
	if (calls->complaint_kinds > 0)
		json_object_set_new(json, "calls_complaint",
				    json_string(calls->complaint[0].sentence));
}

static json_t *storm_json(const struct storm_outcome *outcome, const struct storm_settings *settings,
			  const struct job *job, bool is_certified)
{
	const struct histogram *each = &outcome->each;
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:i, s:i, s:i, s:I, s:f, s:I, s:f, s:f, s:f}", "label",
		job->label, "scenario", "attach", "by",
		is_certified ? "certificate" : "password", "terminals", (int)settings->count, "registered",
		(int)outcome->registered, "refused", (int)outcome->refused, "sent_again",
		(json_int_t)outcome->sent_again, "seconds", outcome->seconds, "complaints",
		(json_int_t)outcome->complaints, "p50_us",
		(double)histogram_quantile(each, 500000) / 1e3, "p99_us",
		(double)histogram_quantile(each, 990000) / 1e3, "max_us", (double)each->max / 1e3);

	json_object_set_new(json, "begun_again", json_integer((json_int_t)outcome->begun_again));
	json_object_set_new(json, "put_off", json_integer((json_int_t)outcome->put_off));
	json_object_set_new(json, "last_put_off", json_integer((json_int_t)outcome->last_put_off));
	if (outcome->last_complaint)
		json_object_set_new(json, "complaint", json_string(outcome->last_complaint));
	if (settings->calls)
		calls_json(json, &outcome->calls);
	return json;
}

static void tell(const struct work *work, const struct storm_outcome *outcome,
		 const struct storm_settings *settings, const struct job *job)
{
	json_t *json;

	if (work->options->is_json) {
		json = storm_json(outcome, settings, job, work->issuer != NULL);
		json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
		json_decref(json);
		putchar('\n');
	} else {
		printf("%u of %u terminals registered in %.3f s, %u refused\n",
		       outcome->registered, settings->count, outcome->seconds, outcome->refused);
		if (settings->calls)
			outcome_print(&outcome->calls, settings->calls->job, stdout);
	}
	fflush(stdout);
}

/* The terminals that take part, all from the first on by default; false: there are not so many. */
static bool settings_make(const struct work *work, const struct job *job,
			  struct storm_settings *settings)
{
	uint32_t there = work->terminals->statics.count;

	*settings = (struct storm_settings){.first = job->first,
					    .count = job->terminals,
					    .window = job->window,
					    .expires = job->expires,
					    .seconds = job->seconds};
	if (job->first > there || job->callers >= job->first)
		return false;
	if (settings->count == 0)
		settings->count = there - job->first + 1;
	return settings->count <= there - job->first + 1;
}

/* Calls for as long as it may take. call: the job that they are of. */
static enum result calls_make(struct work *work, const struct job *job, struct job *call,
			      struct plan **plan)
{
	const struct plan_config config = {.terminals = work->terminals,
					   .link = &work->wire->link,
					   .job = call,
					   .number = ++work->jobs,
					   .rate = job->calls,
					   .most_bytes = CALLS_BYTES,
					   .is_marked = true};

	*call = *job;
	call->scenario = JOB_CALL;
	call->terminals = job->callers;
	call->warmup = 0;
	return plan_create(&config, plan);
}

/* They stay, for later jobs in which they renew their keys. */
static enum result applicants_keep(struct work *work, struct storm_settings *settings)
{
	enum result result;

	work_attached_forget(work);
	result = applicants_make(&work->terminals->statics, work->issuer, settings->first,
				 settings->count, &work->attached);
	if (result != RESULT_OK)
		return result;
	work->attached_first = settings->first;
	work->attached_count = settings->count;
	settings->applicants = work->attached;
	return RESULT_OK;
}

void work_attached_forget(struct work *work)
{
	applicants_free(work->attached, work->attached_count);
	work->attached = NULL;
	work->attached_count = 0;
	work->is_attached = false;
}

bool work_attach(struct work *work, const struct job *job)
{
	struct storm_outcome *outcome = malloc(sizeof(*outcome));
	struct storm_settings settings = {0};
	enum result result = RESULT_BAD;
	struct job call;

	if (outcome && settings_make(work, job, &settings))
		result = RESULT_OK;
	if (result == RESULT_OK && job->callers > 0)
		result = calls_make(work, job, &call, &settings.calls);
	if (result == RESULT_OK)
		result = applicants_keep(work, &settings);
	if (result == RESULT_OK) {
		storm_run(work->terminals, work->wire, &settings, outcome);
		work->is_attached = outcome->registered == settings.count;
		tell(work, outcome, &settings, job);
	} else {
		fputs("sekisho-loadgen: there are not so many terminals, or no memory\n", stderr);
	}
	plan_destroy(settings.calls);
	free(outcome);
	return result == RESULT_OK;
}
