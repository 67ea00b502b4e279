#include "controlplane/contract/pending.h"

#include <stdlib.h>
#include <sys/queue.h>

struct request {
	TAILQ_ENTRY(request) next;
	uint32_t number;
	uint16_t id;
	contract_record *record;
	contract_done *done;
	void *arg;
};

/* In the order asked, which is the order answered: a search ends at the first. */
struct pending {
	TAILQ_HEAD(request_list, request) requests;
	uint32_t last;
};

struct pending *pending_create(void)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (pending != NULL)
		TAILQ_INIT(&pending->requests);
	return pending;
}

void pending_fail(struct pending *pending)
{
	struct request_list old;
	struct request *request;

	/* What is asked meanwhile belongs to the time after. */
	TAILQ_INIT(&old);
	TAILQ_CONCAT(&old, &pending->requests, next);
	while ((request = TAILQ_FIRST(&old)) != NULL) {
		TAILQ_REMOVE(&old, request, next);
		if (request->done != NULL)
			request->done(request->arg, RESULT_IO);
		free(request);
	}
}

void pending_destroy(struct pending *pending)
{
	if (pending == NULL)
		return;
	pending_fail(pending);
	free(pending);
}

enum result pending_add(struct pending *pending, uint16_t id, contract_record *record,
			contract_done *done, void *arg, uint32_t *number)
{
	struct request *request = malloc(sizeof(*request));

	if (request == NULL)
		return RESULT_MEMORY;
	if (++pending->last == 0)
		pending->last = 1;
	*request = (struct request){
		.number = pending->last, .id = id, .record = record, .done = done, .arg = arg};
	TAILQ_INSERT_TAIL(&pending->requests, request, next);
	*number = request->number;
	return RESULT_OK;
}

void pending_undo(struct pending *pending)
{
	struct request *request = TAILQ_LAST(&pending->requests, request_list);

	TAILQ_REMOVE(&pending->requests, request, next);
	free(request);
}

static struct request *request_find(struct pending *pending, uint32_t number)
{
	struct request *request;

	TAILQ_FOREACH(request, &pending->requests, next)
	if (request->number == number)
		return request;
	return NULL;
}

enum result pending_answer(struct pending *pending, const struct contract_answer *answer,
			   uint16_t *id)
{
	struct request *request = request_find(pending, answer->header.request);

	if (request == NULL)
		return RESULT_NOT_FOUND;
	*id = request->done == NULL ? request->id : 0;
	TAILQ_REMOVE(&pending->requests, request, next);
	if (request->done != NULL)
		request->done(request->arg, (enum result)answer->result);
	free(request);
	return RESULT_OK;
}

void pending_take_record(struct pending *pending, const struct contract_header *record)
{
	struct request *request = request_find(pending, record->request);

	if (request != NULL && request->record != NULL)
		request->record(request->arg, record);
}
