#include "controlplane/cli/ca_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/ca/authority.h"

#define CA_DAYS	  3650
#define LEAF_DAYS 365
#define LIST_DAYS 30
#define DAYS_MAX  36500

static const char *text_of(const json_t *request, const char *field)
{
	return json_string_value(json_object_get(request, field));
}

bool ca_command_is(const json_t *request)
{
	return strncmp(text_of(request, "command"), "ca ", 3) == 0;
}

static bool days_read(const json_t *request, uint32_t otherwise, uint32_t *out)
{
	const char *text = text_of(request, "days");
	unsigned long days;
	char *end;

	*out = otherwise;
	if (text == NULL)
		return true;
	days = strtoul(text, &end, 10);
	if (*end != '\0' || end == text || text[0] == '-' || days == 0 || days > DAYS_MAX) {
		fprintf(stderr, "sekishoctl: --days is a number from 1 to %d\n", DAYS_MAX);
		return false;
	}
	*out = (uint32_t)days;
	return true;
}

enum session_status ca_command_run(const json_t *request)
{
	const char *what = text_of(request, "command") + 3;
	const char *folder = text_of(request, "folder"), *name = text_of(request, "name");
	char message[AUTHORITY_MESSAGE_BYTES] = "";
	enum result result;
	uint32_t days;

	if (!days_read(request,
		       strcmp(what, "init") == 0    ? CA_DAYS
		       : strcmp(what, "issue") == 0 ? LEAF_DAYS
						    : LIST_DAYS,
		       &days))
		return SESSION_USAGE;
	if (strcmp(what, "init") == 0)
		result = authority_init(folder, text_of(request, "domain"), days, message,
					sizeof(message));
	else if (strcmp(what, "issue") == 0)
		result = authority_issue(folder, name, days, message, sizeof(message));
	else if (strcmp(what, "revoke") == 0)
		result = authority_revoke(folder, name, message, sizeof(message));
	else
		result = authority_renew(folder, days, message, sizeof(message));
	if (result == RESULT_OK)
		return SESSION_OK;
	fprintf(stderr, "sekishoctl: %s\n", message);
	return SESSION_REFUSED;
}
