#include <stdlib.h>
#include <string.h>

#include "controlplane/configuration.h"
#include "controlplane/ctl/commands.h"
#include "controlplane/ctl/fields.h"
#include "controlplane/log.h"

#define CONFIRM_MAX_S (24 * 3600)

/* Where mistakes of the file are written, line by line. */
struct report {
	FILE *to;
	char *text;
	size_t size;
};

static bool report_begin(struct report *report, struct ctl_reply *reply)
{
	*report = (struct report){0};
	report->to = open_memstream(&report->text, &report->size);
	if (report->to == NULL)
		ctl_reply_error(reply, "there is no memory");
	return report->to != NULL;
}

static void report_answer(struct report *report, enum result result, struct ctl_reply *reply)
{
	fflush(report->to);
	if (result == RESULT_NOT_FOUND)
		ctl_reply_error(reply, "nothing was committed that could be undone");
	else if (result == RESULT_EXISTS)
		ctl_reply_error(reply, "the last commit is still to be confirmed or undone");
	else if (report->size > 0)
		ctl_reply_error(reply, "%s", report->text);
	else
		ctl_reply_error(reply, "there is no memory");
}

static void report_end(struct report *report)
{
	fclose(report->to);
	free(report->text);
}

static void changes_answer(struct gateway *gateway, const char *state, json_t *changes,
			   struct ctl_reply *reply)
{
	uint32_t left_s = configuration_confirm_left_s(gateway_configuration(gateway));

	ctl_reply_result(reply, json_pack("{s:s,s:o,s:I}", "state", state, "changes", changes,
					  "confirm_within_s", (json_int_t)left_s));
}

void ctl_configure_check(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct report report;
	enum result result;
	json_t *changes;

	(void)request;
	if (!report_begin(&report, reply))
		return;
	result = configuration_check(gateway_configuration(gateway), report.to, &changes);
	if (result == RESULT_OK)
		changes_answer(gateway, "checked", changes, reply);
	else
		report_answer(&report, result, reply);
	report_end(&report);
}

void ctl_configure_commit(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	const int64_t none = 0;
	struct report report;
	json_t *changes;
	enum result result;
	int64_t confirm_s;

	if (!field_number(request, "confirm_s", 1, CONFIRM_MAX_S, &none, &confirm_s, reply) ||
	    !report_begin(&report, reply))
		return;
	result = configuration_commit(gateway_configuration(gateway), (uint32_t)confirm_s,
				      report.to, &changes);
	if (result == RESULT_OK) {
		log_say("an operator committed the configuration, %zu changes",
			json_array_size(changes));
		changes_answer(gateway, "committed", changes, reply);
	} else if (result == RESULT_DENIED) {
		changes_answer(gateway, "needs-restart", changes, reply);
	} else {
		report_answer(&report, result, reply);
	}
	report_end(&report);
}

void ctl_configure_confirm(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	(void)request;
	if (configuration_confirm(gateway_configuration(gateway)) == RESULT_OK)
		ctl_reply_result(reply, NULL);
	else
		ctl_reply_error(reply, "no commit waits to be confirmed");
}

void ctl_configure_undo(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	struct report report;
	json_t *changes;
	enum result result;

	(void)request;
	if (!report_begin(&report, reply))
		return;
	result = configuration_undo(gateway_configuration(gateway), report.to, &changes);
	if (result == RESULT_OK) {
		log_say("an operator undid the last commit of the configuration");
		changes_answer(gateway, "undone", changes, reply);
	} else {
		report_answer(&report, result, reply);
	}
	report_end(&report);
}
