/* An owned run of bytes, where a slice only borrows. */
#ifndef SEKISHO_TERMINAL_UA_TEXT_H
#define SEKISHO_TERMINAL_UA_TEXT_H

#include "shared/result.h"
#include "shared/slice.h"

/* All zero is an empty one. */
struct text {
	char *at;
	size_t len;
};

/* Takes a copy of what in place of what it held; RESULT_MEMORY leaves it as it was. */
SEKISHO_MUST_USE enum result text_set(struct text *text, struct slice what);
void text_clear(struct text *text);

static inline struct slice text_slice(const struct text *text)
{
	return slice_make(text->at, text->len);
}

#endif
