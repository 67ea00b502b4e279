/* What was refused and why: a row for each reason, the most frequent first. */
#include <stdlib.h>

#include "controlplane/ctl/commands.h"
#include "controlplane/refusals.h"

/* From the wire to the operator there is nothing in it but what is ours: reasons and addresses. */
static void refusal_gather(void *ctx, const struct refusal *refusal)
{
	json_t *row = json_pack("{s:s,s:s,s:I,s:s,s:I}", "of", refusal_of_text(refusal->of),
				"reason", refusal->reason, "count", (json_int_t)refusal->count,
				"last_from", refusal->from, "last_s",
				(json_int_t)(refusal->last_ms / 1000));

	json_array_append_new(ctx, row);
}

static int by_count(const void *a, const void *b)
{
	json_int_t first = json_integer_value(json_object_get(*(json_t *const *)a, "count"));
	json_int_t second = json_integer_value(json_object_get(*(json_t *const *)b, "count"));

	return (first < second) - (first > second);
}

static json_t *sorted(const json_t *list)
{
	json_t *rows[REFUSALS_MAX + REFUSAL_OF_COUNT], *out = json_array();
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count; i++)
		rows[i] = json_array_get(list, i);
	qsort(rows, count, sizeof(*rows), by_count);
	for (size_t i = 0; i < count; i++)
		json_array_append(out, rows[i]);
	return out;
}

void ctl_show_refusals(struct gateway *gateway, const json_t *request, struct ctl_reply *reply)
{
	json_t *list = json_array();

	(void)request;
	refusals_each(gateway_refusals(gateway), refusal_gather, list);
	ctl_reply_result(reply, sorted(list));
	json_decref(list);
}
