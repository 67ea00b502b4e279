/* A list of changes to a message, applied to its bytes in place. */
#ifndef SEKISHO_SHARED_SIP_EDIT_H
#define SEKISHO_SHARED_SIP_EDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/sip/message.h"
#include "shared/slice.h"
#include "shared/writer.h"

/* A gateway makes about ten; the rest is for headers to be removed that stand apart. */
#define SIP_EDIT_CHANGES 32

/* Inserted bytes of all changes: the growth limit, a Contact, and Vias stamped. */
#define SIP_EDIT_ARENA_BYTES 2048

/* Texts are copied by whole strides, without a call: most are short. */
#define SIP_EDIT_STRIDE 32

struct sip_edit_change {
	const char *text; /* in the arena, or lent */
	uint16_t offset;  /* from the message's first byte */
	uint16_t remove;
	uint16_t insert; /* bytes of text */
};

/*
 * Changes stand in ascending order and do not overlap; two insertions at one offset keep the
 * order in which they came. An error sticks: a caller makes all changes and asks once, at
 * sip_edit_check. Not cleared by memset: sip_edit_begin sets what counts.
 */
struct sip_edit {
	unsigned count;
	enum result error;  /* RESULT_OK, RESULT_SPACE, RESULT_BAD: an overlap */
	size_t end;	    /* past the last change: what stands behind it stays */
	long growth;	    /* bytes by which the message grows, or shrinks */
	struct writer text; /* into arena */
	size_t opened;	    /* its length at sip_edit_open */
	struct sip_edit_change changes[SIP_EDIT_CHANGES];
	char arena[SIP_EDIT_ARENA_BYTES + SIP_EDIT_STRIDE];
};

/* The edit holds a pointer into itself: it must not be copied. */
void sip_edit_begin(struct sip_edit *edit);

/* At offset remove bytes go and those of text, copied, take their place. Any order of calls. */
void sip_edit_change(struct sip_edit *edit, uint16_t offset, uint16_t remove, struct slice text);

/* A change that does not stand behind all the others: finds its place. */
void sip_edit_insert(struct sip_edit *edit, const struct sip_edit_change *change);

/* The same as sip_edit_change with a text that is not copied: it stands apart from the message, stays
 * as it is until the edit is applied, and whole strides of it can be read. */
static inline void sip_edit_lend(struct sip_edit *edit, uint16_t offset, uint16_t remove,
				 struct slice text)
{
	struct sip_edit_change change = {
		.text = text.at,
		.offset = offset,
		.remove = remove,
		.insert = (uint16_t)text.len,
	};

	if (offset < edit->end || edit->count == SIP_EDIT_CHANGES) {
		sip_edit_insert(edit, &change);
		return;
	}
	edit->changes[edit->count++] = change;
	edit->end = (size_t)offset + remove;
	edit->growth += (long)change.insert - remove;
}

/* The same with what is written into the writer between the two calls. */
static inline struct writer *sip_edit_open(struct sip_edit *edit)
{
	edit->opened = edit->text.len;
	return &edit->text;
}

void sip_edit_close(struct sip_edit *edit, uint16_t offset, uint16_t remove);

/* Every line of a header goes: there is one. */
void sip_edit_remove_lines(struct sip_edit *edit, const struct sip_message *message,
			   enum sip_header header);

/* Every line of a header goes, if there is one. */
static inline void sip_edit_remove_header(struct sip_edit *edit, const struct sip_message *message,
					  enum sip_header header)
{
	if (sip_message_has(message, header))
		sip_edit_remove_lines(edit, message, header);
}

/*
 * Entries first to first + count - 1 of a list go: whole lines where all of a line's entries do,
 * otherwise entries with the comma that parted them from the rest.
 */
void sip_edit_remove_entries(struct sip_edit *edit, const struct sip_message *message,
			     enum sip_header header, unsigned first, unsigned count);

/* The top Via goes. */
void sip_edit_remove_top_via(struct sip_edit *edit, const struct sip_message *message);

/* The changes of the top Via by which it says where the request really came from (sip_via_stamp): their
 * texts are lent, as by sip_edit_lend(). */
void sip_edit_patch_via(struct sip_edit *edit, const struct sip_message *message,
			const struct sip_via_patch *patches, unsigned count);

/* RESULT_OK, or what is wrong with it for a message of len bytes: RESULT_SPACE if it has too much in it;
 * RESULT_BAD for overlapping changes or one beyond len. */
SEKISHO_MUST_USE enum result sip_edit_check(const struct sip_edit *edit, size_t len);

/* Bytes of the new beginning, up to past the last change. */
static inline size_t sip_edit_head_bytes(const struct sip_edit *edit)
{
	return edit->end + (size_t)edit->growth;
}

/*
 * Puts the message of len bytes at at, changed by an edit that is right for it, to `to`: they may overlap.
 * A stride behind its end can be read and written there, and stays as it is.
 */
void sip_edit_put(const struct sip_edit *edit, const char *at, size_t len, char *to);

#endif
