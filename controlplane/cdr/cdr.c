#include "controlplane/cdr/cdr.h"

#include <stdio.h>
#include <stdlib.h>

#define WORKERS_MAX 64
/* 8 MB: about 20,000 records that wait for a disk. */
#define BUFFER_BYTES (8u << 20)

struct cdr {
	struct cdr_journal *journal;
	cdr_peer_name *peer_name;
	const void *ctx;
	uint64_t lost[WORKERS_MAX]; /* by worker, as last told */
};

enum result cdr_create(const char *path, cdr_peer_name *peer_name, const void *ctx,
		       struct cdr **cdr)
{
	struct cdr *made = calloc(1, sizeof(*made));
	enum result result;

	if (made == NULL)
		return RESULT_MEMORY;
	made->peer_name = peer_name;
	made->ctx = ctx;
	result = cdr_journal_create(path, BUFFER_BYTES, &made->journal);
	if (result != RESULT_OK) {
		free(made);
		return result;
	}
	*cdr = made;
	return RESULT_OK;
}

void cdr_destroy(struct cdr *cdr)
{
	if (cdr == NULL)
		return;
	cdr_journal_destroy(cdr->journal);
	free(cdr);
}

/* A worker counts since its data plane started: a smaller count is a new one's. */
static void losses_take(struct cdr *cdr, const struct contract_event *event)
{
	char line[CDR_LINE_BYTES], where[32];
	uint64_t *told = &cdr->lost[event->worker % WORKERS_MAX];
	uint64_t before = event->lost >= *told ? *told : 0;
	size_t length;

	*told = event->lost;
	if (event->lost == before)
		return;
	snprintf(where, sizeof(where), "worker %u", event->worker);
	length = cdr_loss_write(event->time_ms, where, event->lost - before, line);
	if (length > 0)
		cdr_journal_put(cdr->journal, line, length);
}

void cdr_take(struct cdr *cdr, const struct contract_event *event)
{
	char line[CDR_LINE_BYTES];
	size_t length;

	losses_take(cdr, event);
	if (!cdr_is_recorded(event))
		return;
	length = cdr_record_write(event, cdr->peer_name, cdr->ctx, line);
	if (length > 0)
		cdr_journal_put(cdr->journal, line, length);
}

void cdr_take_ended(struct cdr *cdr, uint64_t time_ms, const struct contract_sa *sa,
		    const char *reason)
{
	char line[CDR_LINE_BYTES];
	size_t length = cdr_ended_write(time_ms, sa, reason, line);

	if (length > 0)
		cdr_journal_put(cdr->journal, line, length);
}

void cdr_reopen(struct cdr *cdr)
{
	cdr_journal_reopen(cdr->journal);
}

struct cdr_journal_state cdr_state_get(struct cdr *cdr)
{
	return cdr_journal_state_get(cdr->journal);
}
