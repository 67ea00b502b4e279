/* controlplane/peers/probing.c, and what a peer does with its news and with SAs that are spent. */
#include "tests/unit/peers/peers_kit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "shared/sip/message.h"

/* Both sides run and are linked; a asks its peer fifty times a second. */
static void both_start(struct fixture *f)
{
	f->a.probe_ms = 20;
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 2);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(both_have(f, 2, 1));
}

/* What comes for ourselves by the peer's inbound SA. */
static bool received(struct side *side, uint32_t sa_index, const char *text)
{
	struct {
		struct contract_sip_received head;
		char text[2048];
	} message = {{.origin = CONTRACT_ORIGIN_SA,
		      .sa_index = sa_index,
		      .sa_generation = side->plane.sa[sa_index].generation,
		      .sip_length = (uint32_t)strlen(text)}};

	memcpy(message.text, text, strlen(text));
	return peers_sip_received(side->peers, &message.head);
}

static uint32_t inbound(const struct side *side)
{
	for (uint32_t i = 1; i < SAS_MAX; i++)
		if (side->plane.sa[i].directions == CONTRACT_SA_IN)
			return i;
	fail();
	return 0;
}

/* The answer to the last question, with a branch of somebody's choice. */
static bool answered(struct side *side, const char *branch)
{
	const char *via = strstr(side->plane.asked, "Via: ");
	char text[1024], own[128];

	sscanf(via, "Via: SIP/2.0/UDP 127.0.0.2:5060;branch=%100s", own);
	snprintf(text, sizeof(text),
		 "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.2:5060;branch=%s\r\n"
		 "From: <sip:abc.com>;tag=probe\r\nTo: <sip:127.0.0.3>;tag=x\r\n"
		 "Call-ID: %s\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		 branch ? branch : own, own);
	return received(side, inbound(side), text);
}

static bool is_lost(void *arg)
{
	return ((const struct side *)arg)->plane.peer.is_lost;
}

static bool is_back(void *arg)
{
	struct side *side = arg;

	answered(side, NULL);
	return !side->plane.peer.is_lost;
}

static void questions_are_requests_that_pass_a_gateways_checks(void **state)
{
	struct fixture *f = *state;
	struct sip_message message;
	uint32_t first;

	both_start(f);
	run_for_ms(f, 100);
	assert_in_range(f->a.plane.asked_count, 2, 8);
	assert_int_equal(sip_message_parse(f->a.plane.asked, strlen(f->a.plane.asked), &message),
			 SIP_VERDICT_OK);
	assert_int_equal(message.method, SIP_METHOD_OPTIONS);
	assert_non_null(strstr(f->a.plane.asked, "OPTIONS sip:127.0.0.3 SIP/2.0\r\n"));
	assert_non_null(strstr(f->a.plane.asked, "Route-Security: 127.0.0.2;level=3\r\n"));
	assert_non_null(strstr(f->a.plane.asked, "From: <sip:abc.com>;tag="));
	/* by each SA in turn */
	first = f->a.plane.asked_by;
	for (int i = 0; i < 10 && f->a.plane.asked_by == first; i++)
		run_for_ms(f, 10);
	assert_int_not_equal(f->a.plane.asked_by, first);
	assert_int_equal(f->b.plane.asked_count, 0);
}

static void one_that_does_not_answer_is_lost_and_comes_back_when_it_does(void **state)
{
	struct fixture *f = *state;

	both_start(f);
	assert_true(run_until(f, is_lost, &f->a));
	assert_int_equal(f->a.plane.peer.sa_out_count, 2); /* answers still reach it */
	assert_int_equal(f->a.plane.deleted, 0);
	assert_true(run_until(f, is_back, &f->a));
	assert_int_equal(f->a.plane.peer.sa_out_count, 2);
}

static void an_answer_to_another_question_or_by_another_sa_counts_for_nothing(void **state)
{
	struct fixture *f = *state;

	both_start(f);
	assert_true(run_until(f, is_lost, &f->a));
	for (int i = 0; i < 40; i++) {
		assert_true(answered(&f->a, "z9hG4bKprobe0000000000000000"));
		assert_true(received(&f->a, inbound(&f->a), "SIP/2.0 200 OK\r\n\r\n"));
		assert_false(received(&f->a, SAS_MAX - 1, "SIP/2.0 200 OK\r\n\r\n"));
		run_for_ms(f, 10);
	}
	assert_true(f->a.plane.peer.is_lost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(questions_are_requests_that_pass_a_gateways_checks),
		PEERS_TEST(one_that_does_not_answer_is_lost_and_comes_back_when_it_does),
		PEERS_TEST(an_answer_to_another_question_or_by_another_sa_counts_for_nothing),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
