#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/contract/contract.h"

/* One message of any id, the largest that may be. */
union message {
	struct contract_header header;
	struct contract_hello hello;
	struct contract_welcome welcome;
	struct contract_answer answer;
	struct contract_settings settings;
	struct contract_key key;
	struct contract_sa sa;
	struct contract_sa_ref sa_ref;
	struct contract_sa_record sa_record;
	struct contract_binding binding;
	struct contract_binding_ref binding_ref;
	struct contract_identity identity;
	struct contract_peer peer;
	struct contract_policy policy;
	struct contract_sip_received sip_received;
	struct contract_sip_send sip_send;
	struct contract_dump dump;
	struct contract_counters counters;
	struct contract_event event;
	struct contract_sip_enter sip_enter;
	struct contract_sip_leaves sip_leaves;
	uint8_t bytes[CONTRACT_MESSAGE_BYTES + 64];
};

static size_t length_of(enum contract_id id)
{
	switch (id) {
	case CONTRACT_HELLO:
		return sizeof(struct contract_hello);
	case CONTRACT_SETTINGS_PUT:
		return sizeof(struct contract_settings);
	case CONTRACT_KEY_PUT:
	case CONTRACT_KEY_DELETE:
		return sizeof(struct contract_key);
	case CONTRACT_SA_PUT:
		return sizeof(struct contract_sa);
	case CONTRACT_SA_DELETE:
		return sizeof(struct contract_sa_ref);
	case CONTRACT_BINDING_PUT:
	case CONTRACT_BINDING_RECORD:
		return sizeof(struct contract_binding);
	case CONTRACT_BINDING_DELETE:
		return sizeof(struct contract_binding_ref);
	case CONTRACT_IDENTITY_PUT:
	case CONTRACT_IDENTITY_DELETE:
		return sizeof(struct contract_identity);
	case CONTRACT_PEER_PUT:
	case CONTRACT_PEER_DELETE:
		return sizeof(struct contract_peer);
	case CONTRACT_POLICY_PUT:
		return sizeof(struct contract_policy);
	case CONTRACT_SIP_SEND:
		return sizeof(struct contract_sip_send) + 3;
	case CONTRACT_DUMP:
		return sizeof(struct contract_dump);
	case CONTRACT_COUNTERS_GET:
		return sizeof(struct contract_header);
	case CONTRACT_WELCOME:
		return sizeof(struct contract_welcome);
	case CONTRACT_ANSWER:
		return sizeof(struct contract_answer);
	case CONTRACT_SA_RECORD:
		return sizeof(struct contract_sa_record);
	case CONTRACT_COUNTERS:
		return offsetof(struct contract_counters, counter) +
		       2 * sizeof(struct contract_counter);
	case CONTRACT_SIP_RECEIVED:
		return sizeof(struct contract_sip_received) + 3;
	case CONTRACT_EVENT:
		return sizeof(struct contract_event);
	case CONTRACT_SIP_ENTER:
		return sizeof(struct contract_sip_enter) + 3;
	case CONTRACT_SIP_LEAVES:
		return sizeof(struct contract_sip_leaves) + 3;
	}
	return 0;
}

static void sa_fill(struct contract_sa *sa)
{
	sa->index = 1;
	sa->generation = 1;
	sa->directions = CONTRACT_SA_IN | CONTRACT_SA_OUT;
	sa->owner_kind = CONTRACT_OWNER_TERMINAL;
	sa->suite = CONTRACT_SUITE_AES_128_GCM_16;
	sa->mode = CONTRACT_TRANSPORT;
	sa->level = 3;
	sa->is_replay_checked = 1;
	sa->inner_local.family = 6;
	sa->inner_remote.family = 6;
	sa->outer_local.family = 4;
	sa->outer_remote.family = 4;
	strcpy(sa->subscriber, "user-a@abc.com");
}

