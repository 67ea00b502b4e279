/* controlplane/gateway*.c, against a data plane's end that a test plays. */
#include "tests/unit/controlplane/gatewayed.h"

#include <sqlite3.h>
#include <time.h>

#include "controlplane/gateway_state.h"

#include "tests/unit/controlplane/store/stored.h"

static void fresh_data_plane_is_told_settings_keys_people_and_policy(void **state)
{
	struct gatewayed *g = *state;

	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	assert_null(gateway_registrar(g->gateway));
	gatewayed_serve(g);
	assert_non_null(gateway_registrar(g->gateway));
	assert_int_equal(told_place(&g->told, CONTRACT_HELLO), 0);
	assert_int_equal(told_place(&g->told, CONTRACT_SETTINGS_PUT), 1);
	assert_int_equal(told_count(&g->told, CONTRACT_KEY_PUT), 3);
	assert_int_equal(told_count(&g->told, CONTRACT_DUMP), 2);
	assert_int_equal(told_count(&g->told, CONTRACT_IDENTITY_PUT), 1);
	assert_int_equal(told_count(&g->told, CONTRACT_POLICY_PUT), 1);
	assert_true(told_place(&g->told, CONTRACT_IDENTITY_PUT) >
		    told_place(&g->told, CONTRACT_DUMP));
	assert_string_equal(g->told.identity.aor, "user-a@abc.com");
	assert_int_equal(g->told.identity.kind, CONTRACT_IDENTITY_LOCAL);
	assert_int_equal(g->told.identity.binding_index, 0);
	assert_string_equal(g->told.settings.domain[0], "abc.com");
	assert_int_equal(g->told.settings.max_dialog_s, 86400);
}

static void rotation_done(void *arg, enum result result)
{
	*(enum result *)arg = result;
}

static void changes_of_anybody_are_told_as_they_come(void **state)
{
	struct gatewayed *g = *state;
	enum result rotated = RESULT_STALE;
	uint32_t id;
	struct store_rule rule = {.priority = 1, .action = POLICY_ALLOW};

	gatewayed_serve(g);
	g->told.count = 0;
	subscriber_put(g->store, "user-a@abc.com");
	assert_int_equal(store_group_add(g->store, "staff", "user-a@abc.com"), RESULT_OK);
	assert_int_equal(store_group_add(g->store, "staff", "guest@xyz.com"), RESULT_OK);
	assert_int_equal(store_group_remove(g->store, "staff", "guest@xyz.com"), RESULT_OK);
	rule.caller.match = rule.callee.match = POLICY_MATCH_ANY;
	assert_int_equal(store_rule_add(g->store, &rule, &id), RESULT_OK);
	gatewayed_follow(g);
	/* the look of every minute may be under way */
	while (gateway_keys_rotate(g->gateway, rotation_done, &rotated) == RESULT_STALE)
		gatewayed_follow(g);
	gatewayed_follow(g);
	gatewayed_serve(g);
	assert_int_equal(rotated, RESULT_OK);
	assert_true(told_count(&g->told, CONTRACT_IDENTITY_PUT) >= 1);
	assert_string_equal(g->told.identity.aor, "user-a@abc.com");
	assert_int_equal(g->told.identity.group_count, 1);
	assert_int_equal(told_count(&g->told, CONTRACT_IDENTITY_DELETE), 1);
	assert_int_equal(told_count(&g->told, CONTRACT_POLICY_PUT), 1);
	assert_int_equal(g->told.policy.generation, 2);
	assert_int_equal(told_count(&g->told, CONTRACT_KEY_PUT), 4);
}

static void credentials_are_looked_up_by_any_spelling(void **state)
{
	struct gatewayed *g = *state;
	struct subscriber_credential credential;
	struct contract_identity identity = {0};

	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	assert_int_equal(
		gateway_lookup_credential(g->gateway, SLICE("user-a@ABC.com"), &credential),
		RESULT_OK);
	assert_true(credential.is_enabled);
	assert_int_equal(credential.identity_count, 1);
	assert_int_equal(
		gateway_lookup_credential(g->gateway, SLICE("user-b@abc.com"), &credential),
		RESULT_NOT_FOUND);
	assert_int_equal(
		gateway_lookup_credential(g->gateway, SLICE("user-a@abc.com\0x"), &credential),
		RESULT_NOT_FOUND);
	assert_int_equal(gateway_lookup_identity(g->gateway, SLICE("user-a@abc.com"), &identity),
			 RESULT_OK);
	assert_int_equal(identity.must_be_secure, 1);
}

