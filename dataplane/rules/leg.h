/*
 * A leg: the one a message came from or goes to, as it is written into what a gateway must
 * recognise later (docs/protocol.md 3.2). It names a binding, a peer's domain, a clear address or
 * ourselves, never an SA: a rekey in the middle of a call changes nothing.
 */
#ifndef SEKISHO_DATAPLANE_RULES_LEG_H
#define SEKISHO_DATAPLANE_RULES_LEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/peer_table.h"
#include "shared/result.h"
#include "shared/sip/host.h"

enum leg_kind { LEG_TERMINAL, LEG_PEER, LEG_CLEAR, LEG_SELF };

#define LEG_BYTES_MAX	   21 /* clear, IPv6 */
#define LEG_BYTES_TERMINAL 10

/* The bytes as they go into hashes and parameters: two legs are the same if their bytes are. */
struct leg {
	uint8_t length;
	uint8_t bytes[LEG_BYTES_MAX];
};

/* What the bytes say. */
struct leg_fields {
	enum leg_kind kind;
	uint8_t gateway_id;
	uint32_t index; /* terminal */
	uint16_t generation;
	uint32_t name;
	uint8_t peer[PEER_LEG_BYTES];
	uint8_t port;		    /* clear: which of ours */
	struct sip_address address; /* clear: with UDP port */
};

/* By words: what is read back by words soon after would have to wait for single bytes. */
static inline void leg_of_terminal(struct leg *leg, uint8_t gateway_id, uint32_t index,
				   uint16_t generation, uint32_t name)
{
	uint64_t head = (uint64_t)LEG_TERMINAL << 62 | (uint64_t)(gateway_id & 63) << 56 |
			(uint64_t)(index & 0xffffff) << 32 | (uint64_t)generation << 16 |
			name >> 16;
	uint16_t tail = __builtin_bswap16((uint16_t)name);

	head = __builtin_bswap64(head);
	leg->length = LEG_BYTES_TERMINAL;
	memcpy(leg->bytes, &head, sizeof(head));
	memcpy(leg->bytes + sizeof(head), &tail, sizeof(tail));
}

void leg_of_peer(struct leg *leg, const struct peer *peer);
void leg_of_clear(struct leg *leg, uint8_t gateway_id, uint8_t port,
		  const struct sip_address *address);
void leg_of_self(struct leg *leg, uint8_t gateway_id);

/* Takes the leg at the start of length bytes. RESULT_OK, or RESULT_BAD. */
enum result leg_read(const uint8_t *at, size_t length, struct leg *leg) SEKISHO_MUST_USE;

/* Of a leg in the clear: whom it names. */
void leg_address_get(const struct leg *leg, struct sip_address *out);

/* leg came from leg_read or one of the four above. */
void leg_fields_get(const struct leg *leg, struct leg_fields *out);

/* Puts its bytes at at; past them. Those of a terminal, which most are, and of IPv6 in the clear without
 * a call. */
static inline uint8_t *leg_write(const struct leg *leg, uint8_t *at)
{
	if (leg->length == LEG_BYTES_TERMINAL)
		memcpy(at, leg->bytes, LEG_BYTES_TERMINAL);
	else if (leg->length == LEG_BYTES_MAX)
		memcpy(at, leg->bytes, LEG_BYTES_MAX);
	else
		memcpy(at, leg->bytes, leg->length);
	return at + leg->length;
}

static inline bool leg_is_equal(const struct leg *a, const struct leg *b)
{
	if (a->length == LEG_BYTES_TERMINAL && b->length == LEG_BYTES_TERMINAL)
		return memcmp(a->bytes, b->bytes, LEG_BYTES_TERMINAL) == 0;
	if (a->length == LEG_BYTES_MAX && b->length == LEG_BYTES_MAX)
		return memcmp(a->bytes, b->bytes, LEG_BYTES_MAX) == 0;
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static inline struct slice leg_slice(const struct leg *leg)
{
	return slice_make(leg->bytes, leg->length);
}

static inline enum leg_kind leg_kind(const struct leg *leg)
{
	return (enum leg_kind)(leg->bytes[0] >> 6);
}

/* Whose it is; of a leg in the clear, which of his ports it leaves by. */
static inline uint8_t leg_gateway_id(const struct leg *leg)
{
	return leg->bytes[0] & 63;
}

static inline uint8_t leg_clear_port(const struct leg *leg)
{
	return leg->bytes[1];
}

/* The binding that a leg names; 0: it is no terminal's. */
static inline uint32_t leg_binding_index(const struct leg *leg)
{
	uint32_t head;

	memcpy(&head, leg->bytes, sizeof(head));
	return leg_kind(leg) == LEG_TERMINAL ? __builtin_bswap32(head) & 0xffffff : 0;
}

#endif
