/* A good message of every id, for tests that bend it. */
#ifndef SEKISHO_TESTS_CONTRACT_MESSAGES_H
#define SEKISHO_TESTS_CONTRACT_MESSAGES_H

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

static inline size_t length_of(enum contract_id id)
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

static inline void sa_fill(struct contract_sa *sa)
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
static inline size_t make(union message *message, enum contract_id id)
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

/* On the heap and of exactly this length, so that a sanitizer sees a look beyond it. */
static inline enum result validate(const union message *message, size_t length)
{
	void *copy = malloc(length ? length : 1);
	enum result result;

	assert_non_null(copy);
	memcpy(copy, message, length);
	result = contract_validate(copy, length);
	free(copy);
	return result;
}

#endif
