/* What only the control lcore keeps of an SA: all that a dump tells and its way to the grave. */
#ifndef SEKISHO_DATAPLANE_TABLES_SA_INFO_H
#define SEKISHO_DATAPLANE_TABLES_SA_INFO_H

#include <stdint.h>

#include "dataplane/tables/sa_chain.h"
#include "shared/contract/contract.h"

enum sa_state {
	SA_FREE = 0,
	SA_LIVE,
	SA_PENDING, /* deleted; a worker may still be using it */
};

struct sa_info {
	struct contract_address inner_local;
	struct contract_address inner_remote;
	struct contract_address outer_local;
	struct contract_address outer_remote;
	uint64_t hard_expiry_s; /* 0: none, as the next two */
	uint64_t hard_packets;
	uint64_t hard_bytes;
	struct contract_vouching vouching;
	uint64_t rcu_token;	  /* SA_PENDING: reclaim when the workers have passed it */
	uint64_t outer_rcu_token; /* the other outer slot may be written when they have passed it */
	char *subscriber;	  /* owned */
	uint32_t owner_index;
	uint32_t owner_generation;
	uint32_t spi_out;
	uint32_t next_pending; /* index, 0: the last */
	uint32_t next_in[SA_CHAINS]; /* index, 0: the last of its chain (sa_chain.h) */
	uint32_t path_due_s;   /* when there is next something to do about its path, low 32 bits */
	uint16_t path_asked;   /* the size of path being asked about; 0: none */
	uint8_t path_asks;     /* questions about it so far */
	uint8_t state;	       /* enum sa_state */
	uint8_t generation;    /* of the SA, or the last one of a free index; 0: never used */
	uint8_t directions;
	uint8_t owner_kind;
	uint8_t suite;
	uint8_t mode;
	uint8_t level;
	uint8_t worker;
	uint8_t port;
	uint8_t is_replay_checked;
};

#endif
