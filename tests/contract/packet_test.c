/* shared/contract/packet.c: several messages in one packet, and how they are found again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "shared/contract/packet.h"

static int packet_make(void **state)
{
	*state = calloc(1, sizeof(struct contract_packet));
	return *state == NULL;
}

static int packet_free(void **state)
{
	free(*state);
	return 0;
}

/* A message of this whole length, numbered. */
static void message_add(struct contract_packet *packet, size_t length, uint32_t number)
{
	struct contract_header *header = contract_packet_room(packet, length);

	assert_non_null(header);
	assert_int_equal((uintptr_t)header % 8, 0);
	memset(header, 0xee, length);
	contract_header_set(header, CONTRACT_EVENT, length, number);
	contract_packet_take(packet, length);
}

static void messages_are_found_again_one_after_the_other(void **state)
{
	static const size_t lengths[] = {16, 17, 24, 1000, 31, 16};
	struct contract_packet *packet = *state;
	size_t at = 0;

	for (uint32_t i = 0; i < 6; i++)
		message_add(packet, lengths[i], i);
	for (uint32_t i = 0; i < 6; i++) {
		const struct contract_header *header = (const void *)(packet->bytes + at);
		size_t left = packet->length - at;

		assert_int_equal(header->request, i);
		assert_int_equal(contract_packet_message(header, left), lengths[i]);
		at += contract_packet_step(lengths[i], left);
	}
	assert_int_equal(at, packet->length);
}

static void what_lies_between_messages_is_zero(void **state)
{
	static const uint8_t zeros[7];
	struct contract_packet *packet = *state;

	memset(packet->bytes, 0xff, 64);
	message_add(packet, 17, 1);
	message_add(packet, 16, 2);
	assert_memory_equal(packet->bytes + 17, zeros, 7);
}

static void one_message_alone_is_the_packet(void **state)
{
	struct contract_packet *packet = *state;

	message_add(packet, 21, 1);
	assert_int_equal(packet->length, 21);
	assert_int_equal(contract_packet_message(packet->bytes, 21), 21);
	assert_int_equal(contract_packet_step(21, 21), 21);
}

static void what_does_not_fit_gets_no_room(void **state)
{
	struct contract_packet *packet = *state;

	assert_null(contract_packet_room(packet, CONTRACT_PACKET_BYTES + 1));
	assert_non_null(contract_packet_room(packet, CONTRACT_PACKET_BYTES));
	message_add(packet, CONTRACT_PACKET_BYTES - 20, 1);
	assert_int_equal(packet->length, CONTRACT_PACKET_BYTES - 20);
	assert_null(contract_packet_room(packet, 17));
	message_add(packet, 16, 2);
	assert_null(contract_packet_room(packet, 1));
	assert_null(contract_packet_room(packet, SIZE_MAX));
}

static void room_that_is_not_taken_leaves_no_trace(void **state)
{
	struct contract_packet *packet = *state;

	message_add(packet, 16, 1);
	memset(contract_packet_room(packet, 100), 1, 100);
	assert_int_equal(packet->length, 16);
	message_add(packet, 24, 2);
	assert_int_equal(packet->length, 40);
}

/* A header that cannot be believed: what is left is one message, for contract_validate() to refuse. */
static void a_header_that_lies_takes_all_that_is_left(void **state)
{
	struct contract_packet *packet = *state;
	struct contract_header *header = (void *)packet->bytes;

	message_add(packet, 40, 1);
	header->length = 41;
	assert_int_equal(contract_packet_message(header, 40), 40);
	header->length = 15;
	assert_int_equal(contract_packet_message(header, 40), 40);
	header->length = UINT32_MAX;
	assert_int_equal(contract_packet_message(header, 40), 40);
	header->length = 16;
	assert_int_equal(contract_packet_message(header, 40), 16);
	header->version++;
	assert_int_equal(contract_packet_message(header, 40), 40);
	header->version--;
	header->magic++;
	assert_int_equal(contract_packet_message(header, 40), 40);
	assert_int_equal(contract_validate(header, 40), RESULT_BAD);
	assert_int_equal(contract_packet_message(header, 3), 3);
}

#define PACKET(name) cmocka_unit_test_setup_teardown(name, packet_make, packet_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PACKET(messages_are_found_again_one_after_the_other),
		PACKET(what_lies_between_messages_is_zero),
		PACKET(one_message_alone_is_the_packet),
		PACKET(what_does_not_fit_gets_no_room),
		PACKET(room_that_is_not_taken_leaves_no_trace),
		PACKET(a_header_that_lies_takes_all_that_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
