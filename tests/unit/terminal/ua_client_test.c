#include "tests/unit/terminal/cmocka_setup.h"

#include <stdio.h>

#include "terminal/ua/client.h"

static const struct flow channel = {.kind = FLOW_CHANNEL};

static void count_sent(void *context, const struct flow *flow, struct slice message)
{
	(void)flow;
	(void)message;
	++*(unsigned *)context;
}

struct fixture {
	struct clients clients;
	unsigned sent;
	struct ua_port port;
};

static void fixture_make(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->port = (struct ua_port){&f->sent, count_sent, NULL};
}

static struct client *start(struct fixture *f, const char *method, unsigned branch)
{
	char text[512];
	struct client *client = NULL;
	int len = snprintf(text, sizeof(text),
			   "%s sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP a:5060;branch=z9hG4bK%u\r\n"
			   "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 %s\r\n"
			   "Content-Length: 0\r\n\r\n",
			   method, branch, method);

	assert_int_equal(clients_start(&f->clients, &f->port, 0, &channel,
				       slice_make(text, (size_t)len), 0, TIMER_LIFE_MS, &client),
			 RESULT_OK);
	return client;
}

static struct client *find(struct fixture *f, const char *cseq_method, unsigned branch,
			   unsigned status, enum client_verdict *verdict, uint64_t now_ms)
{
	char text[512];
	struct sip_message message;
	struct client *client;
	int len = snprintf(text, sizeof(text),
			   "SIP/2.0 %u X\r\nVia: SIP/2.0/UDP a:5060;branch=z9hG4bK%u\r\n"
			   "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: c\r\n"
			   "CSeq: 1 %s\r\nContent-Length: 0\r\n\r\n",
			   status, branch, cseq_method);

	assert_int_equal(sip_message_parse(text, (size_t)len, &message), SIP_VERDICT_OK);
	client = clients_find(&f->clients, &message);
	if (client)
		*verdict = client_receive(client, &f->port, now_ms, &message);
	return client;
}

/* When requests were sent, in ms, within the life of a transaction. */
static void assert_sent_at(struct fixture *f, const unsigned *times_ms, unsigned count)
{
	unsigned at = 0;

	for (uint64_t now = 0; now < TIMER_LIFE_MS; now += 10) {
		unsigned before = f->sent;

		if (now)
			assert_null(clients_tick(&f->clients, &f->port, now));
		if (f->sent > before || now == 0) {
			assert_true(at < count);
			assert_int_equal(now, times_ms[at++]);
		}
	}
	assert_int_equal(at, count);
	assert_non_null(clients_tick(&f->clients, &f->port, TIMER_LIFE_MS));
}

static void invite_is_sent_again_at_doubling_times(void **state)
{
	static const unsigned times[] = {0, 500, 1500, 3500, 7500, 15500, 31500};
	struct fixture f;

	(void)state;
	fixture_make(&f);
	start(&f, "INVITE", 1);
	assert_sent_at(&f, times, 7);
	clients_end(&f.clients);
}

static void other_requests_are_sent_again_up_to_every_four_seconds(void **state)
{
	static const unsigned times[] = {0,	500,   1500,  3500,  7500, 11500,
					 15500, 19500, 23500, 27500, 31500};
	struct fixture f;

	(void)state;
	fixture_make(&f);
	start(&f, "MESSAGE", 1);
	assert_sent_at(&f, times, 11);
	clients_end(&f.clients);
}

static void provisional_response_stills_the_invite_and_slows_the_others(void **state)
{
	enum client_verdict verdict;
	struct fixture f;

	(void)state;
	fixture_make(&f);
	start(&f, "INVITE", 1);
	start(&f, "MESSAGE", 2);
	assert_non_null(find(&f, "INVITE", 1, 180, &verdict, 100));
	assert_int_equal(verdict, CLIENT_NEW);
	assert_non_null(find(&f, "MESSAGE", 2, 100, &verdict, 100));
	f.sent = 0;
	for (uint64_t now = 200; now < 10000; now += 100)
		assert_null(clients_tick(&f.clients, &f.port, now));
	/* 0.5, 4.5 and 8.5 s: what was under way, then every T2 */
	assert_int_equal(f.sent, 3);
	clients_end(&f.clients);
}

static void response_finds_its_transaction_by_branch_and_method(void **state)
{
	enum client_verdict verdict;
	struct fixture f;

	(void)state;
	fixture_make(&f);
	start(&f, "INVITE", 1);
	start(&f, "CANCEL", 1);
	assert_null(find(&f, "INVITE", 2, 200, &verdict, 1));
	assert_null(find(&f, "BYE", 1, 200, &verdict, 1));
	assert_int_equal(find(&f, "CANCEL", 1, 200, &verdict, 1)->method, SIP_METHOD_CANCEL);
	assert_int_equal(find(&f, "INVITE", 1, 200, &verdict, 1)->method, SIP_METHOD_INVITE);
	clients_end(&f.clients);
}

static void refusal_that_comes_again_is_acknowledged_again_only(void **state)
{
	enum client_verdict verdict;
	struct fixture f;

	(void)state;
	fixture_make(&f);
	start(&f, "INVITE", 1);
	assert_non_null(find(&f, "INVITE", 1, 486, &verdict, 10));
	assert_int_equal(verdict, CLIENT_NEW);
	assert_int_equal(f.sent, 2);
	assert_non_null(find(&f, "INVITE", 1, 486, &verdict, 20));
	assert_int_equal(verdict, CLIENT_REPEATED);
	assert_int_equal(f.sent, 3);
	/* and it is over after timer D, without a word */
	assert_null(clients_tick(&f.clients, &f.port, 10 + TIMER_LIFE_MS));
	assert_int_equal(clients_deadline(&f.clients), TIMER_NEVER);
	clients_end(&f.clients);
}

static void full_table_takes_no_more(void **state)
{
	static const char text[] =
		"BYE sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP a:5060;branch=z9hG4bKx\r\n"
		"From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 BYE\r\n\r\n";
	struct fixture f;

	(void)state;
	fixture_make(&f);
	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++)
		start(&f, "BYE", i);
	assert_int_equal(clients_start(&f.clients, &f.port, 0, &channel, SLICE(text), 0,
				       TIMER_LIFE_MS, NULL),
			 RESULT_SPACE);
	clients_end(&f.clients);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(invite_is_sent_again_at_doubling_times),
		cmocka_unit_test(other_requests_are_sent_again_up_to_every_four_seconds),
		cmocka_unit_test(provisional_response_stills_the_invite_and_slows_the_others),
		cmocka_unit_test(response_finds_its_transaction_by_branch_and_method),
		cmocka_unit_test(refusal_that_comes_again_is_acknowledged_again_only),
		cmocka_unit_test(full_table_takes_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
