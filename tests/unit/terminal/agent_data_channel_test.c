/* The agent's side of a channel: what its policy makes of offers, and two agents that agree. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/agent/data_channel.h"
#include "terminal/agent/report.h"
#include "terminal/agent/state.h"

static bool has_namespace;

static void send_nowhere(void *context, const struct flow *flow, struct slice message)
{
	(void)flow;
	(void)context;
	(void)message;
}

static void tell_nobody(void *context, const struct ua_event *event)
{
	(void)context;
	(void)event;
}

struct one {
	struct settings settings;
	struct agent agent;
	char refusal[512];
	struct writer why;
};

static void one_begin(struct one *one, const char *aor, uint8_t last, enum channel_policy policy)
{
	struct ua_port port = {one, send_nowhere, tell_nobody};
	struct ua_settings ua = {
		.aor = slice_make(aor, strlen(aor)),
		.domain = SLICE("abc.com"),
		.instance = SLICE("urn:x:y"),
	};

	memset(one, 0, sizeof(*one));
	strcpy(one->settings.aor, aor);
	one->settings.channel = policy;
	one->settings.suites =
		(struct suite_list){{SUITE_NULL_HMAC_SHA_256_128, SUITE_AES_128_GCM_16}, 2};
	one->agent = (struct agent){
		.settings = &one->settings,
		.now_ms = 1000,
		.sockets = {-1, -1, -1},
		.channel = {.tun = {.fd = -1}},
		.own = {.family = 6, .bytes = {0x20, 1, [15] = last}},
		.link = {.own = {.family = 6, .bytes = {0xfd, [15] = last}}}, /* inside */
	};
	one->why = writer_make(one->refusal, sizeof(one->refusal) - 1);
	assert_int_equal(ua_create(&ua, &port, &one->agent.ua), RESULT_OK);
}

static void one_make(struct one *one, const char *aor, uint8_t last, enum channel_policy policy)
{
	if (!has_namespace)
		skip();
	one_begin(one, aor, last, policy);
	assert_int_equal(data_channel_create(&one->agent), RESULT_OK);
}

static void one_end(struct one *one)
{
	ua_destroy(one->agent.ua);
	data_channel_destroy(&one->agent);
	journal_clear(&one->agent.journal);
}

static struct ua_parties parties_of(bool is_caller)
{
	return (struct ua_parties){SLICE("call"),
				   SLICE("a"),
				   SLICE("b"),
				   SLICE("sip:user-a@abc.com"),
				   SLICE("sip:user-b@xyz.com"),
				   is_caller};
}

static const struct ua_session *session_of(struct one *one)
{
	return &one->agent.channel.session;
}

static bool is_offer_taken(struct one *one, struct slice sdp)
{
	return session_of(one)->offered(&one->agent, 0, sdp, &one->why);
}

static void off_offers_nothing_and_lets_all_pass(void **state)
{
	char line[UA_SESSION_LINES_BYTES];
	struct writer w = writer_make(line, sizeof(line));
	struct one one;

	(void)state;
	one_begin(&one, "user-a@abc.com", 1, CHANNEL_OFF);
	assert_int_equal(data_channel_create(&one.agent), RESULT_OK);
	assert_int_equal(one.agent.channel.tun.fd, -1);
	assert_non_null(data_channel_obstacle(&one.agent));
	session_of(&one)->offer(&one.agent, 0, &w);
	assert_int_equal(w.len, 0);
	assert_true(is_offer_taken(&one, SLICE("v=0\r\na=sekisho-channel:1;rubbish\r\n")));
	assert_null(data_channel_report(&one.agent, 0));
	one_end(&one);
}

static void an_offer_missing_or_broken_is_refused_only_where_one_is_required(void **state)
{
	static const char *const offers[] = {"v=0\r\n", "v=0\r\na=sekisho-channel:1;rubbish\r\n"};
	struct one wanting, requiring;

	(void)state;
	one_make(&wanting, "user-b@xyz.com", 2, CHANNEL_WANTED);
	one_make(&requiring, "user-b@xyz.com", 2, CHANNEL_REQUIRED);
	for (size_t i = 0; i < 2; i++) {
		struct slice sdp = slice_make(offers[i], strlen(offers[i]));

		assert_true(is_offer_taken(&wanting, sdp));
		assert_int_equal(wanting.why.len, 0);
		requiring.why.len = 0;
		assert_false(is_offer_taken(&requiring, sdp));
		assert_true(requiring.why.len > 0);
	}
	one_end(&wanting);
	one_end(&requiring);
}

