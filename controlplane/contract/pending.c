#include "controlplane/contract/pending.h"

#include <stdbool.h>
#include <stdlib.h>

#define CAPACITY_AT_FIRST 256

struct request {
	uint16_t id;
	bool is_open; /* not answered yet */
	contract_record *record;
	contract_done *done;
	void *arg;
};

/*
 * A ring that grows: the request of number n stands at n % capacity. They are answered in the order
 * asked but for errors, so what is behind the oldest that is open is not kept.
 */
struct pending {
	struct request *ring;
	uint32_t capacity; /* a power of two, or 0 */
	uint32_t first, count; /* numbers first .. first + count - 1, which may wrap */
};

static struct request *at(const struct pending *pending, uint32_t number)
{
	return &pending->ring[number & (pending->capacity - 1)];
}

struct pending *pending_create(void)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	if (pending != NULL)
		pending->first = 1;
	return pending;
}

void pending_fail(struct pending *pending)
{
	struct pending old = *pending;

	/* What is asked meanwhile belongs to the time after. */
	*pending = (struct pending){.first = old.first + old.count};
	for (uint32_t i = 0; i < old.count; i++) {
		const struct request *request = at(&old, old.first + i);

		if (request->is_open && request->done != NULL)
			request->done(request->arg, RESULT_IO);
	}
	free(old.ring);
}

void pending_destroy(struct pending *pending)
{
	if (pending == NULL)
		return;
	pending_fail(pending);
	free(pending->ring);
	free(pending);
}

static enum result room_make(struct pending *pending)
{
	struct pending bigger = *pending;

	if (pending->count < pending->capacity)
		return RESULT_OK;
	bigger.capacity = pending->capacity == 0 ? CAPACITY_AT_FIRST : 2 * pending->capacity;
	bigger.ring = bigger.capacity == 0 ? NULL : calloc(bigger.capacity, sizeof(*bigger.ring));
	if (bigger.ring == NULL)
		return RESULT_MEMORY;
	for (uint32_t i = 0; i < pending->count; i++)
		*at(&bigger, pending->first + i) = *at(pending, pending->first + i);
	free(pending->ring);
	*pending = bigger;
	return RESULT_OK;
}

enum result pending_add(struct pending *pending, uint16_t id, contract_record *record,
			contract_done *done, void *arg, uint32_t *number)
{
	enum result result = room_make(pending);
	uint32_t next = pending->first + pending->count;

	if (result == RESULT_OK && next == 0) { /* no request has this number */
		*at(pending, 0) = (struct request){.is_open = false};
		pending->count++;
		next = 1;
		result = room_make(pending);
	}
	if (result != RESULT_OK)
		return result;
	*at(pending, next) = (struct request){id, true, record, done, arg};
	pending->count++;
	*number = next;
	return RESULT_OK;
}

void pending_undo(struct pending *pending)
{
	pending->count--;
}

static struct request *request_find(const struct pending *pending, uint32_t number)
{
	struct request *request;

	if (number - pending->first >= pending->count)
		return NULL;
	request = at(pending, number);
	return request->is_open ? request : NULL;
}

/* Those that have been answered need not be kept, if no older one is open. */
static void forget_answered(struct pending *pending)
{
	while (pending->count > 0 && !at(pending, pending->first)->is_open) {
		pending->first++;
		pending->count--;
	}
}

enum result pending_answer(struct pending *pending, const struct contract_answer *answer,
			   uint16_t *id)
{
	struct request *found = request_find(pending, answer->header.request);
	struct request request;

	if (found == NULL)
		return RESULT_NOT_FOUND;
	request = *found;
	found->is_open = false;
	forget_answered(pending);
	*id = request.done == NULL ? request.id : 0;
	if (request.done != NULL)
		request.done(request.arg, (enum result)answer->result);
	return RESULT_OK;
}

void pending_take_record(struct pending *pending, const struct contract_header *record)
{
	const struct request *request = request_find(pending, record->request);

	if (request != NULL && request->record != NULL)
		request->record(request->arg, record);
}