static void sip_is_answered_by_the_user_agent_server(void **state)
{
	static const char options[] = "OPTIONS sip:abc.com SIP/2.0\r\n"
				      "Via: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bKx\r\n"
				      "Max-Forwards: 70\r\n"
				      "From: <sip:user-a@abc.com>;tag=1\r\n"
				      "To: <sip:abc.com>\r\n"
				      "Call-ID: c\r\nCSeq: 1 OPTIONS\r\n"
				      "Content-Length: 0\r\n\r\n";
	struct {
		struct contract_sip_received header;
		char sip[sizeof(options) - 1];
	} received = {.header = {.origin = CONTRACT_ORIGIN_SA,
				 .sa_generation = 7,
				 .sa_index = 5,
				 .sip_length = sizeof(options) - 1}};
	struct gatewayed *g = *state;

	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	live_put(g);
	gatewayed_serve(g);
	memcpy(received.sip, options, sizeof(received.sip));
	received.header.source = received.header.outer_source = g->sas[0].sa.inner_remote;
	received.header.destination = g->sas[0].sa.inner_local;
	plane_send(&g->plane, &received, CONTRACT_SIP_RECEIVED,
		   sizeof(received.header) + sizeof(received.sip), 0);
	g->told.count = 0;
	gatewayed_serve(g);
	assert_int_equal(told_count(&g->told, CONTRACT_SIP_SEND), 1);
}

static void spent_sa_is_gone(void **state)
{
	struct gatewayed *g = *state;
	struct contract_event event = {
		.kind = CONTRACT_EVENT_SA_HARD_LIMIT, .sa_index = 5, .sa_generation = 7};

	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	live_put(g);
	gatewayed_serve(g);
	plane_send(&g->plane, &event, CONTRACT_EVENT, sizeof(event), 0);
	gatewayed_serve(g);
	assert_int_equal(registrar_sa_count(gateway_registrar(g->gateway)), 0);
}

static void event_of_an_index_out_of_range_is_harmless(void **state)
{
	struct gatewayed *g = *state;
	struct contract_event event = {.kind = CONTRACT_EVENT_SA_FIRST_PACKET, .sa_index = 4000000};

	gatewayed_serve(g);
	plane_send(&g->plane, &event, CONTRACT_EVENT, sizeof(event), 0);
	event.kind = CONTRACT_EVENT_SENDER_MISMATCH;
	strcpy(event.method, "INVITE");
	strcpy(event.claimed, "somebody@abc.com\n");
	plane_send(&g->plane, &event, CONTRACT_EVENT, sizeof(event), 0);
	gatewayed_serve(g);
	assert_true(contract_client_is_up(gateway_contract(g->gateway)));
}

static void evicted_subscriber_loses_what_he_holds(void **state)
{
	struct gatewayed *g = *state;

	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	live_put(g);
	gatewayed_serve(g);
	g->told.count = 0;
	gateway_subscriber_evict(g->gateway, "user-a@abc.com", "the test says so");
	gatewayed_serve(g);
	assert_int_equal(told_count(&g->told, CONTRACT_BINDING_DELETE), 1);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_DELETE), 1);
	assert_int_equal(registrar_sa_count(gateway_registrar(g->gateway)), 0);
}

static void who_was_deleted_while_nobody_looked_is_ended(void **state)
{
	struct gatewayed *g = *state;

	/* the store does not know user-a@abc.com */
	live_put(g);
	gatewayed_serve(g);
	assert_int_equal(told_count(&g->told, CONTRACT_BINDING_DELETE), 1);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_DELETE), 1);
	assert_int_equal(registrar_sa_count(gateway_registrar(g->gateway)), 0);
}

static void who_proved_himself_otherwise_than_the_store_says_is_ended(void **state)
{
	struct gatewayed *g = *state;

	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	live_put(g);
	/* by a certificate, when that was still asked for */
	g->sas[0].sa.vouching.anchor = 1;
	gatewayed_serve(g);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_DELETE), 1);
	assert_int_equal(registrar_sa_count(gateway_registrar(g->gateway)), 0);
}

/* Terminals of a load test at the data plane's own address. */
static void statics_set(struct gatewayed *g, uint8_t last)
{
	struct static_terminals *statics = &g->config.statics;

	*statics = (struct static_terminals){
		.count = 3,
		.is_secure = true,
		.suite = CONTRACT_SUITE_AES_128_GCM_16,
		.gateway = {.family = 4, .port = 5060, .bytes = {127, 0, 0, last}},
		.first = {.family = 4, .port = 5060, .bytes = {10, 0, 0, 1}},
		.domain = "abc.com"};
	g->config.has_statics = true;
}

static void static_terminals_are_put_once(void **state)
{
	struct gatewayed *g = *state;
	uint8_t key[STATIC_KEY_BYTES];

	statics_set(g, 1);
	gatewayed_serve(g);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_PUT), 3);
	assert_int_equal(told_count(&g->told, CONTRACT_BINDING_PUT), 3);
	assert_int_equal(told_count(&g->told, CONTRACT_IDENTITY_PUT), 3);
	assert_int_equal(g->told.sa.index, 3);
	assert_int_equal(g->told.sa.worker, 1);
	assert_int_equal(g->told.sa.level, 3);
	assert_int_equal(g->told.sa.is_replay_checked, 0);
	assert_int_equal(g->told.sa.inner_remote.bytes[3], 3);
	assert_int_equal(static_terminal_key(&g->config.statics, 3, true, key), RESULT_OK);
	assert_memory_equal(g->told.sa.key_in, key, sizeof(key));
	assert_int_equal(registrar_binding_count(gateway_registrar(g->gateway)), 3);
	gateway_statics_put(g->gateway);
	gatewayed_serve(g);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_PUT), 3);
}

