#include "shared/sip/edit.h"

#include <assert.h>

void sip_edit_begin(struct sip_edit *edit)
{
	edit->count = 0;
	edit->error = RESULT_OK;
	edit->end = 0;
	edit->growth = 0;
	/* One by one: a whole writer would be read back before its parts are stored. */
	edit->text.at = edit->arena;
	edit->text.len = 0;
	edit->text.cap = SIP_EDIT_ARENA_BYTES;
	edit->text.is_full = false;
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

/* Behind those at the same offset that only insert. */
void sip_edit_insert(struct sip_edit *edit, const struct sip_edit_change *change)
{
	unsigned at = edit->count;

	if (edit->count == SIP_EDIT_CHANGES) {
		error_note(edit, RESULT_SPACE);
		return;
	}
	while (at > 0 && !is_in_order(&edit->changes[at - 1], change))
		at--;
	if (!is_in_order(change, &edit->changes[at])) {
		error_note(edit, RESULT_BAD);
		return;
	}
	for (unsigned i = edit->count; i > at; i--)
		edit->changes[i] = edit->changes[i - 1];
	edit->changes[at] = *change;
	edit->count++;
	edit->growth += (long)change->insert - change->remove;
}

void sip_edit_close(struct sip_edit *edit, uint16_t offset, uint16_t remove)
{
	if (edit->text.is_full) {
		error_note(edit, RESULT_SPACE);
		return;
	}
	sip_edit_lend(edit, offset, remove,
		      slice_make(edit->arena + edit->opened, edit->text.len - edit->opened));
}

void sip_edit_change(struct sip_edit *edit, uint16_t offset, uint16_t remove, struct slice text)
{
	writer_slice(sip_edit_open(edit), text);
	sip_edit_close(edit, offset, remove);
}

enum result sip_edit_check(const struct sip_edit *edit, size_t len)
{
	if (edit->error != RESULT_OK)
		return edit->error;
	return edit->end <= len ? RESULT_OK : RESULT_BAD;
}

/* Reads and writes up to a stride too much. */
static inline char *copy(char *to, const char *from, size_t len)
{
	for (size_t at = 0; at < len; at += SIP_EDIT_STRIDE)
		memcpy(to + at, from + at, SIP_EDIT_STRIDE);
	return to + len;
}

/* The new beginning, out of the old one. */
static void compose(const struct sip_edit *edit, const char *old, char *to)
{
	size_t from = 0;

	for (unsigned i = 0; i < edit->count; i++) {
		const struct sip_edit_change *change = &edit->changes[i];

		to = copy(to, old + from, change->offset - from);
		to = copy(to, change->text, change->insert);
		from = (size_t)change->offset + change->remove;
	}
}

void sip_edit_put(const struct sip_edit *edit, const char *at, size_t len, char *to)
{
	char old[LIMIT_SIP_MESSAGE_BYTES + SIP_EDIT_STRIDE], behind[SIP_EDIT_STRIDE];
	char *rest = to + sip_edit_head_bytes(edit);

	assert(edit->end <= len && len <= LIMIT_SIP_MESSAGE_BYTES);
	if (edit->end + SIP_EDIT_STRIDE <= len)
		copy(old, at, edit->end);
	else
		memcpy(old, at, edit->end);
	if (rest != at + edit->end)
		memmove(rest, at + edit->end, len - edit->end);
	memcpy(behind, rest, sizeof(behind));
	compose(edit, old, to);
	memcpy(rest, behind, sizeof(behind));
}
