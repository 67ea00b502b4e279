#include "tests/unit/rules/gateway_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/policy/expressions.h"
#include "controlplane/policy/pattern.h"
#include "controlplane/policy/rule_when.h"
#include "dataplane/rules/dialog.h"
#include "dataplane/rules/forwards_check.h"
#include "dataplane/rules/from_check.h"
#include "dataplane/rules/hop_check.h"
#include "dataplane/rules/locate.h"
#include "dataplane/rules/policy.h"
#include "dataplane/rules/receive.h"
#include "dataplane/rules/reply.h"
#include "dataplane/rules/response.h"
#include "dataplane/rules/rewrite.h"
#include "tests/edit_apply.h"

#define DAY_S	  86400
#define RULES_MAX 16

static void must(enum result result)
{
	if (result != RESULT_OK)
		abort();
}

struct sip_address kit_address(const char *text, uint16_t port)
{
	struct sip_address address;

	must(sip_address_parse(slice_make(text, strlen(text)), &address));
	address.port = port;
	return address;
}

struct contract_address kit_contract_address(const struct sip_address *address)
{
	struct contract_address out = {.family = address->family, .port = address->port};

	memcpy(out.bytes, address->bytes, sizeof(out.bytes));
	return out;
}

/* A string that fits into a contract's field. */
static void field_set(char *field, size_t room, const char *text)
{
	size_t length = strlen(text);

	if (length >= room)
		abort();
	memcpy(field, text, length + 1);
}

#define FIELD_SET(field, text) field_set((field), sizeof(field), (text))

static void tables_make(struct gateway_kit *kit)
{
	struct contract_address own[1][2] = {0};

	own[0][kit->address.family == 6] = kit_contract_address(&kit->address);
	must(settings_table_init(&kit->settings, kit->deferred, own, 1));
	must(binding_table_init(&kit->bindings, KIT_BINDINGS, 0x5eed, kit->slab, kit->deferred));
	must(identity_table_init(&kit->identities, kit->slab, kit->deferred));
	must(peer_table_init(&kit->peers, kit->deferred));
	must(policy_table_init(&kit->policies, 1, kit->deferred));
	must(key_table_init(&kit->keys, kit->mb, kit->deferred));
	kit->tables = (struct tables){
		.bindings = &kit->bindings,
		.identities = &kit->identities,
		.peers = &kit->peers,
		.policies = &kit->policies,
		.keys = &kit->keys,
		.settings = &kit->settings,
	};
}

void gateway_kit_settings(struct gateway_kit *kit)
{
	must(settings_table_put(&kit->settings, &kit->set));
}

void gateway_kit_key(struct gateway_kit *kit, uint8_t purpose, uint8_t id)
{
	struct contract_key key = {
		.purpose = purpose,
		.id = id,
		.active_from_s = kit->now_ms / 1000,
		.expires_s = kit->now_ms / 1000 + 2 * DAY_S,
	};

	memset(key.key, ++kit->key_fill, sizeof(key.key));
	key.key[0] = kit->address.bytes[3];
	must(key_table_put(&kit->keys, &key));
}

struct gateway_kit *gateway_kit_create(const char *domain, const char *address)
{
	struct gateway_kit *kit = aligned_alloc(64, (sizeof(*kit) + 63) & ~(size_t)63);
	size_t bytes = rte_rcu_qsbr_get_memsize(1);

	if (!kit)
		abort();
	memset(kit, 0, sizeof(*kit));
	kit->mb = alloc_mb_mgr(0);
	init_mb_mgr_auto(kit->mb, NULL);
	kit->readers = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
	if (!kit->readers || rte_rcu_qsbr_init(kit->readers, 1) != 0)
		abort();
	kit->deferred = deferred_create(kit->readers);
	kit->slab = slab_create();
	must(event_ring_create(64, &kit->events));
	must(policy_state_create(0, 1, &kit->policy_state));
	kit->address = kit_address(address, 5060);
	kit->now_ms = UINT64_C(1700000000000);
	tables_make(kit);
	kit->set.gateway_id = 1;
	kit->set.route_security = CONTRACT_RS_REQUIRE;
	kit->set.route_security_add_level = 1;
	kit->set.max_dialog_s = DAY_S;
	kit->set.domain_count = 1;
	FIELD_SET(kit->set.domain[0], domain);
	gateway_kit_settings(kit);
	gateway_kit_key(kit, CONTRACT_KEY_PERSISTENT, 0);
	gateway_kit_key(kit, CONTRACT_KEY_SK, 1);
	gateway_kit_key(kit, CONTRACT_KEY_TOKEN, 1);
	return kit;
}

