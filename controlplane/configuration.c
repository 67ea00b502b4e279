#include "controlplane/configuration.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/log.h"

struct configuration {
	struct control_config *running;
	struct control_config previous; /* before the last commit */
	bool has_previous;
	struct event *deadline; /* pending: the last commit is to be confirmed */
	configuration_apply *apply;
	void *ctx;
};

/*
 * What the parts take over while they run; a key that is not named here needs a restart. Of a map
 * all keys are meant.
 */
static const char *const live[] = {
	"admin.administrators",
	"admin.readers",
	"assert-identity",
	"cdr",
	"dscp",
	"emergency",
	"flood-threshold",
	"insecure-access",
	"legacy-callee",
	"lifetimes.attach",
	"lifetimes.bytes",
	"lifetimes.packets",
	"lifetimes.soft",
	"max-dialog",
	"password-iterations",
	"peers",
	"registration",
	"requests-per-second",
	"rotation",
	"route-security",
	"route-security-add-level",
	"screen",
	"suites",
	"time-zone",
	"tls.ca",
	"tls.certificate",
	"tls.key",
};

static bool is_live(const char *path)
{
	for (size_t i = 0; i < sizeof(live) / sizeof(*live); i++) {
		size_t length = strlen(live[i]);

		if (strncmp(path, live[i], length) == 0 &&
		    (path[length] == '\0' || path[length] == '.' || path[length] == '['))
			return true;
	}
	return false;
}

struct comparison {
	json_t *changes;
	bool needs_restart;
};

static json_t *value_json(const char *value)
{
	json_t *json = value != NULL ? json_string(value) : NULL;

	return json != NULL ? json : json_null();
}

static void difference_note(void *ctx, const char *path, const char *from, const char *to)
{
	struct comparison *comparison = ctx;
	bool needs_restart = !is_live(path);

	comparison->needs_restart = comparison->needs_restart || needs_restart;
	json_array_append_new(comparison->changes,
			      json_pack("{s:s,s:o,s:o,s:b}", "path", path, "from", value_json(from),
					"to", value_json(to), "needs_restart", needs_restart));
}

static struct comparison compare(const struct control_config *from, const struct control_config *to)
{
	struct comparison comparison = {.changes = json_array()};

	config_flat_compare(&from->flat, &to->flat, difference_note, &comparison);
	return comparison;
}

/* The file as it is now, and how it differs; config is to be destroyed also if this fails. */
static enum result file_read(const struct configuration *configuration, FILE *report,
			     struct control_config *config, struct comparison *comparison)
{
	enum result result = control_config_read(configuration->running->path, report, config);

	if (result == RESULT_OK)
		*comparison = compare(configuration->running, config);
	return result;
}

/* config runs, and what ran is in config. */
static void exchange(struct configuration *configuration, struct control_config *config)
{
	struct control_config *running = configuration->running, ran = *running;

	*running = *config;
	*config = ran;
}

static enum result take_over(struct configuration *configuration, struct control_config *config,
			     FILE *report)
{
	char message[512];
	enum result result;

	exchange(configuration, config);
	result = configuration->apply(configuration->ctx, config, message, sizeof(message));
	if (result == RESULT_OK)
		return RESULT_OK;
	exchange(configuration, config);
	fprintf(report, "%s\n", message);
	return result;
}

static void previous_forget(struct configuration *configuration)
{
	if (configuration->has_previous)
		control_config_destroy(&configuration->previous);
	configuration->has_previous = false;
}

static void deadline_passed(evutil_socket_t fd, short what, void *arg)
{
	struct configuration *configuration = arg;
	json_t *changes = NULL;

	(void)fd, (void)what;
	if (configuration_undo(configuration, stderr, &changes) == RESULT_OK)
		log_say("the configuration was not confirmed: back to the one before");
	else
		log_say("the configuration was not confirmed, but going back failed");
	json_decref(changes);
}

enum result configuration_create(struct event_base *base, struct control_config *running,
				 configuration_apply *apply, void *ctx,
				 struct configuration **configuration)
{
	struct configuration *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return RESULT_MEMORY;
	made->running = running;
	made->apply = apply;
	made->ctx = ctx;
	made->deadline = evtimer_new(base, deadline_passed, made);
	if (made->deadline == NULL) {
		free(made);
		return RESULT_MEMORY;
	}
	*configuration = made;
	return RESULT_OK;
}

void configuration_destroy(struct configuration *configuration)
{
	if (configuration == NULL)
		return;
	event_free(configuration->deadline);
	previous_forget(configuration);
	free(configuration);
}

enum result configuration_check(struct configuration *configuration, FILE *report, json_t **changes)
{
	struct comparison comparison;
	struct control_config config;
	enum result result = file_read(configuration, report, &config, &comparison);

	if (result == RESULT_OK)
		*changes = comparison.changes;
	control_config_destroy(&config);
	return result;
}

static void deadline_set(struct configuration *configuration, uint32_t confirm_s)
{
	struct timeval in = {(time_t)confirm_s, 0};

	event_del(configuration->deadline);
	if (confirm_s > 0)
		event_add(configuration->deadline, &in);
}

enum result configuration_commit(struct configuration *configuration, uint32_t confirm_s,
				 FILE *report, json_t **changes)
{
	struct comparison comparison = {0};
	struct control_config config;
	enum result result;

	if (configuration_confirm_left_s(configuration) > 0)
		return RESULT_EXISTS;
	result = file_read(configuration, report, &config, &comparison);
	if (result == RESULT_OK && comparison.needs_restart)
		result = RESULT_DENIED;
	else if (result == RESULT_OK)
		result = take_over(configuration, &config, report);
	if (result == RESULT_OK || result == RESULT_DENIED)
		*changes = comparison.changes;
	else
		json_decref(comparison.changes);
	if (result != RESULT_OK) {
		control_config_destroy(&config);
		return result;
	}
	previous_forget(configuration);
	configuration->previous = config;
	configuration->has_previous = true;
	deadline_set(configuration, confirm_s);
	return RESULT_OK;
}

enum result configuration_confirm(struct configuration *configuration)
{
	if (configuration_confirm_left_s(configuration) == 0)
		return RESULT_NOT_FOUND;
	event_del(configuration->deadline);
	return RESULT_OK;
}

enum result configuration_undo(struct configuration *configuration, FILE *report, json_t **changes)
{
	struct comparison comparison;
	enum result result;

	if (!configuration->has_previous)
		return RESULT_NOT_FOUND;
	comparison = compare(configuration->running, &configuration->previous);
	result = take_over(configuration, &configuration->previous, report);
	if (result != RESULT_OK) {
		json_decref(comparison.changes);
		return result;
	}
	event_del(configuration->deadline);
	previous_forget(configuration);
	*changes = comparison.changes;
	return RESULT_OK;
}

uint32_t configuration_confirm_left_s(const struct configuration *configuration)
{
	struct timeval due, now;

	if (!evtimer_pending(configuration->deadline, &due))
		return 0;
	event_base_gettimeofday_cached(event_get_base(configuration->deadline), &now);
	return due.tv_sec > now.tv_sec ? (uint32_t)(due.tv_sec - now.tv_sec) : 1;
}