static void static_terminals_of_another_address_are_left_out(void **state)
{
	struct gatewayed *g = *state;

	statics_set(g, 9);
	gatewayed_serve(g);
	assert_int_equal(told_count(&g->told, CONTRACT_SA_PUT), 0);
	assert_int_equal(registrar_binding_count(gateway_registrar(g->gateway)), 0);
}

/* A data base locked by another program for long: nothing that terminals need waits for it. */
static void locked_store_keeps_nobody_waiting(void **state)
{
	struct gatewayed *g = *state;
	struct subscriber_credential credential;
	struct timespec begun, ended;
	sqlite3 *other;

	subscriber_put(g->store, "user-a@abc.com");
	gatewayed_follow(g);
	assert_int_equal(sqlite3_open(g->config.store_path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	assert_int_equal(
		gateway_lookup_credential(g->gateway, SLICE("user-a@abc.com"), &credential),
		RESULT_OK);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	assert_true((ended.tv_sec - begun.tv_sec) * 1000 +
			    (ended.tv_nsec - begun.tv_nsec) / 1000000 <
		    50);
	gatewayed_serve(g);
	assert_non_null(gateway_registrar(g->gateway));
	sqlite3_close(other);
}

/* A certificate that signs itself, for TLS that nobody speaks here. */
static void certificate_make(struct gatewayed *g)
{
	struct control_config *config = &g->config;
	char command[4096];

	scratch_path(&g->plane.scratch, config->certificate_file, "cert.pem");
	scratch_path(&g->plane.scratch, config->key_file, "cert.key");
	snprintf(command, sizeof(command),
		 "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 "
		 "-subj /CN=abc.com -keyout %s -out %s 2>/dev/null",
		 config->key_file, config->certificate_file);
	assert_int_equal(system(command), 0);
	config->tls_listen[0] =
		(struct contract_address){.family = 4, .port = 25061, .bytes = {127, 0, 0, 1}};
	config->peer_rekey_s = 3600;
}

/* Another gateway's word about a name, in a store of several. */
static void name_at_a_sibling_leads_there_until_it_is_here(void **state)
{
	struct peer_config *sibling = calloc(1, sizeof(*sibling)); /* the configuration's */
	struct gatewayed *g = *state;
	struct store_location there = {"user-a@abc.com", 2, 1000, 5}, stranger = there;

	certificate_make(g);
	assert_non_null(sibling);
	*sibling = (struct peer_config){.name = "abc.com",
					.is_sibling = true,
					.gateway_id = 2,
					.ca_file = g->config.certificate_file};
	g->config.peer = sibling;
	g->config.peer_count = 1;
	gatewayed_serve(g);
	stranger.gateway = 9;
	subscriber_put(g->store, "user-a@abc.com");
	assert_int_equal(store_locations_put(g->store, &stranger, 1), RESULT_OK);
	gatewayed_follow(g);
	assert_int_equal(gateway_sibling_of(g->gateway, SLICE("user-a@abc.com")), 0);
	assert_int_equal(store_locations_put(g->store, &there, 1), RESULT_OK);
	gatewayed_follow(g);
	assert_int_equal(gateway_sibling_of(g->gateway, SLICE("user-a@abc.com")), 1);
	there.since_s = 0;
	assert_int_equal(store_locations_put(g->store, &there, 1), RESULT_OK);
	gatewayed_follow(g);
	assert_int_equal(gateway_sibling_of(g->gateway, SLICE("user-a@abc.com")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		GATEWAYED_TEST(fresh_data_plane_is_told_settings_keys_people_and_policy),
		GATEWAYED_TEST(changes_of_anybody_are_told_as_they_come),
		GATEWAYED_TEST(credentials_are_looked_up_by_any_spelling),
		GATEWAYED_TEST(sip_is_answered_by_the_user_agent_server),
		GATEWAYED_TEST(spent_sa_is_gone),
		GATEWAYED_TEST(event_of_an_index_out_of_range_is_harmless),
		GATEWAYED_TEST(locked_store_keeps_nobody_waiting),
		GATEWAYED_TEST(name_at_a_sibling_leads_there_until_it_is_here),
		GATEWAYED_TEST(evicted_subscriber_loses_what_he_holds),
		GATEWAYED_TEST(who_was_deleted_while_nobody_looked_is_ended),
		GATEWAYED_TEST(who_proved_himself_otherwise_than_the_store_says_is_ended),
		GATEWAYED_TEST(static_terminals_are_put_once),
		GATEWAYED_TEST(static_terminals_of_another_address_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
