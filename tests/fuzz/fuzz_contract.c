/*
 * Any bytes as a packet of the contract's socket, each of its messages in memory of exactly its
 * size: what is found good says how long it is, and all of its texts end.
 */
#include <string.h>

#include "shared/contract/contract.h"
#include "shared/contract/packet.h"
#include "tests/fuzz/target.h"

static void message_check(const void *at, size_t length)
{
	struct contract_header *copy = malloc(length > 0 ? length : 1);
	enum result result;

	MUST(copy != NULL);
	memcpy(copy, at, length);
	result = contract_validate(copy, length);
	MUST(result == RESULT_OK || result == RESULT_VERSION || result == RESULT_NOT_FOUND ||
	     result == RESULT_BAD);
	if (result == RESULT_OK || result == RESULT_NOT_FOUND)
		MUST(length >= sizeof(*copy) && copy->length == length);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static _Alignas(8) uint8_t packet[CONTRACT_PACKET_BYTES];
	size_t at = 0;

	if (size > sizeof(packet))
		return 0;
	memcpy(packet, data, size);
	while (at < size) {
		size_t left = size - at;
		size_t length = contract_packet_message(packet + at, left);

		MUST(length > 0 && length <= left);
		message_check(packet + at, length);
		MUST(contract_packet_step(length, left) > 0);
		at += contract_packet_step(length, left);
	}
	MUST(at == size);
	return 0;
}
