/* A client at the data plane's inbox, with the whole of a plane_kit behind it. */
#ifndef SEKISHO_TESTS_UNIT_DATAPLANE_PROCESS_INBOX_KIT_H
#define SEKISHO_TESTS_UNIT_DATAPLANE_PROCESS_INBOX_KIT_H

#include <stddef.h>
#include <stdint.h>

#include "dataplane/counters.h"
#include "dataplane/inbox/inbox.h"
#include "dataplane/sa_leaving.h"
#include "shared/contract/packet.h"
#include "tests/unit/dataplane_process/plane_kit.h"

struct inbox_kit {
	struct plane_kit *kit;
	struct inbox *inbox;
	struct counters counters;
	struct control_counts counts;
	struct sa_leaving leaving;
	char path[64];
	int client;
	unsigned sas_put;
	unsigned sas_deleted;
	/* what the client has received, and where in it the next message begins */
	_Alignas(8) uint8_t bytes[CONTRACT_PACKET_BYTES];
	size_t length, at;
	unsigned packets;
};

/* The inbox over the plane_kit in *state, and a client that is connected; one at a time. */
struct inbox_kit *inbox_kit_make(void **state);
void inbox_kit_end(struct inbox_kit *fixture);

/* Another client: its socket. */
int inbox_kit_connect(const struct inbox_kit *fixture);

/* The next message; NULL: there is none. */
const struct contract_header *inbox_kit_read(struct inbox_kit *fixture);
void inbox_kit_send(struct inbox_kit *fixture, const void *message, size_t length);
void inbox_kit_hello(struct inbox_kit *fixture);

/* The result that the answer to this request has. */
enum result inbox_kit_ask(struct inbox_kit *fixture, const void *message, size_t length);

#define INBOX_ASK(fixture, message, id)                                                            \
	(contract_header_set(&(message).header, (id), sizeof(message), 77),                        \
	 inbox_kit_ask((fixture), &(message), sizeof(message)))

/* Told of SAs, with an inbox_kit for context; it counts. */
void inbox_kit_sa_deleted(void *context, const struct contract_sa *sa);

#endif
