/* Call detail records of a gateway: what the data plane tells of calls, written down. */
#ifndef SEKISHO_CONTROLPLANE_CDR_CDR_H
#define SEKISHO_CONTROLPLANE_CDR_CDR_H

#include "controlplane/cdr/journal.h"
#include "controlplane/cdr/record.h"

struct cdr;

/* Appends to the file at path. ctx of peer_name is borrowed. RESULT_OK, RESULT_IO with errno set,
 * or RESULT_MEMORY. */
SEKISHO_MUST_USE enum result cdr_create(const char *path, cdr_peer_name *peer_name, const void *ctx,
					struct cdr **cdr);

/* Writes what is still waiting, for a second at most. NULL is none. */
void cdr_destroy(struct cdr *cdr);

/*
 * An event of the data plane: its record, if it has one, and before it a line that counts what the
 * worker lost since its last one. Never waits.
 */
void cdr_take(struct cdr *cdr, const struct contract_event *event);

/* An SA was made to end, for a reason. Never waits. */
void cdr_take_ended(struct cdr *cdr, uint64_t time_ms, const struct contract_sa *sa,
		    const char *reason);

/* The file was moved away: go on in a new one. */
void cdr_reopen(struct cdr *cdr);

struct cdr_journal_state cdr_state_get(struct cdr *cdr);

#endif