void gateway_kit_destroy(struct gateway_kit *kit)
{
	deferred_destroy(kit->deferred);
	settings_table_fini(&kit->settings);
	binding_table_fini(&kit->bindings);
	identity_table_fini(&kit->identities);
	peer_table_fini(&kit->peers);
	policy_table_fini(&kit->policies);
	key_table_fini(&kit->keys);
	event_ring_destroy(kit->events);
	policy_state_destroy(kit->policy_state);
	slab_destroy(kit->slab);
	free(kit->readers);
	free_mb_mgr(kit->mb);
	free(kit);
}

struct contract_binding gateway_kit_binding_make(const struct gateway_kit *kit, uint32_t index,
						 const char *aor, const char *address)
{
	struct sip_address at = kit_address(address, 5060);
	struct contract_binding binding = {
		.index = index,
		.generation = 1,
		.level = 3,
		.name = 0x1000 + index,
		.sa_index = index,
		.sa_generation = 1,
		.identity_count = 1,
		.expires_s = kit->now_ms / 1000 + DAY_S,
		.address = kit_contract_address(&at),
	};
	const char *host = strchr(aor, '@');

	FIELD_SET(binding.identity[0], aor);
	FIELD_SET(binding.subscriber, aor);
	snprintf(binding.contact, sizeof(binding.contact),
		 at.family == 6 ? "sip:%.*s@[%s]:5060" : "sip:%.*s@%s:5060", (int)(host - aor), aor,
		 address);
	return binding;
}

void gateway_kit_terminal(struct gateway_kit *kit, uint32_t index, const char *aor,
			  const char *address)
{
	struct contract_binding binding = gateway_kit_binding_make(kit, index, aor, address);
	struct contract_identity identity = gateway_kit_identity_make(aor, 0);

	identity.binding_index = index;
	identity.binding_generation = 1;
	must(binding_table_put(&kit->bindings, &binding));
	must(identity_table_put(&kit->identities, &identity));
}

struct contract_identity gateway_kit_identity_make(const char *aor, uint32_t group)
{
	struct contract_identity identity = {.kind = CONTRACT_IDENTITY_LOCAL};

	FIELD_SET(identity.aor, aor);
	if (group != 0)
		identity.group[identity.group_count++] = group;
	return identity;
}

void gateway_kit_identity(struct gateway_kit *kit, const char *aor, uint32_t group)
{
	struct contract_identity identity = gateway_kit_identity_make(aor, group);

	must(identity_table_put(&kit->identities, &identity));
}

struct contract_peer gateway_kit_peer_make(uint32_t index, const char *domain, const char *address)
{
	struct sip_address at = kit_address(address, 5060);
	struct contract_peer peer = {
		.index = index,
		.level = 3,
		.domain_count = 1,
		.address_count = 1,
		.sa_out_count = 1,
	};

	peer.address[0] = kit_contract_address(&at);
	peer.sa_out[0] = 32 + index;
	peer.sa_out_generation[0] = 1;
	FIELD_SET(peer.name, domain);
	FIELD_SET(peer.domain[0], domain);
	return peer;
}

void gateway_kit_peer(struct gateway_kit *kit, const struct contract_peer *peer)
{
	must(peer_table_put(&kit->peers, peer));
}

/* A policy as it is made up: header, rules, strings. */
struct blob {
	struct policy_blob head;
	struct policy_rule rule[RULES_MAX];
	char strings[2048];
};

static struct policy_party party_make(struct blob *blob, const char *text)
{
	struct policy_party party = {.match = POLICY_MATCH_ANY};

	if (strcmp(text, "*") == 0)
		return party;
	if (text[0] == '#') {
		party.match = POLICY_MATCH_GROUP;
		party.group = (uint32_t)atoi(text + 1);
		return party;
	}
	if (text[0] == '~') {
		party.match = POLICY_MATCH_PATTERN;
		return party;
	}
	party.match = strchr(text, '@') ? POLICY_MATCH_AOR : POLICY_MATCH_DOMAIN;
	party.text_at = (uint32_t)blob->head.strings_length;
	party.text_length = (uint16_t)strlen(text);
	memcpy(blob->strings + party.text_at, text, party.text_length);
	blob->head.strings_length += party.text_length;
	return party;
}

static struct expression_part part_make(const struct policy_party *party, const char *text)
{
	struct expression_part part = {EXPRESSION_ANY, text};

