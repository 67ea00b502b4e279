/* A bounded writer: bytes into a buffer of known size, with an error that sticks. */
#ifndef SEKISHO_SHARED_WRITER_H
#define SEKISHO_SHARED_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "shared/result.h"
#include "shared/slice.h"

/*
 * Once something did not fit, is_full stays true and nothing more is written: a caller writes
 * a whole message and asks once, at the end. The buffer is borrowed; nothing is terminated.
 */
struct writer {
	char *at;   /* the buffer */
	size_t len; /* bytes written */
	size_t cap; /* its size, bytes */
	bool is_full;
};

static inline struct writer writer_make(void *at, size_t cap)
{
	return (struct writer){.at = at, .cap = cap};
}

/* Either all bytes are written or none, and then the writer is full. */
static inline void writer_bytes(struct writer *w, const void *at, size_t len)
{
	if (w->is_full || len > w->cap - w->len) {
		w->is_full = true;
		return;
	}
	if (len != 0)
		memcpy(w->at + w->len, at, len);
	w->len += len;
}

static inline void writer_slice(struct writer *w, struct slice s)
{
	writer_bytes(w, s.at, s.len);
}

static inline void writer_char(struct writer *w, char c)
{
	writer_bytes(w, &c, 1);
}

/* Decimal without leading zeros. */
void writer_u32(struct writer *w, uint32_t value);
void writer_u64(struct writer *w, uint64_t value);

/* Two lower-case hexadecimal digits for each byte. */
void writer_hex(struct writer *w, const void *at, size_t len);

/* A string literal, without its terminator. */
#define WRITER_LITERAL(w, literal) writer_bytes((w), (literal), sizeof(literal) - 1)

/* What was written, in out; RESULT_SPACE if anything did not fit. */
SEKISHO_MUST_USE enum result writer_finish(const struct writer *w, struct slice *out);

#endif
