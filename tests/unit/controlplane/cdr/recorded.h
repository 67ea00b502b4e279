/* A call's start as the data plane tells it, and a peer's name as the records ask for it. */
#ifndef SEKISHO_TESTS_CDR_RECORDED_H
#define SEKISHO_TESTS_CDR_RECORDED_H

#include "tests/unit/controlplane/scratch.h"

#include <jansson.h>

#include "controlplane/cdr/record.h"

static inline const char *recorded_peer_name(const void *ctx, uint32_t index)
{
	(void)ctx;
	return index == 1 ? "xyz.com" : NULL;
}

static inline struct contract_event recorded_start(void)
{
	struct contract_event event = {
		.kind = CONTRACT_EVENT_DIALOG_START,
		.status = 200,
		.time_ms = 1795756458123, /* date -u -d @1795756458 */
		.came_by = {.kind = CONTRACT_LEG_PEER, .level = 3, .index = 1},
		.goes_to = {.kind = CONTRACT_LEG_TERMINAL,
			    .level = 3,
			    .generation = 4,
			    .index = 7,
			    .address = {.family = 4, .port = 5060, .bytes = {192, 0, 2, 1}}},
		.method = "INVITE",
		.caller = "user-a@abc.com",
		.callee = "user-b@xyz.com",
		.call_id = "call-1",
	};

	return event;
}

#endif
