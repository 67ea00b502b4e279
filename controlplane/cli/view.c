#include "controlplane/cli/view.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/cli/table.h"
#include "shared/readable.h"

struct view {
	const char *command;
	const char *nothing; /* said of an empty list */
	size_t count;
	struct column columns[TABLE_COLUMNS_MAX];
	const char *counts; /* rows whose field of this name is 0 are left out; NULL: none is */
};

static const struct view views[] = {
	{"subscriber list",
	 "there are no subscribers",
	 6,
	 {{"ID", "id", false},
	  {"ENABLED", "enabled", false},
	  {"CERTIFICATE", "certificate", false},
	  {"DIGEST", "digest", false},
	  {"LEGACY", "legacy", false},
	  {"IDENTITIES", "identities", false}}},
	{"group list",
	 "there are no groups",
	 2,
	 {{"GROUP", "group", false}, {"MEMBER", "aor", false}}},
	{"policy list",
	 "there are no rules: everything is denied",
	 9,
	 {{"ID", "id", false},
	  {"PRIORITY", "priority", false},
	  {"ACTION", "action", false},
	  {"CALLER", "caller", false},
	  {"CALLEE", "callee", false},
	  {"LEVEL", "minimum_level", false},
	  {"METHODS", "methods", false},
	  {"HOURS", "hours", false},
	  {"RATE", "rate", false}}},
	{"show registrations",
	 "nobody is registered",
	 7,
	 {{"IDENTITY", "identity", false},
	  {"ADDRESS", "address", false},
	  {"LEVEL", "level", false},
	  {"SA", "sa", false},
	  {"BINDING", "binding", false},
	  {"PRIMARY", "primary", false},
	  {"EXPIRES", "expires_s", true}}},
	{"show sas",
	 "there are no SAs",
	 11,
	 {{"SA", "index", false},
	  {"OWNER", "owner", false},
	  {"WHO", "who", false},
	  {"SPI IN", "spi_in", false},
	  {"SPI OUT", "spi_out", false},
	  {"SUITE", "suite", false},
	  {"MODE", "mode", false},
	  {"LEVEL", "level", false},
	  {"IN", "packets_in", false},
	  {"OUT", "packets_out", false},
	  {"EXPIRES", "expires_s", true}}},
	{"show peers",
	 "no peers are configured",
	 9,
	 {{"PEER", "name", false},
	  {"GATEWAY", "gateway", false},
	  {"STATE", "state", false},
	  {"PRIORITY", "priority", false},
	  {"DOMAINS", "domains", false},
	  {"EPOCH", "epoch", false},
	  {"SAS IN", "sas_in", false},
	  {"SAS OUT", "sas_out", false},
	  {"LAST ERROR", "last_error", false}}},
	{"show counters",
	 "nothing was counted",
	 4,
	 {{"COUNTER", "name", false},
	  {"KIND", "kind", false},
	  {"WORKER", "worker", false},
	  {"VALUE", "value", false}},
	 "value"},
	{"show workers",
	 "there are no workers",
	 6,
	 {{"WORKER", "worker", false},
	  {"FRAMES", "frames", false},
	  {"HANDED OVER", "handed_over", false},
	  {"TAKEN OVER", "taken_over", false},
	  {"BUSY %", "busy_percent", false},
	  {"CYCLES A FRAME", "cycles_per_frame", false}}},
	{"show ports",
	 "there are no ports",
	 6,
	 {{"PORT", "port", false},
	  {"DEVICE", "device", false},
	  {"EXCEPTION", "exception", false},
	  {"MTU", "mtu", false},
	  {"ADDRESSES", "addresses", false},
	  {"HOW PACKETS COME TO WORKERS", "spread_text", false}}},
	{"show refusals",
	 "nothing was refused",
	 5,
	 {{"OF", "of", false},
	  {"REASON", "reason", false},
	  {"COUNT", "count", false},
	  {"LAST FROM", "last_from", false},
	  {"LAST", "last_s", true}}},
	{"show drops",
	 "nothing was dropped",
	 3,
	 {{"REASON", "reason", false},
	  {"COUNT", "count", false},
	  {"WHAT IT MEANS", "sentence", false}},
	 "count"},
};

/* Rows that count nothing say nothing to people. */
static json_t *rows_counted(const json_t *list, const char *field)
{
	json_t *counted = json_array(), *row;
	size_t index;

	json_array_foreach(list, index, row) if (json_integer_value(json_object_get(row, field)) >
						 0) json_array_append(counted, row);
	return counted;
}