/* A good message of this id; its length. */
static size_t make(union message *message, enum contract_id id)
{
	size_t length = length_of(id);

	memset(message, 0, sizeof(*message));
	contract_header_set(&message->header, id, length, 7);
	switch (id) {
	case CONTRACT_WELCOME:
		message->welcome.port_count = 8;
		for (unsigned i = 0; i < 8; i++)
			message->welcome.port[i].spread = CONTRACT_SPREAD_SPI;
		break;
	case CONTRACT_SETTINGS_PUT:
		message->settings.route_security = CONTRACT_RS_ANNOTATE;
		break;
	case CONTRACT_KEY_PUT:
	case CONTRACT_KEY_DELETE:
		message->key.purpose = CONTRACT_KEY_SK;
		message->key.id = 9;
		break;
	case CONTRACT_SA_PUT:
		sa_fill(&message->sa);
		break;
	case CONTRACT_SA_RECORD:
		sa_fill(&message->sa_record.sa);
		break;
	case CONTRACT_SA_DELETE:
		message->sa_ref.index = (1u << LIMIT_SA_INDEX_BITS) - 1;
		message->sa_ref.generation = 255;
		break;
	case CONTRACT_BINDING_PUT:
	case CONTRACT_BINDING_RECORD:
		message->binding.index = 1;
		message->binding.generation = 1;
		message->binding.address.family = 6;
		break;
	case CONTRACT_BINDING_DELETE:
		message->binding_ref.index = 1;
		message->binding_ref.generation = 1;
		break;
	case CONTRACT_IDENTITY_PUT:
		message->identity.kind = CONTRACT_IDENTITY_LOCAL;
		break;
	case CONTRACT_PEER_PUT:
	case CONTRACT_PEER_DELETE:
		message->peer.index = 255;
		break;
	case CONTRACT_SIP_SEND:
		message->sip_send.origin = CONTRACT_ORIGIN_SA;
		message->sip_send.sip_length = 3;
		break;
	case CONTRACT_SIP_RECEIVED:
		message->sip_received.origin = CONTRACT_ORIGIN_CLEAR;
		message->sip_received.source.family = 4;
		message->sip_received.sip_length = 3;
		break;
	case CONTRACT_DUMP:
		message->dump.kind = CONTRACT_DUMP_SAS;
		break;
	case CONTRACT_COUNTERS:
		message->counters.count = 2;
		message->counters.counter[0].kind = CONTRACT_COUNTER_NODE;
		message->counters.counter[1].kind = CONTRACT_COUNTER_DROP;
		break;
	case CONTRACT_EVENT:
		message->event.kind = CONTRACT_EVENT_REFUSED;
		break;
	case CONTRACT_SIP_ENTER:
		message->sip_enter.origin = CONTRACT_ORIGIN_PEER;
		message->sip_enter.peer_index = 255;
		message->sip_enter.sip_length = 3;
		break;
	case CONTRACT_SIP_LEAVES:
		message->sip_leaves.peer_index = 1;
		message->sip_leaves.sip_length = 3;
		break;
	default:
		break;
	}
	return length;
}

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

/* On the heap and of exactly this length, so that a sanitizer sees a look beyond it. */
static enum result validate(const union message *message, size_t length)
{
	void *copy = malloc(length ? length : 1);
	enum result result;

	assert_non_null(copy);
	memcpy(copy, message, length);
	result = contract_validate(copy, length);
	free(copy);
	return result;
}

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

/* One field set out of its range: where, how wide, to what. */
struct wrong {
	enum contract_id id;
	size_t at;
	size_t width;
	uint32_t value;
};

#define WRONG(id, type, field, value)                                                              \
	{                                                                                          \
		(id), offsetof(type, field), sizeof(((type *)NULL)->field), (value)                \
	}