static void behind_a_nat_a_terminal_names_only_places_in_udp(void **state)
{
	const struct sip_address seen = {
		.family = 6, .bytes = {0x20, 1, [14] = 1, [15] = 1}, .port = 40000};
	struct places places;
	struct one one;

	(void)state;
	one_begin(&one, "user-a@abc.com", 1, CHANNEL_OFF);
	places = data_channel_places(&one.agent);
	assert_int_equal(places.count, 1);
	assert_int_equal(places.place[0].port, 0);
	one.agent.sockets.encap = 1 << 20; /* it is open, or so it seems */
	assert_int_equal(data_channel_places(&one.agent).count, 2);
	one.agent.link.is_tunnel = true;
	places = data_channel_places(&one.agent);
	assert_int_equal(places.count, 1);
	assert_int_equal(places.place[0].port, 4500);
	one.agent.link.seen = seen;
	places = data_channel_places(&one.agent);
	assert_int_equal(places.count, 2);
	assert_true(place_is_same(&places.place[1], &seen));
	one_end(&one);
}

/* Offer, answer and ACK; true if both sides say that it is well. */
static bool negotiate(struct one *a, struct one *b)
{
	char offer[UA_SESSION_LINES_BYTES], answer[UA_SESSION_LINES_BYTES], ack[128];
	struct writer o = writer_make(offer, sizeof(offer)),
		      s = writer_make(answer, sizeof(answer));
	struct writer r = writer_make(ack, sizeof(ack));
	struct ua_parties caller = parties_of(true), callee = parties_of(false);

	session_of(a)->offer(&a->agent, 0, &o);
	if (!is_offer_taken(b, slice_make(o.at, o.len)))
		return false;
	session_of(b)->answer(&b->agent, 0, &callee, &s);
	return session_of(a)->answered(&a->agent, 0, &caller, slice_make(s.at, s.len), &r,
				       &a->why) &&
	       session_of(b)->revealed(&b->agent, 0, slice_make(r.at, r.len), &b->why);
}

static const char *told(json_t *report, const char *key)
{
	return json_string_value(json_object_get(report, key));
}

static void two_agents_agree_and_report_alike(void **state)
{
	struct one a, b;
	json_t *of_a, *of_b, *text;

	(void)state;
	one_make(&a, "user-a@abc.com", 1, CHANNEL_WANTED);
	one_make(&b, "user-b@xyz.com", 2, CHANNEL_REQUIRED);
	assert_true(negotiate(&a, &b));
	of_a = data_channel_report(&a.agent, 0);
	of_b = data_channel_report(&b.agent, 0);
	assert_string_equal(told(of_a, "string"), told(of_b, "string"));
	assert_string_equal(told(of_a, "own-ipv6"), told(of_b, "peer-ipv6"));
	assert_string_equal(told(of_a, "peer-ipv4"), told(of_b, "own-ipv4"));
	assert_string_equal(told(of_a, "spi-in"), told(of_b, "spi-out"));
	assert_true(json_is_null(json_object_get(of_b, "peer"))); /* nothing has passed */
	assert_true(data_channel_deadline(&a.agent) < TIMER_NEVER);
	text = data_channel_sentence_take(&a.agent, 0, json_string("established"));
	assert_non_null(strstr(json_string_value(text), told(of_a, "string")));
	assert_non_null(strstr(json_string_value(text), told(of_a, "peer-ipv6")));
	json_decref(text);
	json_decref(of_a);
	json_decref(of_b);
	/* Nothing of the keys is left outside the tunnel. */
	assert_int_equal(a.agent.channel.calls[0].negotiation.state, NEGOTIATION_NONE);
	session_of(&a)->ended(&a.agent, 0);
	assert_null(data_channel_report(&a.agent, 0));
	assert_int_equal(data_channel_deadline(&a.agent), TIMER_NEVER);
	one_end(&a);
	one_end(&b);
}

static void without_confirmation_the_channel_is_given_up(void **state)
{
	struct one a, b;

	(void)state;
	one_make(&a, "user-a@abc.com", 1, CHANNEL_WANTED);
	one_make(&b, "user-b@xyz.com", 2, CHANNEL_WANTED);
	assert_true(negotiate(&a, &b));
	a.agent.now_ms += TUNNEL_CONFIRM_MS - 1;
	data_channel_tick(&a.agent);
	assert_non_null(a.agent.channel.calls[0].tunnel);
	a.agent.now_ms++;
	data_channel_tick(&a.agent);
	assert_null(a.agent.channel.calls[0].tunnel);
	assert_non_null(
		strstr(a.agent.channel.calls[0].failure, "asked at 2001::2; nothing of it"));
	session_of(&a)->ended(&a.agent, 0);
	assert_string_equal(a.agent.channel.calls[0].failure, "");
	one_end(&a);
	one_end(&b);
}

