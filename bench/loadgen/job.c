#include "bench/loadgen/job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BYTES 80

static const char *const scenario_name[] = {"message", "call", "register", "attach"};
static const char *const hostile_name[] = {"spoofed", "replayed", "forged", "scanner"};

/* A number that a job may set, and what it may be. */
struct setting {
	const char *key;
	size_t at;
	double least, most;
	bool is_whole; /* in a uint32_t, else in a double */
};

#define REAL(key, field, least, most)  {key, offsetof(struct job, field), least, most, false}
#define WHOLE(key, field, least, most) {key, offsetof(struct job, field), least, most, true}

static const struct setting settings[] = {
	REAL("rate", rate, 0.1, 1e8),
	REAL("seconds", seconds, 0.001, 3600),
	REAL("warmup", warmup, 0, 3600),
	REAL("drain", drain, 0.001, 600),
	REAL("loss", loss, 0, 0.5),
	REAL("resolution", resolution, 0.001, 0.5),
	REAL("most", most, 1, 1e8),
	WHOLE("terminals", terminals, 2, 1 << 24),
	WHOLE("first", first, 1, 1 << 24),
	WHOLE("window", window, 0, 1 << 24),
	WHOLE("expires", expires, 1, 86400),
	WHOLE("callers", callers, 2, 1 << 24),
	REAL("calls", calls, 0.1, 1e6),
	WHOLE("bytes", bytes, 0, 1280),
	WHOLE("attempts", attempts, 1, 100),
	WHOLE("rekeys", rekeys, 1, 1000),
	WHOLE("spoofed", share[JOB_SPOOFED], 0, 1000),
	WHOLE("replayed", share[JOB_REPLAYED], 0, 1000),
	WHOLE("forged", share[JOB_FORGED], 0, 1000),
	WHOLE("scanner", share[JOB_SCANNER], 0, 1000),
};

const char *job_scenario_name(enum job_scenario scenario)
{
	return scenario_name[scenario];
}

const char *job_hostile_name(enum job_hostile hostile)
{
	return hostile_name[hostile];
}

static bool number_set(const struct setting *setting, const char *text, struct job *job)
{
	char *end;
	double value = strtod(text, &end);

	/* also not a number is out of range */
	if (end == text || *end != '\0' || !(value >= setting->least && value <= setting->most))
		return false;
	if (setting->is_whole && value != floor(value))
		return false;
	if (setting->is_whole)
		*(uint32_t *)(void *)((char *)job + setting->at) = (uint32_t)value;
	else
		*(double *)(void *)((char *)job + setting->at) = value;
	return true;
}

static enum result word_take(const char *word, struct job *job, char *complaint, size_t size)
{
	size_t key = strcspn(word, "=");
	const char *value = word[key] == '=' ? word + key + 1 : "";

	if (strcmp(word, "find=ndr") == 0 || strcmp(word, "find=pdr") == 0) {
		job->is_searched = true;
		job->loss = word[5] == 'n' ? 0 : 0.005;
		return RESULT_OK;
	}
	if (strcmp(word, "rekeys=soft") == 0) {
		job->is_soft = true;
		return RESULT_OK;
	}
	if (strncmp(word, "label=", 6) == 0) {
		snprintf(job->label, sizeof(job->label), "%s", value);
		return RESULT_OK;
	}
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strlen(settings[i].key) != key || memcmp(settings[i].key, word, key) != 0)
			continue;
		if (number_set(&settings[i], value, job))
			return RESULT_OK;
		snprintf(complaint, size, "\"%s\" must be a number from %g to %g", settings[i].key,
			 settings[i].least, settings[i].most);
		return RESULT_BAD;
	}
	snprintf(complaint, size, "\"%s\" is nothing a job has", word);
	return RESULT_BAD;
}

static bool scenario_set(const char *word, struct job *job)
{
	for (size_t i = 0; i < sizeof(scenario_name) / sizeof(scenario_name[0]); i++)
		if (strcmp(scenario_name[i], word) == 0) {
			job->scenario = (enum job_scenario)i;
			return true;
		}
	return false;
}

/* The next word of the text; false: none is left, or it is too long. */
static bool next_word(const char **text, char word[WORD_BYTES])
{
	size_t length;

	*text += strspn(*text, " \t\r\n");
	length = strcspn(*text, " \t\r\n");
	if (length == 0 || length >= WORD_BYTES)
		return false;
	memcpy(word, *text, length);
	word[length] = '\0';
	*text += length;
	return true;
}

static enum result whole_check(const struct job *job, char *complaint, size_t size)
{
	uint32_t hostile = 0;

	for (int i = 0; i < JOB_HOSTILES; i++)
		hostile += job->share[i];
	if (hostile >= JOB_PER_MILLE) {
		snprintf(complaint, size, "all of it, or more, is hostile");
		return RESULT_BAD;
	}
	if (job->scenario == JOB_ATTACH && (job->is_searched || hostile > 0)) {
		snprintf(complaint, size, "attaching is neither searched nor hostile");
		return RESULT_BAD;
	}
	if (job_is_renewing(job) && (job->scenario == JOB_ATTACH || job->is_searched || hostile > 0)) {
		snprintf(complaint, size, "new keys are for jobs that neither attach, search nor are hostile");
		return RESULT_BAD;
	}
	if (job->most < job->rate) {
		snprintf(complaint, size, "\"most\" is below \"rate\"");
		return RESULT_BAD;
	}
	return RESULT_OK;
}

enum result job_parse(const char *text, struct job *job, char *complaint, size_t size)
{
	struct job read = {.rate = 1000,
			   .seconds = 1,
			   .warmup = 0.1,
			   .drain = 1,
			   .bytes = 700,
			   .first = 1,
			   .expires = 3600,
			   .calls = 100,
			   .resolution = 0.02,
			   .most = 1e7,
			   .attempts = 1};
	char word[WORD_BYTES];
	enum result result;

	if (!next_word(&text, word) || !scenario_set(word, &read)) {
		snprintf(complaint, size, "a job begins with message, call, register or attach");
		return RESULT_BAD;
	}
	while (next_word(&text, word)) {
		result = word_take(word, &read, complaint, size);
		if (result != RESULT_OK)
			return result;
	}
	if (*text != '\0') {
		snprintf(complaint, size, "a word of a job is too long");
		return RESULT_BAD;
	}
	result = whole_check(&read, complaint, size);
	if (result == RESULT_OK)
		*job = read;
	return result;
}