	if (party->match == POLICY_MATCH_PATTERN)
		part = (struct expression_part){EXPRESSION_PATTERN, text + 1};
	else if (party->match == POLICY_MATCH_AOR)
		part.kind = EXPRESSION_NAME;
	else if (party->match == POLICY_MATCH_DOMAIN)
		part.kind = EXPRESSION_DOMAIN;
	return part;
}

static void expression_make(struct expressions *patterns, const struct policy_rule *rule,
			    const struct kit_rule *from, uint32_t place)
{
	const struct expression_part part[3] = {part_make(&rule->caller, from->caller),
						part_make(&rule->callee, from->callee),
						{EXPRESSION_ANY, ""}};
	char expression[EXPRESSION_BYTES];

	must(expression_write(part, expression, sizeof(expression)));
	must(expressions_add(patterns, expression, place));
}

static void rules_fill(struct blob *blob, const struct kit_rule *rules, size_t count,
		       struct expressions *patterns)
{
	for (size_t i = 0; i < count; i++) {
		struct policy_rule *rule = &blob->rule[i];

		rule->id = (uint32_t)i + 1;
		rule->priority = (int32_t)(count - i);
		rule->methods = rules[i].methods;
		rule->action = (uint8_t)rules[i].action;
		rule->minimum_level = rules[i].minimum_level;
		rule->caller = party_make(blob, rules[i].caller);
		rule->callee = party_make(blob, rules[i].callee);
		must(rule_hours_parse(rules[i].hours ? rules[i].hours : "", rule));
		must(rule_rate_parse(rules[i].rate ? rules[i].rate : "", rule));
		if (policy_rule_has_pattern(rule))
			expression_make(patterns, rule, &rules[i], (uint32_t)i);
	}
}

void gateway_kit_policy(struct gateway_kit *kit, const struct kit_rule *rules, size_t count)
{
	const struct policy_pair *pair = policy_table_view(&kit->policies);
	struct blob *blob = calloc(1, sizeof(*blob));
	size_t rules_bytes = count * sizeof(struct policy_rule), length, sets_length = 0;
	struct expressions patterns = {0};
	char *bytes, *sets = NULL, reason[160];
	uint32_t place;

	if (!blob || count > RULES_MAX)
		abort();
	blob->head.magic = POLICY_BLOB_MAGIC;
	blob->head.rule_count = (uint32_t)count;
	blob->head.generation = pair->current ? policy_index_generation(pair->current) + 1 : 1;
	blob->head.strings_at = sizeof(blob->head) + rules_bytes;
	rules_fill(blob, rules, count, &patterns);
	if (patterns.count > 0)
		must(expressions_compile(&patterns, &sets, &sets_length, &place, reason,
					 sizeof(reason)));
	blob->head.patterns_length = sets_length;
	length = blob->head.strings_at + blob->head.strings_length;
	bytes = calloc(1, length + sets_length);
	if (!bytes)
		abort();
	memcpy(bytes, &blob->head, sizeof(blob->head));
	memcpy(bytes + sizeof(blob->head), blob->rule, rules_bytes);
	memcpy(bytes + blob->head.strings_at, blob->strings, blob->head.strings_length);
	if (sets_length > 0)
		memcpy(bytes + length, sets, sets_length);
	must(policy_table_put(&kit->policies, bytes, length + sets_length, kit->now_ms / 1000));
	expressions_free(&patterns);
	free(sets);
	free(blob);
	free(bytes);
}

struct ingress_sa gateway_kit_from_terminal(const struct gateway_kit *kit, uint32_t index)
{
	const struct binding *binding = binding_table_at(&kit->bindings, index);

	return (struct ingress_sa){
		.handle = SA_HANDLE(index, 1u),
		.owner_kind = CONTRACT_OWNER_TERMINAL,
		.level = binding->level,
		.owner_index = index,
		.owner_generation = binding->generation,
		.local = kit->address,
		.remote = binding->address,
	};
}

struct ingress_sa gateway_kit_from_peer(const struct gateway_kit *kit, uint32_t index)
{
	const struct peer *peer = peer_table_at(&kit->peers, index);

	return (struct ingress_sa){
		.handle = SA_HANDLE(48 + index, 1u),
		.owner_kind = CONTRACT_OWNER_PEER,
		.level = peer->level,
		.owner_index = index,
		.local = kit->address,
		.remote = peer->address[0],
	};
}

