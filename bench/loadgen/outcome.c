#include "bench/loadgen/outcome.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BEHIND 1.01

static const char *const kind_name[PLAN_KINDS] = {
	[PLAN_MESSAGE] = "message",   [PLAN_CALL] = "call",	    [PLAN_REGISTER] = "register",
	[PLAN_SPOOFED] = "spoofed",   [PLAN_REPLAYED] = "replayed", [PLAN_FORGED] = "forged",
	[PLAN_SCANNER] = "scanner",
};

static const struct {
	const char *name;
	uint32_t per_million;
} quantiles[] = {{"p50", 500000}, {"p90", 900000}, {"p99", 990000}, {"p999", 999000},
		 {"p9999", 999900}};

void outcome_complain(struct outcome *outcome, const char *sentence)
{
	outcome->complaints++;
	for (unsigned i = 0; i < outcome->complaint_kinds; i++)
		if (outcome->complaint[i].sentence == sentence) {
			outcome->complaint[i].count++;
			return;
		}
	if (outcome->complaint_kinds < OUTCOME_COMPLAINTS)
		outcome->complaint[outcome->complaint_kinds++] =
			(struct outcome_complaint){sentence, 1};
}

bool outcome_is_generator_bound(const struct outcome *outcome)
{
	return outcome_is_behind(outcome) && outcome->port_full == 0;
}

bool outcome_is_behind(const struct outcome *outcome)
{
	return outcome->unanswered > 0 ||
	       outcome->sent_seconds > outcome->planned_seconds * BEHIND + 0.001;
}

double outcome_sent_rate(const struct outcome *outcome)
{
	return outcome->sent_seconds > 0
		       ? outcome->rate * outcome->planned_seconds / outcome->sent_seconds
		       : 0;
}

uint64_t outcome_offered(const struct outcome *outcome)
{
	uint64_t offered = 0;

	for (int i = 0; i < PLAN_KINDS; i++)
		if (plan_is_legitimate((enum plan_kind)i))
			offered += outcome->offered[i];
	return offered;
}

json_t *outcome_times_json(const struct histogram *histogram)
{
	json_t *json = json_object();

	json_object_set_new(json, "count", json_integer((json_int_t)histogram->count));
	json_object_set_new(json, "min_us", json_real((double)histogram->min / 1e3));
	json_object_set_new(json, "mean_us", json_real(histogram_mean(histogram) / 1e3));
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		char name[16];

		snprintf(name, sizeof(name), "%s_us", quantiles[i].name);
		json_object_set_new(json, name,
				    json_real((double)histogram_quantile(
						      histogram, quantiles[i].per_million) /
					      1e3));
	}
	json_object_set_new(json, "max_us", json_real((double)histogram->max / 1e3));
	return json;
}

static json_t *kinds_json(const uint64_t of[PLAN_KINDS])
{
	json_t *json = json_object();

	for (int i = 0; i < PLAN_KINDS; i++)
		if (of[i] > 0)
			json_object_set_new(json, kind_name[i], json_integer((json_int_t)of[i]));
	return json;
}

static json_t *complaints_json(const struct outcome *outcome)
{
	json_t *json = json_object();

	for (unsigned i = 0; i < outcome->complaint_kinds; i++)
		json_object_set_new(json, outcome->complaint[i].sentence,
				    json_integer((json_int_t)outcome->complaint[i].count));
	return json;
}

static void count_set(json_t *json, const char *name, uint64_t value)
{
	json_object_set_new(json, name, json_integer((json_int_t)value));
}

json_t *outcome_json(const struct outcome *outcome, const struct job *job)
{
	json_t *json = json_object();

	json_object_set_new(json, "label", json_string(job->label));
	json_object_set_new(json, "scenario", json_string(job_scenario_name(job->scenario)));
	json_object_set_new(json, "rate", json_real(outcome->rate));
	json_object_set_new(json, "seconds", json_real(outcome->seconds));
	json_object_set_new(json, "shortened", json_boolean(outcome->is_shortened));
	json_object_set_new(json, "offered", kinds_json(outcome->offered));
	json_object_set_new(json, "completed", kinds_json(outcome->completed));
	count_set(json, "lost", outcome->lost);
	count_set(json, "warmup_lost", outcome->warm_lost);
	count_set(json, "escaped", outcome->escaped);
	count_set(json, "refused", outcome->refused);
	count_set(json, "delivered_messages", outcome->delivered);
	count_set(json, "overtaken", outcome->overtaken);
	count_set(json, "belated", outcome->belated);
	count_set(json, "complaints", outcome->complaints);
	json_object_set_new(json, "complaint", complaints_json(outcome));
	json_object_set_new(json, "delivery", outcome_times_json(&outcome->delivery));
	json_object_set_new(json, "delivery_spared", outcome_times_json(&outcome->spared));
	json_object_set_new(json, "pauses", outcome_times_json(&outcome->pauses));
	json_object_set_new(json, "answer", outcome_times_json(&outcome->answer));
	json_object_set_new(json, "lateness", outcome_times_json(&outcome->lateness));
	json_object_set_new(json, "sent_seconds", json_real(outcome->sent_seconds));
	json_object_set_new(json, "sent_per_second", json_real(outcome_sent_rate(outcome)));
	json_object_set_new(json, "generator_busy", json_real(outcome->busy));
	count_set(json, "port_full", outcome->port_full);
	json_object_set_new(json, "behind", json_boolean(outcome_is_behind(outcome)));
	json_object_set_new(json, "generator_bound",
			    json_boolean(outcome_is_generator_bound(outcome)));
	return json;
}

static void times_print(const char *what, const struct histogram *histogram, FILE *to)
{
	if (histogram->count == 0)
		return;
	fprintf(to, "  %-10s", what);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		fprintf(to, " %s %.1f us", quantiles[i].name,
			(double)histogram_quantile(histogram, quantiles[i].per_million) / 1e3);
	fputc('\n', to);
}

void outcome_print(const struct outcome *outcome, const struct job *job, FILE *to)
{
	fprintf(to, "%s at %.0f/s for %.3f s: %" PRIu64 " offered, %" PRIu64 " lost%s\n",
		job_scenario_name(job->scenario), outcome->rate, outcome->seconds,
		outcome_offered(outcome), outcome->lost,
		!outcome_is_behind(outcome)		? ""
		: outcome_is_generator_bound(outcome) ? " (the generator fell behind)"
						      : " (the wire did not take them in time)");
	for (int i = PLAN_SPOOFED; i < PLAN_KINDS; i++)
		if (outcome->offered[i] > 0)
			fprintf(to, "  %-10s %" PRIu64 " sent, %" PRIu64 " answered\n",
				kind_name[i], outcome->offered[i], outcome->completed[i]);
	times_print("delivery", &outcome->delivery, to);
	if (outcome->pauses.count > 0) {
		times_print("spared", &outcome->spared, to);
		fprintf(to, "  the generator paused %" PRIu64 " times, for %.1f ms at most\n",
			outcome->pauses.count, (double)outcome->pauses.max / 1e6);
	}
	times_print("answer", &outcome->answer, to);
	for (unsigned i = 0; i < outcome->complaint_kinds; i++)
		fprintf(to, "  %" PRIu64 " times: %s\n", outcome->complaint[i].count,
			outcome->complaint[i].sentence);
}
