/*
 * The file that call detail records go to: lines are appended by a thread of its own, so a disk
 * that is slow or full holds nobody up. What finds no room in the buffer is lost and counted, and
 * the count stands in the file where the gap is.
 */
#ifndef SEKISHO_CONTROLPLANE_CDR_JOURNAL_H
#define SEKISHO_CONTROLPLANE_CDR_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

struct cdr_journal;

struct cdr_journal_state {
	uint64_t written, lost; /* lines since the start */
	int error;		/* errno of the last attempt to write; 0: it went well */
};

/* Appends to the file at path (made with mode 0640), through a buffer of buffer_bytes. RESULT_OK,
 * RESULT_IO with errno set, or RESULT_MEMORY. */
SEKISHO_MUST_USE enum result cdr_journal_create(const char *path, size_t buffer_bytes,
						struct cdr_journal **journal);

/* Writes what is still in the buffer, for a second at most. NULL is none. */
void cdr_journal_destroy(struct cdr_journal *journal);

/* A whole line with its line end; never waits. False: lost for want of room. */
bool cdr_journal_put(struct cdr_journal *journal, const char *line, size_t length);

/* The file was moved away (logrotate): go on in a new one of the same name. */
void cdr_journal_reopen(struct cdr_journal *journal);

struct cdr_journal_state cdr_journal_state_get(struct cdr_journal *journal);

#endif
