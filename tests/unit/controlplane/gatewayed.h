/*
 * A whole gateway in a scratch folder, and a data plane's end that answers everything and remembers
 * what it was told.
 */
#ifndef SEKISHO_TESTS_CONTROLPLANE_GATEWAYED_H
#define SEKISHO_TESTS_CONTROLPLANE_GATEWAYED_H

#include <time.h>

#include "controlplane/gateway.h"
#include "controlplane/policy/rule_text.h"
#include "tests/unit/controlplane/contract/plane.h"

#define TOLD_MAX 1024

struct told {
	int count;
	uint16_t id[TOLD_MAX];
	struct contract_identity identity; /* the last of each */
	struct contract_settings settings;
	struct contract_policy policy;
	struct contract_sa sa;
};

struct gatewayed {
	struct plane plane;
	struct control_config config;
	struct gateway *gateway;
	struct store *store; /* the same data base, as another program has it */
	struct told told;
	struct contract_sa_record sas[4]; /* what a dump tells */
	struct contract_binding bindings[4];
	uint32_t sa_count, binding_count;
	struct contract_counter gauges[8]; /* counters told besides the usual three */
	uint32_t gauge_count;
	enum result sa_result; /* how SA_PUT is answered */
	bool holds_dumps;      /* of bindings: told once it does not */
	struct contract_dump held;
};

static inline void gatewayed_config(struct gatewayed *g)
{
	struct control_config *config = &g->config;

	config->gateway_id = 1;
	config->domain_count = 1;
	strcpy(config->domain[0], "abc.com");
	strcpy(config->contract_socket, g->plane.path);
	snprintf(config->admin.socket, sizeof(config->admin.socket), "%s/admin",
		 g->plane.scratch.folder);
	scratch_path(&g->plane.scratch, config->store_path, "store.sqlite");
	strcpy(config->secrets_folder, g->plane.scratch.folder);
	config->lifetimes = (struct control_lifetimes){.soft_s = 2700,
						       .hard_s = 3600,
						       .soft_packets = 1ull << 32,
						       .soft_bytes = 1ull << 40,
						       .registration_min_s = 60,
						       .registration_default_s = 3600,
						       .registration_max_s = 86400,
						       .attach_s = 30};
	config->rotation = (struct control_rotation){43200, 3600, 604800};
	config->suites.suite[config->suites.count++] = SUITE_AES_128_GCM_16;
	config->route_security = CONTRACT_RS_REQUIRE;
	config->max_dialog_s = 86400;
	config->password_iterations = 4096;
	config->flood_threshold = 1000;
	config->peer_hard_s = 7200;
}

static inline void gatewayed_start(struct gatewayed *g)
{
	char message[1400] = "";

	assert_int_equal(
		gateway_create(g->plane.base, &g->config, &g->gateway, message, sizeof(message)),
		RESULT_OK);
}

static inline int gatewayed_make(void **state)
{
	struct gatewayed *g = calloc(1, sizeof(*g));
	struct store_place place = {0};

	assert_non_null(g);
	plane_make(&g->plane);
	gatewayed_config(g);
	place.sqlite = g->config.store_path;
	gatewayed_start(g);
	assert_int_equal(store_open(&place, &g->store), RESULT_OK);
	*state = g;
	return 0;
}

static inline int gatewayed_remove(void **state)
{
	struct gatewayed *g = *state;

	gateway_destroy(g->gateway);
	control_config_destroy(&g->config);
	store_close(g->store);
	plane_remove(&g->plane);
	free(g);
	return 0;
}

static inline enum result nothing_work(struct store *store, void *arg)
{
	(void)store, (void)arg;
	return RESULT_OK;
}

static inline void nothing_done(void *arg, enum result result)
{
	assert_int_equal(result, RESULT_OK);
	*(bool *)arg = true;
}

/* Until the gateway knows what stands in the store. */
static inline void gatewayed_follow(struct gatewayed *g)
{
	bool is_done = false;

	assert_int_equal(keeper_do(gateway_keeper(g->gateway), nothing_work, nothing_done, &is_done),
			 RESULT_OK);
	for (int turn = 0; turn < 10 * PLANE_TURNS && !is_done; turn++)
		plane_turn(&g->plane);
	assert_true(is_done);
}

static inline void told_note(struct told *told, const struct contract_header *message)
{
	assert_true(told->count < TOLD_MAX);
	told->id[told->count++] = message->id;
	if (message->id == CONTRACT_IDENTITY_PUT)
		memcpy(&told->identity, message, sizeof(told->identity));
	if (message->id == CONTRACT_SETTINGS_PUT)
		memcpy(&told->settings, message, sizeof(told->settings));
	if (message->id == CONTRACT_POLICY_PUT)
		memcpy(&told->policy, message, sizeof(told->policy));
	if (message->id == CONTRACT_SA_PUT)
		memcpy(&told->sa, message, sizeof(told->sa));
}