static void view_list_show(const struct view *view, const json_t *list, FILE *to)
{
	json_t *counted = view->counts != NULL ? rows_counted(list, view->counts) : NULL;
	const json_t *shown = counted != NULL ? counted : list;

	if (json_array_size(shown) == 0)
		fprintf(to, "%s\n", view->nothing);
	else
		table_show(view->columns, view->count, shown, to);
	json_decref(counted);
}

static const char *text_of(const json_t *object, const char *field)
{
	const char *text = json_string_value(json_object_get(object, field));

	return text != NULL ? text : "-";
}

static void verdict_show(const json_t *result, FILE *to)
{
	const json_t *sentence;
	size_t index;

	fprintf(to, "%s: %s to %s\n", text_of(result, "verdict"), text_of(result, "caller"),
		text_of(result, "callee"));
	json_array_foreach(json_object_get(result, "explanation"), index, sentence)
		fprintf(to, "  %s\n", json_string_value(sentence));
	if (json_is_true(json_object_get(result, "compiling")))
		fputs("  another policy is being compiled, and may say otherwise\n", to);
}

static void change_show(const json_t *change, FILE *to)
{
	const char *from = json_string_value(json_object_get(change, "from"));
	const char *now = json_string_value(json_object_get(change, "to"));

	fprintf(to, "  %s: %s -> %s%s\n", text_of(change, "path"),
		from != NULL ? from : "(default)", now != NULL ? now : "(default)",
		json_is_true(json_object_get(change, "needs_restart")) ? "  [needs a restart]"
								       : "");
}

static void configure_show(const json_t *result, FILE *to)
{
	const json_t *changes = json_object_get(result, "changes"), *change;
	json_int_t within_s = json_integer_value(json_object_get(result, "confirm_within_s"));
	const char *state = text_of(result, "state");
	size_t index;

	if (strcmp(state, "needs-restart") == 0)
		fputs("nothing was changed: what is marked needs a restart of the control plane, "
		      "which costs no call\n",
		      to);
	else
		fprintf(to, "%s, %zu %s\n", state, json_array_size(changes),
			json_array_size(changes) == 1 ? "change" : "changes");
	json_array_foreach(changes, index, change) change_show(change, to);
	if (within_s > 0)
		fprintf(to, "to be confirmed within %lld s, or it is undone\n",
			(long long)within_s);
}

/* What others said must not command the screen. */
static void text_show(const char *text, FILE *to)
{
	char *copy = strdup(text);

	if (copy != NULL)
		readable_make(copy, strlen(copy), "");
	fputs(copy != NULL ? copy : "?", to);
	free(copy);
}

/* One value in a person's words; of an object its fields behind each other. */
static void value_show(const char *field, const json_t *value, FILE *to)
{
	const char *name, *before = "";
	json_t *item;
	size_t index;

	if (json_is_integer(value) && strcmp(field, "since_s") == 0)
		table_time_show(json_integer_value(value), to);
	else if (json_is_integer(value))
		fprintf(to, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		fprintf(to, "%g", json_real_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "yes" : "no", to);
	else if (json_is_string(value) && json_string_length(value) > 0)
		text_show(json_string_value(value), to);
	else if (json_is_array(value) && json_array_size(value) > 0)
		json_array_foreach(value, index, item)
		{
			fputs(index > 0 ? ", " : "", to);
			value_show(field, item, to);
		}
	else if (json_is_object(value))
		json_object_foreach((json_t *)(uintptr_t)value, name, item)
		{
			fprintf(to, "%s%s ", before, name);
			value_show(name, item, to);
			before = ", ";
		}
	else
		fputc('-', to);
}

/* An object, one field a line. */
static void fields_show(const json_t *result, FILE *to)
{
	const char *field;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)result, field, value)
	{
		fprintf(to, "%s: ", field);
		value_show(field, value, to);
		fputc('\n', to);
	}
}

void view_show(const char *command, const json_t *result, FILE *to)
{
	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++) {
		if (strcmp(views[i].command, command) != 0)
			continue;
		view_list_show(&views[i], result, to);
		return;
	}
	if (strcmp(command, "policy test") == 0)
		verdict_show(result, to);
	else if (strncmp(command, "configure ", 10) == 0 && json_is_object(result))
		configure_show(result, to);
	else if (json_is_object(result))
		fields_show(result, to);
}
