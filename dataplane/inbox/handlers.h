/* What each request of the contract does to the tables: one function an id, in one table. */
#ifndef SEKISHO_DATAPLANE_INBOX_HANDLERS_H
#define SEKISHO_DATAPLANE_INBOX_HANDLERS_H

#include "dataplane/inbox/inbox.h"

/* A request that contract_validate() let pass; fd came with it, -1: none (stays the caller's). */
typedef enum result inbox_handler(const struct inbox_config *config,
				  const struct contract_header *request, int fd);

/* The handler of an id that is answered by CONTRACT_ANSWER alone; NULL if there is none. */
inbox_handler *inbox_handler_find(uint16_t id);

#endif