static inline void dump_tell(struct gatewayed *g, const struct contract_dump *dump)
{
	for (uint32_t i = 0; dump->kind != CONTRACT_DUMP_BINDINGS && i < g->sa_count; i++)
		plane_send(&g->plane, &g->sas[i], CONTRACT_SA_RECORD, sizeof(g->sas[i]),
			   dump->header.request);
	for (uint32_t i = 0; dump->kind == CONTRACT_DUMP_BINDINGS && i < g->binding_count; i++)
		plane_send(&g->plane, &g->bindings[i], CONTRACT_BINDING_RECORD,
			   sizeof(g->bindings[i]), dump->header.request);
}

static inline void counters_tell(struct gatewayed *g, uint32_t request)
{
	struct contract_counters counters = {.count = 3 + g->gauge_count};

	counters.counter[0] = (struct contract_counter){"esp_open", 7, CONTRACT_COUNTER_NODE, 0};
	counters.counter[1] = (struct contract_counter){"replay", 2, CONTRACT_COUNTER_DROP, 0};
	counters.counter[2] = (struct contract_counter){"replay", 3, CONTRACT_COUNTER_DROP, 1};
	memcpy(&counters.counter[3], g->gauges, sizeof(g->gauges));
	plane_send(&g->plane, &counters, CONTRACT_COUNTERS,
		   offsetof(struct contract_counters, counter) +
			   counters.count * sizeof(counters.counter[0]),
		   request);
}

static inline bool is_to_be_held(const struct gatewayed *g, const struct contract_header *header)
{
	return g->holds_dumps && header->id == CONTRACT_DUMP &&
	       ((const struct contract_dump *)header)->kind == CONTRACT_DUMP_BINDINGS;
}

/* What was held is told now. */
static inline void gatewayed_release(struct gatewayed *g)
{
	assert_int_equal(g->held.header.id, CONTRACT_DUMP);
	g->holds_dumps = false;
	dump_tell(g, &g->held);
	plane_answer(&g->plane, CONTRACT_DUMP, g->held.header.request, RESULT_OK);
}

/* Answer what has been sent until nothing more comes for a while. */
static inline void gatewayed_serve(struct gatewayed *g)
{
	for (int quiet = 0; quiet < 15;) {
		struct plane *plane = &g->plane;
		const struct contract_header *header = plane_header(plane);

		if (!plane_look(plane)) {
			plane_turn(plane);
			quiet++;
			continue;
		}
		quiet = 0;
		told_note(&g->told, header);
		if (header->id == CONTRACT_HELLO) {
			plane_send(plane, &plane->welcome, CONTRACT_WELCOME, sizeof(plane->welcome),
				   header->request);
			continue;
		}
		if (is_to_be_held(g, header)) {
			memcpy(&g->held, header, sizeof(g->held));
			continue;
		}
		if (header->id == CONTRACT_DUMP)
			dump_tell(g, (const struct contract_dump *)header);
		if (header->id == CONTRACT_COUNTERS_GET)
			counters_tell(g, header->request);
		plane_answer(plane, header->id, header->request,
			     header->id == CONTRACT_SA_PUT ? g->sa_result : RESULT_OK);
	}
}

static inline int told_count(const struct told *told, uint16_t id)
{
	int count = 0;

	for (int i = 0; i < told->count; i++)
		count += told->id[i] == id;
	return count;
}

static inline int told_place(const struct told *told, uint16_t id)
{
	for (int i = 0; i < told->count; i++)
		if (told->id[i] == id)
			return i;
	return -1;
}

#define GATEWAYED_TEST(name) cmocka_unit_test_setup_teardown(name, gatewayed_make, gatewayed_remove)

/* What a data plane has that has been at it for long: an SA, and the terminal behind it. */
static inline void live_put(struct gatewayed *g)
{
	uint64_t now_s = (uint64_t)time(NULL);
	struct contract_sa *sa = &g->sas[0].sa;
	struct contract_binding *binding = &g->bindings[0];

	*sa = (struct contract_sa){.index = 5,
				   .generation = 7,
				   .directions = CONTRACT_SA_IN | CONTRACT_SA_OUT,
				   .owner_kind = CONTRACT_OWNER_TERMINAL,
				   .suite = CONTRACT_SUITE_AES_128_GCM_16,
				   .mode = CONTRACT_TRANSPORT,
				   .level = 3,
				   .spi_out = 0x1234,
				   .owner_index = 3,
				   .owner_generation = 4,
				   .is_replay_checked = 1,
				   .hard_expiry_s = now_s + 3000,
				   .subscriber = "user-a@abc.com"};
	sa->inner_remote = sa->outer_remote =
		(struct contract_address){.family = 4, .port = 5060, .bytes = {127, 0, 0, 2}};
	sa->inner_local = sa->outer_local =
		(struct contract_address){.family = 4, .port = 5060, .bytes = {127, 0, 0, 1}};
	*binding = (struct contract_binding){.index = 3,
					     .generation = 4,
					     .level = 3,
					     .name = 0xabcdef,
					     .sa_index = 5,
					     .sa_generation = 7,
					     .identity_count = 1,
					     .expires_s = now_s + 3000,
					     .address = sa->inner_remote,
					     .contact = "sip:user-a@127.0.0.2:5060",
					     .subscriber = "user-a@abc.com"};
	strcpy(binding->identity[0], "user-a@abc.com");
	g->sa_count = g->binding_count = 1;
}

#endif
