/* What status says, for people and for programs. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <string.h>

#include "terminal/agent/state.h"

static void send_nowhere(void *context, const struct flow *flow, struct slice message)
{
	(void)context;
	(void)flow;
	(void)message;
}

static void tell_nobody(void *context, const struct ua_event *event)
{
	(void)context;
	(void)event;
}

static void make(struct agent *agent, struct settings *settings)
{
	struct ua_port port = {agent, send_nowhere, tell_nobody};
	struct ua_settings ua = {
		.aor = SLICE("user-a@abc.com"),
		.domain = SLICE("abc.com"),
		.instance = SLICE("urn:x:y"),
	};

	*settings = (struct settings){.aor = "user-a@abc.com", .domain = "abc.com"};
	*agent = (struct agent){.settings = settings, .presence = PRESENCE_ATTACHING};
	agent->attach.gateways[0] = (struct sip_address){.family = 4, .bytes = {192, 0, 2, 1}};
	agent->attach.gateway_count = 1;
	relay_init(&agent->relay);
	assert_int_equal(ua_create(&ua, &port, &agent->ua), RESULT_OK);
}

static const char *text_of(json_t *report, const char *key)
{
	return json_string_value(json_object_get(report, key));
}

static void without_calls_it_says_who_and_where(void **state)
{
	struct settings settings;
	struct agent agent;
	json_t *report;

	(void)state;
	make(&agent, &settings);
	report = status_report(&agent);
	assert_string_equal(text_of(report, "text"),
			    "user-a@abc.com is attaching, level 0, gateway abc.com at 192.0.2.1\n"
			    "no call");
	assert_string_equal(text_of(report, "presence"), "attaching");
	assert_int_equal(json_array_size(json_object_get(report, "calls")), 0);
	json_decref(report);
	settings.local_port = 5060;
	report = status_report(&agent);
	assert_non_null(strstr(text_of(report, "text"),
			       "\nport 5060 for SIP clients here: 0 registered\n"));
	json_decref(report);
	ua_destroy(agent.ua);
}

static void it_says_why_there_can_be_no_data_channel_to_who_wants_one(void **state)
{
	struct settings settings;
	struct agent agent;
	json_t *report;

	(void)state;
	make(&agent, &settings);
	agent.channel.tun.fd = -1;
	report = status_report(&agent);
	assert_null(text_of(report, "channel-obstacle")); /* off */
	json_decref(report);
	settings.channel = CHANNEL_WANTED;
	agent.channel.settings.suites = (struct suite_list){{SUITE_AES_128_GCM_16}, 1};
	report = status_report(&agent);
	assert_non_null(strstr(text_of(report, "channel-obstacle"), "TUN"));
	assert_non_null(strstr(text_of(report, "text"), "\nno data channels: "));
	json_decref(report);
	agent.channel.tun.fd = 0;
	report = status_report(&agent);
	assert_null(text_of(report, "channel-obstacle"));
	assert_null(text_of(report, "seen"));
	json_decref(report);
	agent.link.is_tunnel = true;
	agent.link.seen =
		(struct sip_address){.family = 4, .bytes = {203, 0, 113, 7}, .port = 40000};
	report = status_report(&agent);
	assert_string_equal(text_of(report, "seen"), "203.0.113.7:40000");
	assert_non_null(strstr(text_of(report, "text"), "behind a NAT"));
	json_decref(report);
	ua_destroy(agent.ua);
}

static void it_says_which_offloads_are_in_use_to_who_wants_a_channel(void **state)
{
	struct settings settings;
	struct agent agent;
	json_t *report;

	(void)state;
	make(&agent, &settings);
	report = status_report(&agent);
	assert_null(json_object_get(report, "offloads")); /* off */
	json_decref(report);
	settings.channel = CHANNEL_WANTED;
	agent.channel.settings.suites = (struct suite_list){{SUITE_AES_128_GCM_16}, 1};
	agent.channel.tun = (struct tun){.fd = 0, .name = "sk7"};
	report = status_report(&agent);
	assert_non_null(
		strstr(text_of(report, "text"), "\noffloads of sk7: none; of ESP in UDP: none"));
	assert_non_null(json_object_get(json_object_get(report, "offloads"), "tun"));
	json_decref(report);
	ua_destroy(agent.ua);
}

static void each_call_has_its_number_and_party(void **state)
{
	const struct ua_forgery none = {0};
	struct settings settings;
	struct agent agent;
	json_t *report, *call;

	(void)state;
	make(&agent, &settings);
	assert_int_equal(ua_call(agent.ua, 0, SLICE("user-b@xyz.com"), &none), RESULT_OK);
	assert_int_equal(ua_call(agent.ua, 0, SLICE("user-c@xyz.com"), &none), RESULT_OK);
	report = status_report(&agent);
	assert_non_null(strstr(text_of(report, "text"),
			       "\ncall 2: inviting with sip:user-c@xyz.com, of the console"));
	call = json_array_get(json_object_get(report, "calls"), 0);
	assert_string_equal(text_of(call, "party"), "sip:user-b@xyz.com");
	assert_string_equal(text_of(call, "by"), "us");
	assert_int_equal(json_integer_value(json_object_get(call, "call")), 1);
	json_decref(report);
	ua_destroy(agent.ua);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_calls_it_says_who_and_where),
		cmocka_unit_test(it_says_why_there_can_be_no_data_channel_to_who_wants_one),
		cmocka_unit_test(it_says_which_offloads_are_in_use_to_who_wants_a_channel),
		cmocka_unit_test(each_call_has_its_number_and_party),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