static void dropped(struct kit_result *result, enum drop_reason reason)
{
	result->end = KIT_DROPPED;
	result->reason = reason;
}

static void replied(struct gateway_kit *kit, struct kit_result *result)
{
	struct writer w = writer_make(result->bytes, LIMIT_SIP_MESSAGE_BYTES);

	if (reply_write(&kit->rules, &w) != RESULT_OK) {
		dropped(result, DROP_sip_no_room);
		return;
	}
	result->end = KIT_SENT;
	result->status = kit->rules.status;
	result->egress = kit->rules.egress;
	result->length = w.len;
}

/* The message changed by the list of changes goes out by egress. */
static void edited(struct gateway_kit *kit, struct kit_result *result)
{
	const struct sip_message *message = &kit->message;

	memcpy(result->bytes, message->base, message->len);
	if (edit_apply(&kit->edit, result->bytes, message->len, LIMIT_SIP_MESSAGE_BYTES,
			   &result->length) != RESULT_OK) {
		dropped(result, DROP_sip_no_room);
		return;
	}
	result->end = KIT_SENT;
	result->status = 0;
	result->egress = kit->rules.egress;
}

static void response_end(struct gateway_kit *kit, struct kit_result *result)
{
	enum rules_way way = rules_response(&kit->rules, &kit->edit);
	struct writer w = writer_make(result->bytes, LIMIT_SIP_MESSAGE_BYTES);

	if (way == RULES_NEXT) {
		edited(kit, result);
		return;
	}
	if (way == RULES_DROP || bad_gateway_write(&kit->rules, &w) != RESULT_OK) {
		dropped(result, (enum drop_reason)kit->rules.drop_reason);
		return;
	}
	result->end = KIT_SENT;
	result->status = 502;
	result->egress = kit->rules.egress;
	result->length = w.len;
}

/* The steps of a request, as the graph takes them; RULES_NEXT: it is in kit->edit. */
static enum rules_way request_steps(struct gateway_kit *kit)
{
	struct packet_rules *rules = &kit->rules;
	enum rules_way way = rules_from_check(rules);

	if (way == RULES_NEXT)
		way = rules_hop_check(rules);
	if (way == RULES_NEXT)
		way = rules_forwards_check(rules);
	if (way == RULES_NEXT)
		way = rules_dialog(rules);
	if (way == RULES_IN_DIALOG)
		return rules_rewrite(rules, &kit->edit);
	if (way == RULES_NEXT)
		way = rules_policy(rules, kit->policy_state);
	if (way == RULES_NEXT)
		way = rules_locate(rules);
	return way == RULES_NEXT ? rules_rewrite(rules, &kit->edit) : way;
}

static void message_run(struct gateway_kit *kit, const char *bytes, size_t length,
			struct kit_result *result)
{
	enum rules_way way;

	kit->rules.has_controlplane = true;
	way = rules_receive(&kit->rules, slice_make(bytes, length), &kit->skeletons,
			    &kit->message);

	result->status = 0;
	if (way == RULES_RESPONSE) {
		response_end(kit, result);
		return;
	}
	if (way == RULES_NEXT)
		way = request_steps(kit);
	switch (way) {
	case RULES_NEXT:
		edited(kit, result);
		break;
	case RULES_REPLY:
		replied(kit, result);
		break;
	case RULES_TO_CONTROL:
		result->end = KIT_TO_CONTROL;
		break;
	default:
		dropped(result, (enum drop_reason)kit->rules.drop_reason);
		break;
	}
}

void gateway_kit_receive(struct gateway_kit *kit, const struct ingress_sa *sa, const char *bytes,
			 size_t length, struct kit_result *result)
{
	rules_begin(&kit->rules, &kit->tables, kit->events, kit->now_ms);
	if (ingress_of_sa(&kit->rules, sa) != RESULT_OK) {
		dropped(result, DROP_sip_owner_gone);
		return;
	}
	message_run(kit, bytes, length, result);
}

void gateway_kit_receive_clear(struct gateway_kit *kit, const char *address, uint16_t port,
			       const char *bytes, size_t length, struct kit_result *result)
{
	struct sip_address at = kit_address(address, port);
	struct contract_address own = kit_contract_address(&kit->address);
	struct contract_address source = kit_contract_address(&at);

	rules_begin(&kit->rules, &kit->tables, kit->events, kit->now_ms);
	ingress_of_clear(&kit->rules, 0, &own, &source, SIP_LEVEL_CLEAR);
	message_run(kit, bytes, length, result);
}
