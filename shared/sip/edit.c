#include "shared/sip/edit.h"

#include <assert.h>

#include "shared/sip/entries.h"

void sip_edit_begin(struct sip_edit *edit)
{
	edit->count = 0;
	edit->error = RESULT_OK;
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
	/* Few are moved, if any: mostly they come as they stand. */
	for (unsigned i = edit->count; i > at; i--)
		edit->changes[i] = edit->changes[i - 1];
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
	sip_edit_lend(edit, offset, remove,
		      slice_make(edit->arena + edit->opened, edit->text.len - edit->opened));
}

void sip_edit_lend(struct sip_edit *edit, uint16_t offset, uint16_t remove, struct slice text)
{
	change_place(edit, (struct sip_edit_change){
				   .offset = offset,
				   .remove = remove,
				   .insert = (uint16_t)text.len,
				   .text = text.at,
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

/* Reads and writes up to a stride too much. */
static inline void copy(char *to, const char *from, size_t len)
{
	for (size_t at = 0; at < len; at += SIP_EDIT_STRIDE)
		memcpy(to + at, from + at, SIP_EDIT_STRIDE);
}

/* The bytes from the message's first to past its last change. */
static size_t head_length(const struct sip_edit *edit)
{
	const struct sip_edit_change *last;

	if (edit->count == 0)
		return 0;
	last = &edit->changes[edit->count - 1];
	return (size_t)last->offset + last->remove;
}

enum result sip_edit_compose(const struct sip_edit *edit, const char *at, size_t len,
			     struct sip_edit_head *head)
{
	char *to = head->text;
	size_t from = 0;

	if (edit->error != RESULT_OK)
		return edit->error;
	head->replaced = head_length(edit);
	if (head->replaced > len)
		return RESULT_BAD;
	/* What is not there yet is never more than stood there and the arena. */
	assert(len <= LIMIT_SIP_MESSAGE_BYTES);
	for (unsigned i = 0; i < edit->count; i++) {
		const struct sip_edit_change *change = &edit->changes[i];
		size_t kept = change->offset - from;

		if ((size_t)change->offset + SIP_EDIT_STRIDE <= len)
			copy(to, at + from, kept);
		else
			memcpy(to, at + from, kept);
		copy(to + kept, change->text, change->insert);
		to += kept + change->insert;
		from = (size_t)change->offset + change->remove;
	}
	head->len = (size_t)(to - head->text);
	return RESULT_OK;
}

enum result sip_edit_apply(const struct sip_edit *edit, char *at, size_t len, size_t cap,
			   size_t *out_len)
{
	struct sip_edit_head head;
	enum result result = sip_edit_compose(edit, at, len, &head);
	size_t rest;

	if (result != RESULT_OK)
		return result;
	rest = len - head.replaced;
	if (head.len + rest > cap)
		return RESULT_SPACE;
	memmove(at + head.len, at + head.replaced, rest);
	memcpy(at, head.text, head.len);
	*out_len = head.len + rest;
	return RESULT_OK;
}