/* A client whose command began call 1, which is answered now; returns what it reads from. */
static int client_whose_call_is_answered(struct one *one)
{
	const struct ua_event answered = {.kind = UA_EVENT_ESTABLISHED, .call = 1};
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	one->agent.control.context = &one->agent;
	one->agent.control.on_gone = commands_on_gone;
	one->agent.control.clients[0].fd = ends[0];
	one->agent.waiters[0] = (struct waiter){.awaited = AWAITED_CALL, .call = 1};
	agent_tell_take(&one->agent, report_event("established", "it is answered"), &answered);
	return ends[1];
}

/* All that the client was told since; the other end is closed by then. */
static void assert_told(int client, const char *words, const char *exit_status)
{
	char said[4096] = "";
	size_t len = 0;
	ssize_t got;

	while ((got = read(client, said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)got;
	assert_int_equal(got, 0);
	assert_non_null(strstr(said, "it is answered"));
	assert_non_null(strstr(said, words));
	assert_non_null(strstr(said, exit_status));
	close(client);
}

static void who_called_is_told_that_there_is_no_way_and_fails_only_if_one_is_required(void **state)
{
	static const char *const status[] = {
		[CHANNEL_WANTED] = "{\"exit\":0}", [CHANNEL_REQUIRED] = "{\"exit\":1}"};

	(void)state;
	for (enum channel_policy policy = CHANNEL_WANTED; policy <= CHANNEL_REQUIRED; policy++) {
		struct one a, b;
		int client;

		one_make(&a, "user-a@abc.com", 1, policy);
		one_make(&b, "user-b@xyz.com", 2, CHANNEL_WANTED);
		assert_true(negotiate(&a, &b));
		client = client_whose_call_is_answered(&a);
		data_channel_tell(&a.agent.channel.calls[1], "channel-lost", "another call's");
		assert_int_equal(a.agent.waiters[0].awaited, AWAITED_CHANNEL);
		a.agent.now_ms += TUNNEL_CONFIRM_MS;
		data_channel_tick(&a.agent);
		assert_int_equal(a.agent.waiters[0].awaited, AWAITED_NOTHING);
		assert_told(client, "no way to the other side", status[policy]);
		one_end(&a);
		one_end(&b);
	}
}

static void who_called_waits_until_the_way_is_found(void **state)
{
	struct one a, b;
	int client;

	(void)state;
	one_make(&a, "user-a@abc.com", 1, CHANNEL_WANTED);
	one_make(&b, "user-b@xyz.com", 2, CHANNEL_WANTED);
	assert_true(negotiate(&a, &b));
	client = client_whose_call_is_answered(&a);
	data_channel_tell(&a.agent.channel.calls[0], "channel-up", "the way is there");
	assert_told(client, "the way is there", "{\"exit\":0}");
	one_end(&a);
	one_end(&b);
}

static void who_called_is_told_why_there_is_no_channel_and_waits_for_none(void **state)
{
	struct one a;
	json_t *text;
	int client;

	(void)state;
	one_make(&a, "user-a@abc.com", 1, CHANNEL_WANTED);
	assert_true(is_offer_taken(&a, SLICE("v=0\r\n")));
	text = data_channel_established_take(&a.agent, 0, json_string("established"));
	assert_string_equal(json_string_value(text),
			    "established\nno data channel: the other side has none");
	json_decref(text);
	client = client_whose_call_is_answered(&a);
	assert_told(client, "established", "{\"exit\":0}");
	one_end(&a);
}

static void an_ack_without_reveal_ends_a_call_that_requires_a_channel(void **state)
{
	char lines[UA_SESSION_LINES_BYTES];
	struct writer w = writer_make(lines, sizeof(lines));
	struct ua_parties callee = parties_of(false);
	struct one a, b;

	(void)state;
	one_make(&a, "user-a@abc.com", 1, CHANNEL_WANTED);
	one_make(&b, "user-b@xyz.com", 2, CHANNEL_REQUIRED);
	session_of(&a)->offer(&a.agent, 0, &w);
	assert_true(is_offer_taken(&b, slice_make(w.at, w.len)));
	w.len = 0;
	session_of(&b)->answer(&b.agent, 0, &callee, &w);
	assert_false(session_of(&b)->revealed(&b.agent, 0, slice_make(NULL, 0), &b.why));
	assert_true(b.why.len > 0);
	assert_null(b.agent.channel.calls[0].tunnel);
	one_end(&a);
	one_end(&b);
}

static void esp_is_taken_by_its_spi_only(void **state)
{
	uint8_t packet[64] = {0};
	struct received received = {.at = packet, .len = sizeof(packet)};
	struct one a, b;
	uint32_t spi;

	(void)state;
	one_make(&a, "user-a@abc.com", 1, CHANNEL_WANTED);
	one_make(&b, "user-b@xyz.com", 2, CHANNEL_WANTED);
	assert_false(data_channel_take(&a.agent, &received));
	assert_true(negotiate(&a, &b));
	assert_false(data_channel_take(&a.agent, &received));
	spi = tunnel_spi_in(a.agent.channel.calls[0].tunnel);
	for (unsigned i = 0; i < 4; i++)
		packet[i] = (uint8_t)(spi >> (24 - 8 * i));
	assert_true(data_channel_take(&a.agent, &received));
	assert_int_equal(tunnel_count(a.agent.channel.calls[0].tunnel, TUNNEL_DROP_STRANGER), 1);
	received.len = 7;
	assert_false(data_channel_take(&a.agent, &received));
	one_end(&a);
	one_end(&b);
}

/* Negotiates call number call of both; true if both sides say that it is well. */
static bool negotiate_offered_by_callee(struct one *a, struct one *b, unsigned call)
{
	char offer[UA_SESSION_LINES_BYTES], answer[UA_SESSION_LINES_BYTES], reveal[128];
	struct writer o = writer_make(offer, sizeof(offer)),
		      s = writer_make(answer, sizeof(answer));
	struct writer r = writer_make(reveal, sizeof(reveal));
	struct ua_parties caller = parties_of(true), callee = parties_of(false);

	session_of(b)->offer(&b->agent, call, &o);
	if (!session_of(a)->offered(&a->agent, call, slice_make(o.at, o.len), &a->why))
		return false;
	session_of(a)->answer(&a->agent, call, &caller, &s);
	return session_of(b)->answered(&b->agent, call, &callee, slice_make(s.at, s.len), &r,
				       &b->why) &&
	       session_of(a)->revealed(&a->agent, call, slice_make(r.at, r.len), &a->why);
}

static void each_call_has_a_channel_of_its_own_whoever_offered_it(void **state)
{
	struct one a, b;
	json_t *of_a, *of_b;

	(void)state;
	one_make(&a, "user-a@abc.com", 1, CHANNEL_REQUIRED);
	one_make(&b, "user-b@xyz.com", 2, CHANNEL_REQUIRED);
	assert_true(negotiate(&a, &b));
	assert_true(negotiate_offered_by_callee(&a, &b, 3));
	of_a = data_channel_report(&a.agent, 3);
	of_b = data_channel_report(&b.agent, 3);
	assert_string_equal(told(of_a, "string"), told(of_b, "string"));
	assert_string_equal(told(of_a, "spi-in"), told(of_b, "spi-out"));
	json_decref(of_a);
	json_decref(of_b);
	session_of(&a)->ended(&a.agent, 0);
	assert_null(a.agent.channel.calls[0].tunnel);
	assert_non_null(a.agent.channel.calls[3].tunnel);
	assert_non_null(b.agent.channel.calls[0].tunnel);
	one_end(&a);
	one_end(&b);
}

static int prepare(void **state)
{
	(void)state;
	has_namespace = unshare(CLONE_NEWNET) == 0;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_offers_nothing_and_lets_all_pass),
		cmocka_unit_test(an_offer_missing_or_broken_is_refused_only_where_one_is_required),
		cmocka_unit_test(behind_a_nat_a_terminal_names_only_places_in_udp),
		cmocka_unit_test(two_agents_agree_and_report_alike),
		cmocka_unit_test(without_confirmation_the_channel_is_given_up),
		cmocka_unit_test(
			who_called_is_told_that_there_is_no_way_and_fails_only_if_one_is_required),
		cmocka_unit_test(who_called_waits_until_the_way_is_found),
		cmocka_unit_test(who_called_is_told_why_there_is_no_channel_and_waits_for_none),
		cmocka_unit_test(an_ack_without_reveal_ends_a_call_that_requires_a_channel),
		cmocka_unit_test(esp_is_taken_by_its_spi_only),
		cmocka_unit_test(each_call_has_a_channel_of_its_own_whoever_offered_it),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
