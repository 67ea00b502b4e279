#include "terminal/agent/journal.h"

#include <string.h>

void journal_add_take(struct journal *journal, json_t *event)
{
	json_t **place;

	if (!event)
		return;
	place = &journal->events[++journal->count % JOURNAL_EVENTS];
	json_decref(*place);
	json_object_set_new(event, "number", json_integer((json_int_t)journal->count));
	*place = event;
}

void journal_clear(struct journal *journal)
{
	for (unsigned i = 0; i < JOURNAL_EVENTS; i++)
		json_decref(journal->events[i]);
	*journal = (struct journal){0};
}

json_t *journal_get_view(const struct journal *journal, uint64_t number)
{
	if (number == 0 || number > journal->count || journal->count - number >= JOURNAL_EVENTS)
		return NULL;
	return journal->events[number % JOURNAL_EVENTS];
}

json_t *journal_wait_view(struct journal *journal, const char *name)
{
	uint64_t first = journal->waited + 1;

	if (journal->count >= JOURNAL_EVENTS && first < journal->count - JOURNAL_EVENTS + 1)
		first = journal->count - JOURNAL_EVENTS + 1;
	for (uint64_t number = first; number <= journal->count; number++) {
		json_t *event = journal_get_view(journal, number);
		const char *event_name = json_string_value(json_object_get(event, "event"));

		if (event_name && strcmp(event_name, name) == 0) {
			journal->waited = number;
			return event;
		}
	}
	return NULL;
}
