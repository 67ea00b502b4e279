/* shared/contract/contract.c: messages as they should be, cut short, too long, of another version.
 * Field by field: contract_fields_test.c. */
#include "tests/contract/messages.h"

static const enum contract_id every_id[] = {
	CONTRACT_HELLO,		  CONTRACT_SETTINGS_PUT,   CONTRACT_KEY_PUT,
	CONTRACT_KEY_DELETE,	  CONTRACT_SA_PUT,	   CONTRACT_SA_DELETE,
	CONTRACT_BINDING_PUT,	  CONTRACT_BINDING_DELETE, CONTRACT_IDENTITY_PUT,
	CONTRACT_IDENTITY_DELETE, CONTRACT_PEER_PUT,	   CONTRACT_PEER_DELETE,
	CONTRACT_POLICY_PUT,	  CONTRACT_SIP_SEND,	   CONTRACT_DUMP,
	CONTRACT_COUNTERS_GET,	  CONTRACT_WELCOME,	   CONTRACT_ANSWER,
	CONTRACT_SA_RECORD,	  CONTRACT_BINDING_RECORD, CONTRACT_COUNTERS,
	CONTRACT_SIP_RECEIVED,	  CONTRACT_EVENT,	   CONTRACT_SIP_ENTER,
	CONTRACT_SIP_LEAVES,
};

#define EVERY_ID_COUNT (sizeof(every_id) / sizeof(every_id[0]))

static void every_message_as_it_should_be_is_taken(void **state)
{
	union message message;

	(void)state;
	for (size_t i = 0; i < EVERY_ID_COUNT; i++) {
		size_t length = make(&message, every_id[i]);

		assert_int_equal(validate(&message, length), RESULT_OK);
		assert_int_equal(message.header.request, 7);
	}
}

static void every_message_cut_short_is_refused_at_every_length(void **state)
{
	union message message;

	(void)state;
	for (size_t i = 0; i < EVERY_ID_COUNT; i++) {
		size_t length = make(&message, every_id[i]);

		for (size_t cut = 0; cut < length; cut++) {
			assert_int_equal(validate(&message, cut), RESULT_BAD);
			if (cut < sizeof(struct contract_header))
				continue;
			message.header.length = (uint32_t)cut;
			assert_int_equal(validate(&message, cut), RESULT_BAD);
			message.header.length = (uint32_t)length;
		}
	}
}

static void every_message_with_bytes_behind_it_is_refused(void **state)
{
	union message message;

	(void)state;
	for (size_t i = 0; i < EVERY_ID_COUNT; i++) {
		size_t length = make(&message, every_id[i]);

		assert_int_equal(validate(&message, length + 1), RESULT_BAD);
		message.header.length = (uint32_t)length + 1;
		assert_int_equal(validate(&message, length + 1), RESULT_BAD);
	}
}

static void every_message_of_another_version_is_refused_as_such(void **state)
{
	union message message;

	(void)state;
	for (size_t i = 0; i < EVERY_ID_COUNT; i++) {
		size_t length = make(&message, every_id[i]);

		message.header.version = CONTRACT_VERSION + 1;
		assert_int_equal(validate(&message, length), RESULT_VERSION);
	}
}

static void another_protocol_is_refused(void **state)
{
	union message message;
	size_t length = make(&message, CONTRACT_HELLO);

	(void)state;
	message.header.magic ^= 1;
	assert_int_equal(validate(&message, length), RESULT_BAD);
}

static void an_unknown_id_is_told_apart_so_that_it_can_be_answered(void **state)
{
	union message message;
	size_t length = make(&message, CONTRACT_HELLO);

	(void)state;
	message.header.id = 255;
	assert_int_equal(validate(&message, length), RESULT_NOT_FOUND);
	message.header.id = 0;
	assert_int_equal(validate(&message, length), RESULT_NOT_FOUND);
}

static void longer_than_any_message_is_refused(void **state)
{
	union message message;

	(void)state;
	make(&message, CONTRACT_SIP_SEND);
	message.header.length = CONTRACT_MESSAGE_BYTES + 1;
	assert_int_equal(validate(&message, CONTRACT_MESSAGE_BYTES + 1), RESULT_BAD);
}

static void the_longest_sip_message_fits_and_one_byte_more_does_not(void **state)
{
	union message message;
	size_t length = sizeof(struct contract_sip_send) + LIMIT_SIP_MESSAGE_BYTES;

	(void)state;
	make(&message, CONTRACT_SIP_SEND);
	message.header.length = (uint32_t)length;
	message.sip_send.sip_length = LIMIT_SIP_MESSAGE_BYTES;
	assert_int_equal(validate(&message, length), RESULT_OK);
	message.header.length = (uint32_t)length + 1;
	message.sip_send.sip_length = LIMIT_SIP_MESSAGE_BYTES + 1;
	assert_int_equal(validate(&message, length + 1), RESULT_BAD);
}

static void counters_may_be_none_and_may_be_as_many_as_there_is_room_for(void **state)
{
	union message message;
	size_t length = offsetof(struct contract_counters, counter);

	(void)state;
	make(&message, CONTRACT_COUNTERS);
	message.counters.count = 0;
	message.header.length = (uint32_t)length;
	assert_int_equal(validate(&message, length), RESULT_OK);
	make(&message, CONTRACT_COUNTERS);
	length = sizeof(struct contract_counters);
	message.counters.count = 128;
	message.header.length = (uint32_t)length;
	for (size_t i = 0; i < 128; i++)
		message.counters.counter[i].kind = CONTRACT_COUNTER_GAUGE;
	assert_int_equal(validate(&message, length), RESULT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_as_it_should_be_is_taken),
		cmocka_unit_test(every_message_cut_short_is_refused_at_every_length),
		cmocka_unit_test(every_message_with_bytes_behind_it_is_refused),
		cmocka_unit_test(every_message_of_another_version_is_refused_as_such),
		cmocka_unit_test(another_protocol_is_refused),
		cmocka_unit_test(an_unknown_id_is_told_apart_so_that_it_can_be_answered),
		cmocka_unit_test(longer_than_any_message_is_refused),
		cmocka_unit_test(the_longest_sip_message_fits_and_one_byte_more_does_not),
		cmocka_unit_test(counters_may_be_none_and_may_be_as_many_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
