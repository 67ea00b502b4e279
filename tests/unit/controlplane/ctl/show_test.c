/* controlplane/ctl/show_*.c, but for show_workers.c */
#include "tests/unit/controlplane/ctl/asked.h"

static void nothing_is_shown_without_a_data_plane(void **state)
{
	struct asked *a = *state;

	plane_die(&a->g->plane);
	ask_in_vain(a, "{\"command\":\"show counters\"}");
	ask_in_vain(a, "{\"command\":\"show drops\"}");
	ask_in_vain(a, "{\"command\":\"show sas\"}");
	ask_in_vain(a, "{\"command\":\"show ports\"}");
	ask_in_vain(a, "{\"command\":\"show registrations\"}");
	ask_in_vain(a, "{\"command\":\"show peers\"}");
	ask_result(a, "{\"command\":\"show status\"}",
		   "{\"bindings\":0,\"cdr\":null,\"dataplane\":false,\"domains\":[\"abc.com\"],"
		   "\"gateway_id\":1,\"restoring\":false,\"sas\":0,\"store\":\"the data base is in "
		   "order\",\"tcp\":null}");
}

static void static_terminals_are_warned_of(void **state)
{
	struct asked *a = *state;

	plane_die(&a->g->plane);
	a->g->config.has_statics = true;
	a->g->config.statics.count = 4096;
	a->g->config.statics.is_secure = true;
	ask_result(a, "{\"command\":\"show status\"}",
		   "{\"bindings\":0,\"cdr\":null,\"dataplane\":false,\"domains\":[\"abc.com\"],"
		   "\"gateway_id\":1,\"restoring\":false,\"sas\":0,\"store\":\"the data base is in "
		   "order\",\"tcp\":null,"
		   "\"warning\":\"UNSAFE STATIC KEYS: 4096 terminals of a load test are served, "
		   "whose keys stand in a file\"}");
	a->g->config.statics.is_secure = false;
	ask_result(a, "{\"command\":\"show status\"}",
		   "{\"bindings\":0,\"cdr\":null,\"dataplane\":false,\"domains\":[\"abc.com\"],"
		   "\"gateway_id\":1,\"restoring\":false,\"sas\":0,\"store\":\"the data base is in "
		   "order\",\"tcp\":null,"
		   "\"warning\":\"UNSAFE STATIC KEYS: 4096 terminals of a load test are served, "
		   "which speak in the clear\"}");
}

static void counters_are_the_data_planes(void **state)
{
	struct asked *a = *state;

	gatewayed_serve(a->g);
	ask_result(a, "{\"command\":\"show counters\"}",
		   "[{\"kind\":\"node\",\"name\":\"esp_open\",\"value\":7,\"worker\":0},"
		   "{\"kind\":\"drop\",\"name\":\"replay\",\"value\":2,\"worker\":0},"
		   "{\"kind\":\"drop\",\"name\":\"replay\",\"value\":3,\"worker\":1}]");
	ask_result(a, "{\"command\":\"show drops\"}",
		   "[{\"count\":5,\"reason\":\"replay\",\"sentence\":\"\"}]");
	ask_result(a, "{\"command\":\"show registrations\"}", "[]");
	ask_result(a, "{\"command\":\"show peers\"}", "[]");
}

static size_t registrations_shown(struct asked *a, const char **note)
{
	static char text[300];
	json_t *answer = ask(a, "{\"command\":\"show registrations\"}");
	size_t count = json_array_size(json_object_get(answer, "result"));
	const json_t *said_of_it = json_object_get(answer, "note");

	assert_true(json_is_true(json_object_get(answer, "ok")));
	*note = said_of_it ? strcpy(text, json_string_value(said_of_it)) : NULL;
	json_decref(answer);
	return count;
}

static bool is_restoring(struct asked *a)
{
	json_t *answer = ask(a, "{\"command\":\"show status\"}");
	const json_t *value = json_object_get(json_object_get(answer, "result"), "restoring");
	bool is = json_is_true(value);

	assert_true(json_is_boolean(value));
	json_decref(answer);
	return is;
}

static void registrations_that_may_not_be_all_are_shown_as_such(void **state)
{
	struct asked *a = *state;
	const char *note;

	a->g->holds_dumps = true;
	live_put(a->g);
	ask_result(a, ADD_USER_A, "{\"id\":\"user-a@abc.com\"}");
	gatewayed_serve(a->g);
	assert_int_equal(registrations_shown(a, &note), 0);
	assert_non_null(note);
	assert_non_null(strstr(note, "not all of them may be here yet"));
	assert_true(is_restoring(a));
	gatewayed_release(a->g);
	gatewayed_serve(a->g);
	assert_int_equal(registrations_shown(a, &note), 1);
	assert_null(note);
	assert_false(is_restoring(a));
}