static const struct wrong wrongs[] = {
	WRONG(CONTRACT_HELLO, struct contract_hello, gateway_id, 64),
	WRONG(CONTRACT_WELCOME, struct contract_welcome, port_count, 9),
	WRONG(CONTRACT_WELCOME, struct contract_welcome, port[7].address[1].family, 5),
	WRONG(CONTRACT_WELCOME, struct contract_welcome, port[0].spread, 0),
	WRONG(CONTRACT_WELCOME, struct contract_welcome, port[7].spread, CONTRACT_SPREAD_SPI + 1),
	WRONG(CONTRACT_ANSWER, struct contract_answer, result, RESULT_MEMORY + 1),
	WRONG(CONTRACT_SETTINGS_PUT, struct contract_settings, gateway_id, 64),
	WRONG(CONTRACT_SETTINGS_PUT, struct contract_settings, route_security, 0),
	WRONG(CONTRACT_SETTINGS_PUT, struct contract_settings, route_security, 3),
	WRONG(CONTRACT_SETTINGS_PUT, struct contract_settings, route_security_add_level, 4),
	WRONG(CONTRACT_SETTINGS_PUT, struct contract_settings, insecure_access, 3),
	WRONG(CONTRACT_SETTINGS_PUT, struct contract_settings, is_identity_always_asserted, 2),
	WRONG(CONTRACT_SETTINGS_PUT, struct contract_settings, is_legacy_restored, 2),
	WRONG(CONTRACT_SETTINGS_PUT, struct contract_settings, dscp, 64),
	WRONG(CONTRACT_SETTINGS_PUT, struct contract_settings, domain_count, 9),
	WRONG(CONTRACT_KEY_PUT, struct contract_key, purpose, 0),
	WRONG(CONTRACT_KEY_PUT, struct contract_key, purpose, 4),
	WRONG(CONTRACT_KEY_DELETE, struct contract_key, purpose, CONTRACT_KEY_PERSISTENT),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, index, 0),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, index, 1u << LIMIT_SA_INDEX_BITS),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, generation, 0),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, directions, 0),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, directions, 4),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, owner_kind, 0),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, owner_kind, 3),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, suite, 0),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, suite, CONTRACT_SUITE_NULL_AES_128_GMAC_16 + 1),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, mode, 0),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, mode, 5),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, level, 1),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, level, 4),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, is_replay_checked, 2),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, is_refill, 2),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, inner_local.family, 1),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, inner_remote.family, 255),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, outer_local.family, 2),
	WRONG(CONTRACT_SA_PUT, struct contract_sa, outer_remote.family, 7),
	WRONG(CONTRACT_SA_RECORD, struct contract_sa_record, sa.suite, 0),
	WRONG(CONTRACT_SA_DELETE, struct contract_sa_ref, index, 0),
	WRONG(CONTRACT_SA_DELETE, struct contract_sa_ref, generation, 0),
	WRONG(CONTRACT_BINDING_PUT, struct contract_binding, index, 0),
	WRONG(CONTRACT_BINDING_PUT, struct contract_binding, generation, 0),
	WRONG(CONTRACT_BINDING_PUT, struct contract_binding, level, 4),
	WRONG(CONTRACT_BINDING_PUT, struct contract_binding, is_legacy, 2),
	WRONG(CONTRACT_BINDING_PUT, struct contract_binding, is_untrusted, 2),
	WRONG(CONTRACT_BINDING_PUT, struct contract_binding, identity_count,
	      LIMIT_BINDING_IDENTITIES + 1),
	WRONG(CONTRACT_BINDING_PUT, struct contract_binding, address.family, 1),
	WRONG(CONTRACT_BINDING_PUT, struct contract_binding, registration[0].q_thousandths, 1001),
	WRONG(CONTRACT_BINDING_RECORD, struct contract_binding,
	      registration[LIMIT_BINDING_IDENTITIES - 1].is_primary, 2),
	WRONG(CONTRACT_BINDING_DELETE, struct contract_binding_ref, index, 0),
	WRONG(CONTRACT_BINDING_DELETE, struct contract_binding_ref, generation, 0),
	WRONG(CONTRACT_IDENTITY_PUT, struct contract_identity, kind, 0),
	WRONG(CONTRACT_IDENTITY_PUT, struct contract_identity, kind, 3),
	WRONG(CONTRACT_IDENTITY_PUT, struct contract_identity, group_count,
	      LIMIT_IDENTITY_GROUPS + 1),
	WRONG(CONTRACT_IDENTITY_PUT, struct contract_identity, minimum_level, 4),
	WRONG(CONTRACT_IDENTITY_PUT, struct contract_identity, must_be_secure, 2),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, index, 0),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, index, 256),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, is_trusted, 2),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, is_transit, 2),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, is_sibling, 2),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, is_tls, 2),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, is_lost, 2),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, level, 4),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, domain_count, 9),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, reach_count, 9),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, address_count, 9),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, sa_out_count, 65),
	WRONG(CONTRACT_PEER_PUT, struct contract_peer, address[7].family, 9),
	WRONG(CONTRACT_PEER_DELETE, struct contract_peer, index, 0),
	WRONG(CONTRACT_SIP_SEND, struct contract_sip_send, origin, 0),
	WRONG(CONTRACT_SIP_SEND, struct contract_sip_send, origin, 3),
	WRONG(CONTRACT_SIP_SEND, struct contract_sip_send, sip_length, 0),
	WRONG(CONTRACT_SIP_SEND, struct contract_sip_send, sip_length, 2),
	WRONG(CONTRACT_SIP_SEND, struct contract_sip_send, sip_length, 4),
	WRONG(CONTRACT_SIP_SEND, struct contract_sip_send, sip_length, UINT32_MAX),
	WRONG(CONTRACT_SIP_SEND, struct contract_sip_send, destination.family, 1),
	WRONG(CONTRACT_SIP_RECEIVED, struct contract_sip_received, origin, 0),
	WRONG(CONTRACT_SIP_RECEIVED, struct contract_sip_received, source.family, 1),
	WRONG(CONTRACT_SIP_RECEIVED, struct contract_sip_received, outer_source.family, 1),
	WRONG(CONTRACT_SIP_RECEIVED, struct contract_sip_received, sip_length, 5),
	WRONG(CONTRACT_DUMP, struct contract_dump, kind, 0),
	WRONG(CONTRACT_DUMP, struct contract_dump, kind, 4),
	WRONG(CONTRACT_COUNTERS, struct contract_counters, count, 1),
	WRONG(CONTRACT_COUNTERS, struct contract_counters, count, 129),
	WRONG(CONTRACT_COUNTERS, struct contract_counters, count, UINT32_MAX),
	WRONG(CONTRACT_COUNTERS, struct contract_counters, counter[1].kind, 0),
	WRONG(CONTRACT_COUNTERS, struct contract_counters, counter[0].kind, 4),
	WRONG(CONTRACT_SIP_ENTER, struct contract_sip_enter, origin, CONTRACT_ORIGIN_SA),
	WRONG(CONTRACT_SIP_ENTER, struct contract_sip_enter, origin, CONTRACT_ORIGIN_CLEAR),
	WRONG(CONTRACT_SIP_ENTER, struct contract_sip_enter, peer_index, 0),
	WRONG(CONTRACT_SIP_ENTER, struct contract_sip_enter, peer_index, 256),
	WRONG(CONTRACT_SIP_ENTER, struct contract_sip_enter, sip_length, 4),
	WRONG(CONTRACT_SIP_LEAVES, struct contract_sip_leaves, peer_index, 0),
	WRONG(CONTRACT_SIP_LEAVES, struct contract_sip_leaves, sip_length, 2),
	WRONG(CONTRACT_EVENT, struct contract_event, kind, 0),
	WRONG(CONTRACT_EVENT, struct contract_event, kind, CONTRACT_EVENT_SA_HALF_SPENT + 1),
	WRONG(CONTRACT_EVENT, struct contract_event, outer.family, 1),
};

