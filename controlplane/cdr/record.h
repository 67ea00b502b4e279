/*
 * A call detail record: one line of JSON for each start and end of a dialog and each refusal
 * (docs/operations.md).
 */
#ifndef SEKISHO_CONTROLPLANE_CDR_RECORD_H
#define SEKISHO_CONTROLPLANE_CDR_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/contract/contract.h"

/* Longest line, its line end included: every text of an event escaped six-fold. */
#define CDR_LINE_BYTES 8192

/* The name of the peer with this index; NULL: it is gone. */
typedef const char *cdr_peer_name(const void *ctx, uint32_t index);

/* Is this an event that has a record? Events of SAs have none. */
bool cdr_is_recorded(const struct contract_event *event);

/*
 * The record as a line with its "\n", not terminated. Returns its length; 0: there is no memory.
 */
size_t cdr_record_write(const struct contract_event *event, cdr_peer_name *peer_name,
			const void *ctx, char line[CDR_LINE_BYTES]);

/* The line of an SA that was made to end; length as above. */
size_t cdr_ended_write(uint64_t time_ms, const struct contract_sa *sa, const char *reason,
		       char line[CDR_LINE_BYTES]);

/* The line that stands for `count` records that were lost in `where`. */
size_t cdr_loss_write(uint64_t time_ms, const char *where, uint64_t count,
		      char line[CDR_LINE_BYTES]);

#endif
