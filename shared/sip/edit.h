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

/* Most texts are short: they are copied by whole strides, without a call. */
#define SIP_EDIT_STRIDE 32
#define SIP_EDIT_SLACK	64

struct sip_edit_change {
	const char *text; /* in the arena, or lent */
	uint16_t offset;  /* from the message's first byte */
	uint16_t remove;
	uint16_t insert; /* bytes of text */
};

/*
 * Changes stand in ascending order and do not overlap; two insertions at one offset keep the
 * order in which they came. An error sticks: a caller makes all changes and asks once, at
 * sip_edit_apply. Not cleared by memset: sip_edit_begin sets what counts.
 */
struct sip_edit {
	unsigned count;
	enum result error;  /* RESULT_OK, RESULT_SPACE, RESULT_BAD: an overlap */
	struct writer text; /* into arena */
	size_t opened;	    /* its length at sip_edit_open */
	struct sip_edit_change changes[SIP_EDIT_CHANGES];
	char arena[SIP_EDIT_ARENA_BYTES + SIP_EDIT_SLACK];
};

/* A message's new beginning, in place of its first `replaced` bytes; all behind them stays. */
struct sip_edit_head {
	size_t replaced;
	size_t len;
	char text[LIMIT_SIP_MESSAGE_BYTES + SIP_EDIT_ARENA_BYTES + SIP_EDIT_SLACK];
};

/* The edit holds a pointer into itself: it must not be copied. */
void sip_edit_begin(struct sip_edit *edit);

/* At offset remove bytes go and those of text, copied, take their place. Any order of calls. */
void sip_edit_change(struct sip_edit *edit, uint16_t offset, uint16_t remove, struct slice text);

/* The same with a text that is not copied: it stays as it is until the edit is applied, and whole
 * strides of it can be read. */
void sip_edit_lend(struct sip_edit *edit, uint16_t offset, uint16_t remove, struct slice text);

/* The same with what is written into the writer between the two calls. */
struct writer *sip_edit_open(struct sip_edit *edit);
void sip_edit_close(struct sip_edit *edit, uint16_t offset, uint16_t remove);

/* Every line of a header goes. */
void sip_edit_remove_header(struct sip_edit *edit, const struct sip_message *message,
			    enum sip_header header);

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

/* Bytes by which the message grows (or shrinks). */
long sip_edit_growth(const struct sip_edit *edit);

/*
 * The new beginning of the len bytes at at, up to past the last change; they are not touched.
 * RESULT_SPACE if the edit has too much in it; RESULT_BAD for overlapping changes or one beyond
 * len.
 */
SEKISHO_MUST_USE enum result sip_edit_compose(const struct sip_edit *edit, const char *at,
					      size_t len, struct sip_edit_head *head);

/*
 * Applies all changes to the len bytes at at, in a buffer of cap: out_len is the new length.
 * RESULT_SPACE if it does not fit there or in the edit, RESULT_BAD for overlapping changes or one
 * beyond len; then nothing has been touched.
 */
SEKISHO_MUST_USE enum result sip_edit_apply(const struct sip_edit *edit, char *at, size_t len,
					    size_t cap, size_t *out_len);

#endif
