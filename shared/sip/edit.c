#include "shared/sip/edit.h"

#include "shared/sip/entries.h"

void sip_edit_begin(struct sip_edit *edit)
{
	edit->count = 0;
	edit->error = RESULT_OK;
	edit->text = writer_make(edit->arena, sizeof(edit->arena));
}

/* Keeps the first error. */
static void error_note(struct sip_edit *edit, enum result error)
{
	if (edit->error == RESULT_OK)
		edit->error = error;
}

/* May b stand behind a? */
static bool is_in_order(const struct sip_edit_change *a, const struct sip_edit_change *b)
{
	return a->offset + a->remove <= b->offset;
}

/* Puts a change at its place, behind those at the same offset that only insert. */
static void change_place(struct sip_edit *edit, struct sip_edit_change change)
{
	unsigned at = edit->count;

	if (edit->count == SIP_EDIT_CHANGES) {
		error_note(edit, RESULT_SPACE);
		return;
	}
	while (at > 0 && !is_in_order(&edit->changes[at - 1], &change))
		at--;
	if (at < edit->count && !is_in_order(&change, &edit->changes[at])) {
		error_note(edit, RESULT_BAD);
		return;
	}
	memmove(&edit->changes[at + 1], &edit->changes[at],
		(edit->count - at) * sizeof(edit->changes[0]));
	edit->changes[at] = change;
	edit->count++;
}

struct writer *sip_edit_open(struct sip_edit *edit)
{
	edit->opened = edit->text.len;
	return &edit->text;
}

void sip_edit_close(struct sip_edit *edit, uint16_t offset, uint16_t remove)
{
	if (edit->text.is_full) {
		error_note(edit, RESULT_SPACE);
		return;
	}
	change_place(edit, (struct sip_edit_change){
				   .offset = offset,
				   .remove = remove,
				   .insert = (uint16_t)(edit->text.len - edit->opened),
				   .text = (uint16_t)edit->opened,
			   });
}

void sip_edit_change(struct sip_edit *edit, uint16_t offset, uint16_t remove, struct slice text)
{
	writer_slice(sip_edit_open(edit), text);
	sip_edit_close(edit, offset, remove);
}

long sip_edit_growth(const struct sip_edit *edit)
{
	long growth = 0;

	for (unsigned i = 0; i < edit->count; i++)
		growth += (long)edit->changes[i].insert - edit->changes[i].remove;
	return growth;
}

/*
 * A run of kept bytes from one change to the next; `to` is where it goes. Runs that go to the
 * left are moved first to last, then those that go to the right last to first: no run is ever
 * written over before it has been moved, since runs keep their order.
 */
struct run {
	size_t from;
	size_t to;
	size_t len;
};

/* Runs of len bytes around the changes, count + 1 of them. */
static void runs_make(const struct sip_edit *edit, size_t len, struct run runs[])
{
	size_t from = 0, to = 0;

	for (unsigned i = 0; i < edit->count; i++) {
		const struct sip_edit_change *change = &edit->changes[i];

		runs[i] = (struct run){from, to, change->offset - from};
		to += runs[i].len + change->insert;
		from = (size_t)change->offset + change->remove;
	}
	runs[edit->count] = (struct run){from, to, len - from};
}

enum result sip_edit_apply(const struct sip_edit *edit, char *at, size_t len, size_t cap,
			   size_t *out_len)
{
	struct run runs[SIP_EDIT_CHANGES + 1];
	unsigned last = edit->count;
	size_t new_len;

	if (edit->error != RESULT_OK)
		return edit->error;
	if (last != 0 &&
	    (size_t)edit->changes[last - 1].offset + edit->changes[last - 1].remove > len)
		return RESULT_BAD;
	runs_make(edit, len, runs);
	new_len = runs[last].to + runs[last].len;
	if (new_len > cap)
		return RESULT_SPACE;
	for (unsigned i = 0; i <= last; i++)
		if (runs[i].to < runs[i].from)
			memmove(at + runs[i].to, at + runs[i].from, runs[i].len);
	for (unsigned i = last + 1; i-- > 0;)
		if (runs[i].to > runs[i].from)
			memmove(at + runs[i].to, at + runs[i].from, runs[i].len);
	for (unsigned i = 0; i < last; i++)
		memcpy(at + runs[i].to + runs[i].len, edit->arena + edit->changes[i].text,
		       edit->changes[i].insert);
	*out_len = new_len;
	return RESULT_OK;
}
