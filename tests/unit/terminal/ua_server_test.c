#include "tests/unit/terminal/cmocka_setup.h"

#include <stdio.h>

#include "terminal/ua/server.h"

static const struct flow channel = {.kind = FLOW_CHANNEL};

static void count_sent(void *context, const struct flow *flow, struct slice message)
{
	(void)flow;
	(void)message;
	++*(unsigned *)context;
}

struct fixture {
	struct servers servers;
	unsigned sent;
	struct ua_port port;
	char text[512];
	struct sip_message message;
};

static void fixture_make(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->port = (struct ua_port){&f->sent, count_sent, NULL};
}

static const struct sip_message *request(struct fixture *f, const char *method, const char *via)
{
	int len = snprintf(f->text, sizeof(f->text),
			   "%s sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP %s\r\n"
			   "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 %s\r\n"
			   "Content-Length: 0\r\n\r\n",
			   method, via, method);

	assert_int_equal(sip_message_parse(f->text, (size_t)len, &f->message), SIP_VERDICT_OK);
	return &f->message;
}

static struct server *start(struct fixture *f, const char *method, const char *via)
{
	struct server *server = NULL;

	assert_int_equal(servers_start(&f->servers, 0, &channel, request(f, method, via), &server),
			 RESULT_OK);
	return server;
}

static void request_finds_its_transaction_by_branch_sent_by_and_method(void **state)
{
	struct fixture f;
	struct server *server;

	(void)state;
	fixture_make(&f);
	server = start(&f, "INVITE", "g:5060;branch=z9hG4bK1");
	assert_ptr_equal(servers_find(&f.servers, request(&f, "INVITE", "g:5060;branch=z9hG4bK1")),
			 server);
	assert_ptr_equal(servers_find(&f.servers, request(&f, "INVITE", "G:5060;branch=z9hG4bK1")),
			 server);
	assert_ptr_equal(servers_find(&f.servers, request(&f, "ACK", "g:5060;branch=z9hG4bK1")),
			 server);
	assert_ptr_equal(
		servers_find_cancelled(&f.servers, request(&f, "CANCEL", "g:5060;branch=z9hG4bK1")),
		server);
	assert_null(servers_find(&f.servers, request(&f, "CANCEL", "g:5060;branch=z9hG4bK1")));
	assert_null(servers_find(&f.servers, request(&f, "INVITE", "g:5060;branch=z9hG4bK2")));
	assert_null(servers_find(&f.servers, request(&f, "INVITE", "h:5060;branch=z9hG4bK1")));
	servers_end(&f.servers);
}

static void refusal_of_an_invite_comes_again_until_its_ack(void **state)
{
	struct fixture f;
	struct server *server;

	(void)state;
	fixture_make(&f);
	server = start(&f, "INVITE", "g:5060;branch=z9hG4bK1");
	server_respond(server, &f.port, 0, 180, SLICE("180"));
	assert_int_equal(servers_deadline(&f.servers), TIMER_RING_MS + TIMER_LIFE_MS);
	server_respond(server, &f.port, 0, 486, SLICE("486"));
	assert_null(servers_tick(&f.servers, &f.port, 500));
	assert_null(servers_tick(&f.servers, &f.port, 1499));
	assert_int_equal(f.sent, 3);
	assert_null(servers_tick(&f.servers, &f.port, 1500));
	assert_int_equal(f.sent, 4);
	server_confirm(server, 1600);
	assert_null(servers_tick(&f.servers, &f.port, 5000));
	server_repeat(server, &f.port);
	assert_int_equal(f.sent, 4);
	assert_null(servers_tick(&f.servers, &f.port, 1600 + TIMER_T4_MS));
	assert_int_equal(servers_deadline(&f.servers), TIMER_NEVER);
	servers_end(&f.servers);
}

static void accepted_invite_without_ack_is_handed_back(void **state)
{
	struct fixture f;
	struct server *server;

	(void)state;
	fixture_make(&f);
	server = start(&f, "INVITE", "g:5060;branch=z9hG4bK1");
	server_respond(server, &f.port, 0, 200, SLICE("200"));
	assert_null(servers_tick(&f.servers, &f.port, TIMER_LIFE_MS - 1));
	assert_ptr_equal(servers_tick(&f.servers, &f.port, TIMER_LIFE_MS), server);
	server_end(server);
	assert_null(servers_tick(&f.servers, &f.port, TIMER_LIFE_MS));
	servers_end(&f.servers);
}

static void answer_to_another_request_is_repeated_on_demand_only(void **state)
{
	struct fixture f;
	struct server *server;

	(void)state;
	fixture_make(&f);
	server = start(&f, "MESSAGE", "g:5060;branch=z9hG4bK1");
	server_repeat(server, &f.port);
	assert_int_equal(f.sent, 0);
	server_respond(server, &f.port, 0, 200, SLICE("200"));
	assert_null(servers_tick(&f.servers, &f.port, TIMER_LIFE_MS - 1));
	assert_int_equal(f.sent, 1);
	server_repeat(server, &f.port);
	assert_int_equal(f.sent, 2);
	assert_null(servers_tick(&f.servers, &f.port, TIMER_LIFE_MS));
	assert_int_equal(servers_deadline(&f.servers), TIMER_NEVER);
	servers_end(&f.servers);
}

static void full_table_takes_no_more_until_one_ends(void **state)
{
	struct fixture f;
	struct server *server;
	char via[64];

	(void)state;
	fixture_make(&f);
	for (unsigned i = 0; i < SERVER_TRANSACTIONS; i++) {
		snprintf(via, sizeof(via), "g:5060;branch=z9hG4bK%u", i);
		start(&f, "MESSAGE", via);
	}
	assert_int_equal(servers_start(&f.servers, 0, &channel,
				       request(&f, "MESSAGE", "g:5060;branch=z9hG4bKx"), &server),
			 RESULT_SPACE);
	server_end(&f.servers.at[5]);
	start(&f, "MESSAGE", "g:5060;branch=z9hG4bKx");
	servers_end(&f.servers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_finds_its_transaction_by_branch_sent_by_and_method),
		cmocka_unit_test(refusal_of_an_invite_comes_again_until_its_ack),
		cmocka_unit_test(accepted_invite_without_ack_is_handed_back),
		cmocka_unit_test(answer_to_another_request_is_repeated_on_demand_only),
		cmocka_unit_test(full_table_takes_no_more_until_one_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
