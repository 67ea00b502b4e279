/* Changes that a message's own structure asks for. */
#include "shared/sip/edit.h"

#include "shared/sip/entries.h"

static void range_remove(struct sip_edit *edit, unsigned from, unsigned to)
{
	sip_edit_lend(edit, (uint16_t)from, (uint16_t)(to - from), slice_make("", 0));
}

void sip_edit_remove_lines(struct sip_edit *edit, const struct sip_message *message,
			   enum sip_header header)
{
	for (unsigned i = message->first[header]; i <= message->last[header]; i++)
		if (message->lines[i].id == header)
			range_remove(edit, message->lines[i].start, message->lines[i].end);
}

/* The entries of one line that go, as they are met: from the first of them to the last. */
struct cut {
	unsigned from; /* offset of the first entry that goes */
	unsigned kept; /* past the entry before it, if has_kept */
	bool is_open;
	bool has_kept; /* an entry before it stays */
};

/* The cut ends at the line's last entry, or with one behind it that stays. */
static void cut_close(struct cut *cut, const struct sip_message *message,
		      const struct sip_entry *entry, struct sip_edit *edit)
{
	const struct sip_line *line = &message->lines[entry->line];

	if (!entry->is_last)
		range_remove(edit, cut->from, entry->next);
	else if (cut->has_kept)
		range_remove(edit, cut->kept, entry->end);
	else
		range_remove(edit, line->start, line->end);
	cut->is_open = false;
}

void sip_edit_remove_entries(struct sip_edit *edit, const struct sip_message *message,
			     enum sip_header header, unsigned first, unsigned count)
{
	struct sip_entries entries = sip_entries_begin(message, header);
	struct sip_entry entry;
	struct cut cut = {0};

	for (unsigned i = 0; i < first + count && sip_entries_next(&entries, &entry); i++) {
		if (entry.is_first)
			cut = (struct cut){0};
		if (i < first) {
			cut.kept = entry.end;
			cut.has_kept = true;
			continue;
		}
		if (!cut.is_open) {
			cut.from = entry.start;
			cut.is_open = true;
		}
		if (entry.is_last || i == first + count - 1)
			cut_close(&cut, message, &entry, edit);
	}
}

void sip_edit_remove_top_via(struct sip_edit *edit, const struct sip_message *message)
{
	const struct sip_line *line = &message->lines[message->first[SIP_HEADER_VIA]];

	/* Mostly it has a line to itself, and the list need not be looked through. */
	if (line->value_len == message->via.text.len)
		range_remove(edit, line->start, line->end);
	else
		sip_edit_remove_entries(edit, message, SIP_HEADER_VIA, 0, 1);
}

void sip_edit_patch_via(struct sip_edit *edit, const struct sip_message *message,
			const struct sip_via_patch *patches, unsigned count)
{
	unsigned base = sip_message_offset(message, message->via.text.at);

	for (unsigned i = 0; i < count; i++)
		sip_edit_lend(edit, (uint16_t)(base + patches[i].offset), patches[i].remove,
			      slice_make(patches[i].text, patches[i].len));
}
