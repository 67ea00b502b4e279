/* Events as sentences for people and JSON for programs. */
#ifndef SEKISHO_TERMINAL_AGENT_REPORT_H
#define SEKISHO_TERMINAL_AGENT_REPORT_H

#include <jansson.h>

#include "terminal/ua/ua.h"

/* A text of any bytes as a JSON string: CR left out, but for line ends and tabs made readable
 * (shared/readable.h). */
json_t *report_string(struct slice text);

/* An event of the user agent; aor is ours. NULL without memory. */
json_t *report_ua_event(const struct ua_event *event, const struct series_link *link,
			struct slice aor);

/* Is there an event of this name? */
bool report_is_event(struct slice name);

/* An event of the agent: its name, one of report_is_event's, and its sentence. */
json_t *report_event(const char *name, const char *sentence);

#endif
