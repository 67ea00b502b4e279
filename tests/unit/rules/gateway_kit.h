/*
 * A gateway in process: its tables, and the steps of the rules in the order in which the graph
 * takes them, for tests and the fuzzer. No graph, no mbuf, no SA: who sent is said by the caller.
 */
#ifndef SEKISHO_TESTS_UNIT_RULES_GATEWAY_KIT_H
#define SEKISHO_TESTS_UNIT_RULES_GATEWAY_KIT_H

#include <stddef.h>
#include <stdint.h>

#include "dataplane/rules/ingress.h"
#include "dataplane/rules/packet_rules.h"
#include "dataplane/rules/policy_state.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/worker.h"
#include "shared/contract/policy_blob.h"
#include "shared/sip/edit.h"
#include "shared/sip/skeleton.h"

#define KIT_BINDINGS	  64
#define KIT_MESSAGE_BYTES (LIMIT_SIP_MESSAGE_BYTES + 2048)

struct gateway_kit {
	IMB_MGR *mb;
	struct rte_rcu_qsbr *readers;
	struct deferred *deferred;
	struct slab *slab;
	struct settings_table settings;
	struct binding_table bindings;
	struct identity_table identities;
	struct peer_table peers;
	struct policy_table policies;
	struct key_table keys;
	struct tables tables;
	struct event_ring *events;
	struct policy_state *policy_state;
	uint64_t now_ms;
	struct contract_settings set; /* as last put */
	struct sip_address address;
	uint8_t key_fill; /* of the secrets made so far */

	/* One message's worth, reused. */
	struct sip_message message;
	struct packet_rules rules;
	struct sip_edit edit;

	struct sip_skeletons skeletons; /* of the messages before */
};

enum kit_end { KIT_SENT, KIT_DROPPED, KIT_TO_CONTROL };

/* What became of a message. */
struct kit_result {
	enum kit_end end;
	enum drop_reason reason; /* KIT_DROPPED */
	uint16_t status;	 /* of an answer of the gateway's own, else 0 */
	struct link egress;	 /* KIT_SENT */
	size_t length;		 /* KIT_SENT: of bytes */
	char bytes[KIT_MESSAGE_BYTES];
};

/* A gateway for a domain at an address (port 5060), with keys, strict and without any policy. */
struct gateway_kit *gateway_kit_create(const char *domain, const char *address);
void gateway_kit_destroy(struct gateway_kit *kit);

/* Puts kit->set again after a change. */
void gateway_kit_settings(struct gateway_kit *kit);

/* A new key of that purpose with this id, made from now on. */
void gateway_kit_key(struct gateway_kit *kit, uint8_t purpose, uint8_t id);

/* A terminal with one identity at an address, registered with Contact sip:USER@ADDRESS:5060: as
 * the contract has it, and put. */
struct contract_binding gateway_kit_binding_make(const struct gateway_kit *kit, uint32_t index,
						 const char *aor, const char *address);
void gateway_kit_terminal(struct gateway_kit *kit, uint32_t index, const char *aor,
			  const char *address);

/* A name without a terminal, in a group unless that is 0. */
struct contract_identity gateway_kit_identity_make(const char *aor, uint32_t group);
void gateway_kit_identity(struct gateway_kit *kit, const char *aor, uint32_t group);

/* The peer with that index: name is its domain, level 3, one address, one outbound SA. */
struct contract_peer gateway_kit_peer_make(uint32_t index, const char *domain, const char *address);
void gateway_kit_peer(struct gateway_kit *kit, const struct contract_peer *peer);

/* One rule: caller and callee by AOR ("user@host"), domain ("host"), group ("#7"), pattern ("~...")
 * or anybody ("*"); hours and rate as an operator writes them, NULL: none. */
struct kit_rule {
	enum policy_action action;
	const char *caller;
	const char *callee;
	uint32_t methods;
	uint8_t minimum_level;
	const char *hours;
	const char *rate;
};

void gateway_kit_policy(struct gateway_kit *kit, const struct kit_rule *rules, size_t count);

/* Senders. */
struct ingress_sa gateway_kit_from_terminal(const struct gateway_kit *kit, uint32_t index);
struct ingress_sa gateway_kit_from_peer(const struct gateway_kit *kit, uint32_t index);

/* Runs the steps on a message that came through an SA, or in clear. */
void gateway_kit_receive(struct gateway_kit *kit, const struct ingress_sa *sa, const char *bytes,
			 size_t length, struct kit_result *result);
void gateway_kit_receive_clear(struct gateway_kit *kit, const char *address, uint16_t port,
			       const char *bytes, size_t length, struct kit_result *result);

struct sip_address kit_address(const char *text, uint16_t port);
struct contract_address kit_contract_address(const struct sip_address *address);

#endif
