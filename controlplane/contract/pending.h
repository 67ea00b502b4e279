/* Requests to the data plane that wait for their answer, by request number. */
#ifndef SEKISHO_CONTROLPLANE_CONTRACT_PENDING_H
#define SEKISHO_CONTROLPLANE_CONTRACT_PENDING_H

#include <stdint.h>

#include "shared/contract/contract.h"

/* The answer: the data plane's result, or RESULT_IO when the connection was lost before it. */
typedef void contract_done(void *arg, enum result result);

/* One of several messages that come before the answer (dump, counters); borrowed. */
typedef void contract_record(void *arg, const struct contract_header *record);

struct pending;

struct pending *pending_create(void);

/* All that still wait are told RESULT_IO first. */
void pending_destroy(struct pending *pending);

/* A number for a new request, never 0; id is what is asked. record and done may be NULL. */
SEKISHO_MUST_USE enum result pending_add(struct pending *pending, uint16_t id,
					 contract_record *record, contract_done *done, void *arg,
					 uint32_t *request);

/* Take back the request added last, which could not be sent; done is not called. */
void pending_undo(struct pending *pending);

/*
 * An answer has come: its request is told. RESULT_NOT_FOUND: nobody asked. *id is what was asked if
 * nobody was there to be told of it, else 0.
 */
SEKISHO_MUST_USE enum result pending_answer(struct pending *pending,
					    const struct contract_answer *answer, uint16_t *id);

/* A record has come: its request is told, if there is one. */
void pending_take_record(struct pending *pending, const struct contract_header *record);

/* Tell all that wait RESULT_IO. */
void pending_fail(struct pending *pending);

#endif
