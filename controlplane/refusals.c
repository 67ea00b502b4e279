#include "controlplane/refusals.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/log.h"
#include "controlplane/registrar/addresses.h"
#include "shared/writer.h"

#define SENTENCE_BYTES	  1024
#define SAID_AT_ONCE	  20
#define SAID_EVERY_MS	  500
#define REASON_SILENCE_MS 60000

#define OTHER_REASON "one of the reasons for which there is no more room"

static const struct {
	const char *text;
	const char *sentences; /* what is left out */
} kinds[REFUSAL_OF_COUNT] = {
	[REFUSAL_EXCHANGE] = {"key exchange", "sentences about key exchanges"},
	[REFUSAL_REGISTER] = {"REGISTER", "sentences about REGISTERs"},
	[REFUSAL_REQUEST] = {"request", "sentences about requests"},
	[REFUSAL_ADMIN] = {"admin socket", "sentences about the admin socket"},
	[REFUSAL_DATAPLANE] = {"data plane", "sentences about the data plane"},
};

struct refusals {
	struct log_limit limit[REFUSAL_OF_COUNT];
	size_t count;
	struct refusal row[REFUSALS_MAX + REFUSAL_OF_COUNT]; /* the last ones are for OTHER_REASON */
};

enum result refusals_create(struct refusals **out)
{
	struct refusals *refusals = calloc(1, sizeof(*refusals));

	if (refusals == NULL)
		return RESULT_MEMORY;
	for (int of = 0; of < REFUSAL_OF_COUNT; of++)
		refusals->limit[of] = log_limit_make(SAID_AT_ONCE, SAID_EVERY_MS);
	*out = refusals;
	return RESULT_OK;
}

void refusals_destroy(struct refusals *refusals)
{
	free(refusals);
}

void refusal_from_address(const struct contract_address *from, char text[REFUSAL_FROM_BYTES])
{
	const struct sip_address address = address_from_contract(from);
	struct writer w = writer_make(text, REFUSAL_FROM_BYTES - 1);

	if (from->family != 0)
		sip_address_write(&address, &w);
	text[w.len] = '\0';
}

const char *refusal_of_text(enum refusal_of of)
{
	return kinds[of].text;
}

static struct refusal *row_find(struct refusals *refusals, enum refusal_of of, const char *reason)
{
	for (size_t i = 0; i < refusals->count; i++) {
		struct refusal *row = &refusals->row[i];

		if (row->of == of && strncmp(row->reason, reason, REFUSAL_REASON_BYTES - 1) == 0)
			return row;
	}
	return NULL;
}

static struct refusal *row_add(struct refusals *refusals, enum refusal_of of, const char *reason)
{
	struct refusal *row = &refusals->row[refusals->count++];

	row->of = of;
	snprintf(row->reason, sizeof(row->reason), "%s", reason);
	return row;
}

/* There is always one: the last rows are as many as there are kinds. */
static struct refusal *row_get(struct refusals *refusals, enum refusal_of of, const char *reason)
{
	struct refusal *row = row_find(refusals, of, reason);

	if (row == NULL && refusals->count >= REFUSALS_MAX) {
		reason = OTHER_REASON;
		row = row_find(refusals, of, reason);
	}
	return row != NULL ? row : row_add(refusals, of, reason);
}

/* Within the limit of its kind; or because nobody has heard of this reason for so long. */
static bool may_be_said(struct refusals *refusals, const struct refusal *row, uint64_t now_ms)
{
	return log_limit_admit(&refusals->limit[row->of], now_ms, kinds[row->of].sentences) ||
	       row->said_ms == 0 || now_ms - row->said_ms >= REASON_SILENCE_MS;
}

void refusals_note(struct refusals *refusals, enum refusal_of of, const char *reason,
		   const char *from, uint64_t now_ms, const char *format, ...)
{
	struct refusal *row = row_get(refusals, of, reason);
	char sentence[SENTENCE_BYTES];
	va_list arguments;

	row->count++;
	row->last_ms = now_ms;
	snprintf(row->from, sizeof(row->from), "%s", from);
	if (!may_be_said(refusals, row, now_ms))
		return;
	row->said_ms = now_ms;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	log_say("%s%s%s", sentence, from[0] != '\0' ? ", from " : "", from);
}

void refusals_each(const struct refusals *refusals, refusal_row *row, void *ctx)
{
	for (size_t i = 0; i < refusals->count; i++)
		row(ctx, &refusals->row[i]);
}
