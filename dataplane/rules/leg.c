#include "dataplane/rules/leg.h"

#include <string.h>

#define PEER_BYTES	 (1 + PEER_LEG_BYTES)
#define CLEAR_HEAD_BYTES 5
#define SELF_BYTES	 1

static uint8_t first_byte(enum leg_kind kind, uint8_t gateway_id)
{
	return (uint8_t)((unsigned)kind << 6 | (gateway_id & 63));
}

void leg_of_peer(struct leg *leg, const struct peer *peer)
{
	leg->length = PEER_BYTES;
	leg->bytes[0] = first_byte(LEG_PEER, 0);
	memcpy(leg->bytes + 1, peer->leg, PEER_LEG_BYTES);
}

static size_t address_bytes(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

/* A length that is known is copied without a call. */
static void address_copy(uint8_t *to, const uint8_t *from, uint8_t family)
{
	if (family == 4)
		memcpy(to, from, 4);
	else
		memcpy(to, from, 16);
}

void leg_of_clear(struct leg *leg, uint8_t gateway_id, uint8_t port,
		  const struct sip_address *address)
{
	leg->length = (uint8_t)(CLEAR_HEAD_BYTES + address_bytes(address->family));
	leg->bytes[0] = first_byte(LEG_CLEAR, gateway_id);
	leg->bytes[1] = port;
	leg->bytes[2] = (uint8_t)(address->port >> 8);
	leg->bytes[3] = (uint8_t)address->port;
	leg->bytes[4] = address->family;
	address_copy(leg->bytes + CLEAR_HEAD_BYTES, address->bytes, address->family);
}

void leg_address_get(const struct leg *leg, struct sip_address *out)
{
	const uint8_t *at = leg->bytes;

	memset(out, 0, sizeof(*out));
	out->port = (uint16_t)(at[2] << 8 | at[3]);
	out->family = at[4];
	address_copy(out->bytes, at + CLEAR_HEAD_BYTES, at[4]);
}

void leg_of_self(struct leg *leg, uint8_t gateway_id)
{
	leg->length = SELF_BYTES;
	leg->bytes[0] = first_byte(LEG_SELF, gateway_id);
}

/* How long the leg at at is; 0 if there is none. */
static size_t leg_length(const uint8_t *at, size_t length)
{
	if (length == 0)
		return 0;
	switch ((enum leg_kind)(at[0] >> 6)) {
	case LEG_TERMINAL:
		return LEG_BYTES_TERMINAL;
	case LEG_PEER:
		return at[0] == first_byte(LEG_PEER, 0) ? PEER_BYTES : 0;
	case LEG_CLEAR:
		if (length < CLEAR_HEAD_BYTES || (at[4] != 4 && at[4] != 6))
			return 0;
		return CLEAR_HEAD_BYTES + address_bytes(at[4]);
	case LEG_SELF:
		return SELF_BYTES;
	}
	return 0;
}

enum result leg_read(const uint8_t *at, size_t length, struct leg *leg)
{
	size_t taken = leg_length(at, length);

	if (taken == 0 || taken > length)
		return RESULT_BAD;
	leg->length = (uint8_t)taken;
	if (taken == LEG_BYTES_TERMINAL)
		memcpy(leg->bytes, at, LEG_BYTES_TERMINAL);
	else if (taken == LEG_BYTES_MAX)
		memcpy(leg->bytes, at, LEG_BYTES_MAX);
	else
		memcpy(leg->bytes, at, taken);
	return RESULT_OK;
}

void leg_fields_get(const struct leg *leg, struct leg_fields *out)
{
	const uint8_t *at = leg->bytes;

	*out = (struct leg_fields){.kind = leg_kind(leg), .gateway_id = leg_gateway_id(leg)};
	switch (out->kind) {
	case LEG_TERMINAL:
		out->index = (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
		out->generation = (uint16_t)(at[4] << 8 | at[5]);
		out->name = (uint32_t)at[6] << 24 | (uint32_t)at[7] << 16 | (uint32_t)at[8] << 8 |
			    at[9];
		break;
	case LEG_PEER:
		memcpy(out->peer, at + 1, PEER_LEG_BYTES);
		break;
	case LEG_CLEAR:
		out->port = leg_clear_port(leg);
		leg_address_get(leg, &out->address);
		break;
	case LEG_SELF:
		break;
	}
}