static void every_field_out_of_its_range_is_refused(void **state)
{
	union message message;

	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		const struct wrong *wrong = &wrongs[i];
		size_t length = make(&message, wrong->id);

		memcpy(message.bytes + wrong->at, &wrong->value, wrong->width);
		if (validate(&message, length) != RESULT_BAD)
			fail_msg("wrong field %zu was taken", i);
	}
}

/* One text without its end. */
struct endless {
	enum contract_id id;
	size_t at;
	size_t size;
};

#define ENDLESS(id, type, field)                                                                   \
	{                                                                                          \
		(id), offsetof(type, field), sizeof(((type *)NULL)->field)                         \
	}

static const struct endless endless_texts[] = {
	ENDLESS(CONTRACT_WELCOME, struct contract_welcome, port[7].device),
	ENDLESS(CONTRACT_WELCOME, struct contract_welcome, port[0].exception),
	ENDLESS(CONTRACT_SETTINGS_PUT, struct contract_settings, domain[7]),
	ENDLESS(CONTRACT_SA_PUT, struct contract_sa, subscriber),
	ENDLESS(CONTRACT_SA_RECORD, struct contract_sa_record, sa.subscriber),
	ENDLESS(CONTRACT_BINDING_PUT, struct contract_binding, identity[0]),
	ENDLESS(CONTRACT_BINDING_PUT, struct contract_binding,
		identity[LIMIT_BINDING_IDENTITIES - 1]),
	ENDLESS(CONTRACT_BINDING_PUT, struct contract_binding, contact),
	ENDLESS(CONTRACT_BINDING_PUT, struct contract_binding, subscriber),
	ENDLESS(CONTRACT_IDENTITY_PUT, struct contract_identity, aor),
	ENDLESS(CONTRACT_IDENTITY_DELETE, struct contract_identity, aor),
	ENDLESS(CONTRACT_PEER_PUT, struct contract_peer, name),
	ENDLESS(CONTRACT_PEER_PUT, struct contract_peer, domain[0]),
	ENDLESS(CONTRACT_PEER_PUT, struct contract_peer, reach[7]),
	ENDLESS(CONTRACT_COUNTERS, struct contract_counters, counter[1].name),
	ENDLESS(CONTRACT_EVENT, struct contract_event, method),
	ENDLESS(CONTRACT_EVENT, struct contract_event, caller),
	ENDLESS(CONTRACT_EVENT, struct contract_event, callee),
	ENDLESS(CONTRACT_EVENT, struct contract_event, call_id),
	ENDLESS(CONTRACT_EVENT, struct contract_event, claimed),
};

static void every_unterminated_text_is_refused(void **state)
{
	union message message;

	(void)state;
	for (size_t i = 0; i < sizeof(endless_texts) / sizeof(endless_texts[0]); i++) {
		const struct endless *text = &endless_texts[i];
		size_t length = make(&message, text->id);

		memset(message.bytes + text->at, 'x', text->size);
		if (validate(&message, length) != RESULT_BAD)
			fail_msg("endless text %zu was taken", i);
	}
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
		cmocka_unit_test(every_field_out_of_its_range_is_refused),
		cmocka_unit_test(every_unterminated_text_is_refused),
		cmocka_unit_test(the_longest_sip_message_fits_and_one_byte_more_does_not),
		cmocka_unit_test(counters_may_be_none_and_may_be_as_many_as_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