static void store_is_shown_with_its_state(void **state)
{
	struct asked *a = *state;
	json_t *answer = ask(a, "{\"command\":\"show store\"}");
	const json_t *result = json_object_get(answer, "result");

	assert_string_equal(json_string_value(json_object_get(result, "kind")), "sqlite");
	assert_string_equal(json_string_value(json_object_get(result, "state")), "good");
	assert_string_equal(json_string_value(json_object_get(result, "last_failure")), "");
	assert_int_equal(json_integer_value(json_object_get(result, "subscribers")), 0);
	json_decref(answer);
	ask_result(a, ADD_USER_A, "{\"id\":\"user-a@abc.com\"}");
	answer = ask(a, "{\"command\":\"show store\"}");
	result = json_object_get(answer, "result");
	assert_int_equal(json_integer_value(json_object_get(result, "subscribers")), 1);
	json_decref(answer);
}

static void sas_are_shown_without_keys(void **state)
{
	struct asked *a = *state;
	struct contract_sa *sa = &a->g->sas[0].sa;

	gatewayed_serve(a->g);
	*sa = (struct contract_sa){.index = 5,
				   .generation = 1,
				   .directions = CONTRACT_SA_IN,
				   .owner_kind = CONTRACT_OWNER_PEER,
				   .suite = CONTRACT_SUITE_AES_256_GCM_16,
				   .mode = CONTRACT_TRANSPORT,
				   .level = 3,
				   .spi_out = 0x100,
				   .is_replay_checked = 1,
				   .subscriber = "xyz.com"};
	sa->inner_remote = (struct contract_address){.family = 6, .port = 5060, .bytes = {0x20, 1}};
	a->g->sas[0].packets_in = 12;
	a->g->sa_count = 1;
	ask_result(a, "{\"command\":\"show sas\"}",
		   "[{\"binding\":0,\"bytes_in\":0,\"bytes_out\":0,\"expires_s\":0,"
		   "\"generation\":1,\"in\":true,\"index\":5,\"inner\":\"[2001::]:5060\","
		   "\"last_in_s\":0,\"level\":3,\"mode\":\"transport\",\"out\":false,"
		   "\"outer\":null,\"owner\":\"peer\",\"packets_in\":12,\"packets_out\":0,"
		   "\"path_bytes\":0,\"spi_in\":\"01000005\",\"spi_out\":\"00000100\","
		   "\"suite\":\"aes-256-gcm-16\",\"who\":\"xyz.com\",\"worker\":0}]");
}

static void each_port_says_how_its_packets_come_to_the_workers(void **state)
{
	struct asked *a = *state;
	struct contract_welcome *welcome = &a->g->plane.welcome;

	welcome->port_count = 4;
	for (uint8_t i = 1; i < 4; i++) {
		welcome->port[i] = (struct contract_port){
			.mtu = 1400, .spread = i, .device = "net_memif0", .exception = "sk1"};
		welcome->port[i].address[1] =
			(struct contract_address){.family = 6, .bytes = {0x20, 1}};
	}
	welcome->port[1].address[0] =
		(struct contract_address){.family = 4, .port = 5060, .bytes = {192, 0, 2, 1}};
	gatewayed_serve(a->g);
	ask_result(a, "{\"command\":\"show ports\"}",
		   "[{\"addresses\":[\"127.0.0.1\"],\"device\":\"0000:03:00.0\","
		   "\"exception\":\"sekisho0\",\"mtu\":1500,\"port\":0,\"spread\":\"spi\","
		   "\"spread_text\":\"RSS on the SPI, ownership handoff by ring\"},"
		   "{\"addresses\":[\"192.0.2.1\",\"2001::\"],\"device\":\"net_memif0\","
		   "\"exception\":\"sk1\",\"mtu\":1400,\"port\":1,\"spread\":\"one-queue\","
		   "\"spread_text\":\"one worker, one queue\"},"
		   "{\"addresses\":[\"2001::\"],\"device\":\"net_memif0\","
		   "\"exception\":\"sk1\",\"mtu\":1400,\"port\":2,\"spread\":\"none\","
		   "\"spread_text\":\"no RSS, ownership handoff by ring\"},"
		   "{\"addresses\":[\"2001::\"],\"device\":\"net_memif0\","
		   "\"exception\":\"sk1\",\"mtu\":1400,\"port\":3,\"spread\":\"addresses\","
		   "\"spread_text\":\"RSS on addresses and ports, ownership handoff by ring\"}]");
}

static void a_drop_is_shown_with_what_it_means(void **state)
{
	struct asked *a = *state;

	gatewayed_serve(a->g);
	a->g->gauges[a->g->gauge_count++] = (struct contract_counter){
		.name = "keepalive", .value = 4, .kind = CONTRACT_COUNTER_DROP, .worker = 1};
	ask_result(a, "{\"command\":\"show drops\"}",
		   "[{\"count\":5,\"reason\":\"replay\",\"sentence\":\"\"},"
		   "{\"count\":4,\"reason\":\"keepalive\",\"sentence\":\"an empty or line-end-only "
		   "datagram on the SIP port, made to keep a NAT open\"}]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(nothing_is_shown_without_a_data_plane),
		ASKED_TEST(static_terminals_are_warned_of),
		ASKED_TEST(counters_are_the_data_planes),
		ASKED_TEST(registrations_that_may_not_be_all_are_shown_as_such),
		ASKED_TEST(store_is_shown_with_its_state),
		ASKED_TEST(sas_are_shown_without_keys),
		ASKED_TEST(a_drop_is_shown_with_what_it_means),
		ASKED_TEST(each_port_says_how_its_packets_come_to_the_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
