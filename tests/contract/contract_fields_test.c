/* Every field that a message has: out of its range, and every text without its end. */
#include "shared/sip/fault.h"
#include "tests/contract/messages.h"

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
	WRONG(CONTRACT_EVENT, struct contract_event, kind, CONTRACT_EVENT_UNREGISTERED + 1),
	WRONG(CONTRACT_EVENT, struct contract_event, fault, SIP_FAULT_COUNT),
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_out_of_its_range_is_refused),
		cmocka_unit_test(every_unterminated_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
