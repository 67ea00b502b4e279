/* The data channel in calls of local clients: early and delayed offers, and what reveals their
 * secret. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/negotiating.h"

#define THEIR_CONTACT "Contact: <sip:user-b@[2001:cdef::10]:5060>\n"
#define PHONE_CONTACT "Contact: <sip:me@127.0.0.1:5070>\n"
#define CHANNEL_SDP                                                                                \
	"Content-Type: application/sdp\nContent-Length: 1\n\n"                                     \
	"v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\n"                          \
	"a=sekisho-channel:theirs\nm=audio 6000 RTP/AVP 0\n"

/* Keeps what it was asked, in order, as letters: o offer, O offered, a answer, A answered, R
 * revealed. */
struct asked {
	char steps[16], sdp[512], body[128];
	bool is_refusing;
	struct ua_session session;
	struct bench bench;
};

static void note(struct asked *asked, char step)
{
	size_t len = strlen(asked->steps);

	assert_true(len + 1 < sizeof(asked->steps));
	asked->steps[len] = step;
}

static void on_offer(void *context, unsigned call, struct writer *lines)
{
	assert_int_equal(call, 0);
	note(context, 'o');
	WRITER_LITERAL(lines, "a=sekisho-channel:offer\r\n");
}

static bool on_offered(void *context, unsigned call, struct slice sdp, struct writer *refusal)
{
	struct asked *asked = context;

	(void)call;
	note(asked, 'O');
	snprintf(asked->sdp, sizeof(asked->sdp), "%.*s", (int)sdp.len, sdp.at ? sdp.at : "");
	if (asked->is_refusing)
		WRITER_LITERAL(refusal, "no");
	return !asked->is_refusing;
}

static void on_answer(void *context, unsigned call, const struct ua_parties *parties,
		      struct writer *lines)
{
	(void)call;
	assert_true(parties->callee_tag.len > 0 && parties->caller_tag.len > 0);
	note(context, 'a');
	WRITER_LITERAL(lines, "a=sekisho-channel:answer\r\n");
}

static bool on_answered(void *context, unsigned call, const struct ua_parties *parties,
			struct slice sdp, struct writer *reveal, struct writer *refusal)
{
	struct asked *asked = context;

	(void)call;
	(void)refusal;
	assert_true(parties->callee_tag.len > 0 && parties->caller_tag.len > 0);
	note(asked, 'A');
	snprintf(asked->sdp, sizeof(asked->sdp), "%.*s", (int)sdp.len, sdp.at ? sdp.at : "");
	WRITER_LITERAL(reveal, "reveal=x\r\n");
	return true;
}

static bool on_revealed(void *context, unsigned call, struct slice body, struct writer *refusal)
{
	struct asked *asked = context;

	(void)call;
	note(asked, 'R');
	snprintf(asked->body, sizeof(asked->body), "%.*s", (int)body.len, body.at ? body.at : "");
	if (asked->is_refusing)
		WRITER_LITERAL(refusal, "no");
	return !asked->is_refusing;
}

static void on_ended(void *context, unsigned call)
{
	(void)context;
	(void)call;
}

static void begin(struct asked *asked)
{
	memset(asked, 0, sizeof(*asked));
	phone_bench_make(&asked->bench, false);
	asked->session = (struct ua_session){asked,	  on_offer,    on_offered, on_answer,
					     on_answered, on_revealed, on_ended};
	ua_session_set(asked->bench.ua, &asked->session);
}

static void a_clients_offer_gets_our_line_and_the_ack_reveals(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked);
	phone_calls(&asked.bench, CHANNEL_SDP);
	assert_non_null(strstr(bench_last(&asked.bench), "t=0 0\r\na=sekisho-channel:offer\r\nm="));
	assert_lacks(bench_last(&asked.bench), "theirs");
	gateway_answers(&asked.bench, "200 OK", WHOLE_SERIES, "bee",
			TOKENS THEIR_CONTACT CHANNEL_SDP);
	assert_non_null(strstr(asked.sdp, "a=sekisho-channel:theirs"));
	assert_lacks(phone_last(&asked.bench), "sekisho-channel");
	phone_asks(&asked.bench, "ACK", "ack", 7, true, NO_BODY);
	assert_has_line(bench_last(&asked.bench), "Content-Type: application/sekisho-channel");
	assert_non_null(strstr(bench_last(&asked.bench), "\r\n\r\nreveal=x\r\n"));
	assert_string_equal(asked.steps, "oA");
	bench_end(&asked.bench);
}

static void an_answer_in_a_provisional_response_counts(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked);
	phone_calls(&asked.bench, SOME_SDP);
	gateway_answers(&asked.bench, "183 Session Progress", WHOLE_SERIES, "bee",
			TOKENS THEIR_CONTACT "Require: 100rel\nRSeq: 1\n" CHANNEL_SDP);
	assert_has_line(phone_last(&asked.bench), "Require: 100rel");
	gateway_answers(&asked.bench, "200 OK", WHOLE_SERIES, "bee", TOKENS THEIR_CONTACT NO_BODY);
	assert_non_null(strstr(asked.sdp, "a=sekisho-channel:theirs"));
	assert_string_equal(asked.steps, "oA");
	bench_end(&asked.bench);
}

static void a_client_that_is_called_answers_with_one_line_however_often(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked);
	phone_registers(&asked.bench);
	gateway_asks(&asked.bench, "INVITE", "inv", 3, "", TOKENS THEIR_CONTACT CHANNEL_SDP);
	assert_lacks(phone_last(&asked.bench), "sekisho-channel");
	phone_answers(&asked.bench, "183 Session Progress", "pb", PHONE_CONTACT SOME_SDP);
	assert_non_null(strstr(bench_last(&asked.bench), "a=sekisho-channel:answer"));
	phone_answers(&asked.bench, "200 OK", "pb", PHONE_CONTACT SOME_SDP);
	assert_non_null(strstr(bench_last(&asked.bench), "a=sekisho-channel:answer"));
	gateway_asks(&asked.bench, "ACK", "ack", 3, "pb",
		     "Content-Type: application/sekisho-channel\nContent-Length: 1\n\nreveal=y\n");
	assert_string_equal(asked.body, "reveal=y\r\n");
	assert_lacks(phone_last(&asked.bench), "reveal");
	assert_string_equal(asked.steps, "OaR");
	bench_end(&asked.bench);
}

static void without_an_offer_the_200_offers_and_the_ack_answers(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked);
	phone_calls(&asked.bench, NO_BODY);
	assert_lacks(bench_last(&asked.bench), "sekisho-channel");
	gateway_answers(&asked.bench, "200 OK", WHOLE_SERIES, "bee",
			TOKENS THEIR_CONTACT CHANNEL_SDP);
	assert_lacks(phone_last(&asked.bench), "sekisho-channel");
	phone_asks(&asked.bench, "ACK", "ack", 7, true, SOME_SDP);
	assert_non_null(strstr(bench_last(&asked.bench), "a=sekisho-channel:answer"));
	bench_forget(&asked.bench);
	gateway_asks(&asked.bench, "INFO", "info", 30, "pa",
		     "Content-Type: application/sekisho-channel\nContent-Length: 1\n\nreveal=y\n");
	assert_has_line(bench_last(&asked.bench), "SIP/2.0 200 OK");
	assert_int_equal(asked.bench.rung_count, 0); /* it is not for the client */
	assert_string_equal(asked.steps, "OaR");
	bench_end(&asked.bench);
}

static void as_callee_we_offer_and_reveal_in_an_info(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked);
	phone_registers(&asked.bench);
	gateway_asks(&asked.bench, "INVITE", "inv", 3, "", TOKENS THEIR_CONTACT NO_BODY);
	phone_answers(&asked.bench, "200 OK", "pb", PHONE_CONTACT SOME_SDP);
	assert_non_null(strstr(bench_last(&asked.bench), "a=sekisho-channel:offer"));
	gateway_asks(&asked.bench, "ACK", "ack", 3, "pb", CHANNEL_SDP);
	assert_has_line(phone_last(&asked.bench), "ACK sip:me@127.0.0.1:5070 SIP/2.0");
	assert_non_null(strstr(phone_last(&asked.bench), "m=audio 6000"));
	assert_lacks(phone_last(&asked.bench), "sekisho-channel");
	assert_has_line(bench_last(&asked.bench), "CSeq: 1 INFO");
	assert_non_null(strstr(bench_last(&asked.bench), "\r\n\r\nreveal=x\r\n"));
	assert_string_equal(asked.steps, "oA");
	/* The client knows nothing of that INFO: its own numbers are moved on. */
	phone_asks(&asked.bench, "INFO", "own", 1, false, NO_BODY);
	assert_has_line(bench_last(&asked.bench), "CSeq: 2 INFO");
	phone_asks(&asked.bench, "PRACK", "prack", 3, false, "RAck: 7 2 INVITE\n" NO_BODY);
	assert_has_line(bench_last(&asked.bench), "RAck: 7 3 INVITE");
	phone_asks(&asked.bench, "PRACK", "odd", 4, false, "RAck: odd\n" NO_BODY);
	assert_has_line(bench_last(&asked.bench), "RAck: odd");
	gateway_answers(&asked.bench, "200 OK", THEIR_SERIES, "gb", NO_BODY);
	bench_end(&asked.bench);
}

static void what_is_refused_ends_the_call(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked);
	asked.is_refusing = true;
	phone_calls(&asked.bench, NO_BODY);
	gateway_answers(&asked.bench, "200 OK", WHOLE_SERIES, "bee",
			TOKENS THEIR_CONTACT CHANNEL_SDP);
	assert_has_line(phone_last(&asked.bench), "SIP/2.0 488 Not Acceptable Here");
	assert_has_line(asked.bench.sent[2], "CSeq: 8 BYE");
	bench_end(&asked.bench);

	begin(&asked);
	phone_registers(&asked.bench);
	gateway_asks(&asked.bench, "INVITE", "inv", 3, "", TOKENS THEIR_CONTACT CHANNEL_SDP);
	phone_answers(&asked.bench, "200 OK", "pb", PHONE_CONTACT SOME_SDP);
	asked.is_refusing = true;
	gateway_asks(&asked.bench, "ACK", "ack", 3, "pb", NO_BODY);
	assert_has_line(bench_last(&asked.bench), "CSeq: 1 BYE");
	assert_has_line(phone_last(&asked.bench), "BYE sip:me@127.0.0.1:5070 SIP/2.0");
	bench_end(&asked.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clients_offer_gets_our_line_and_the_ack_reveals),
		cmocka_unit_test(an_answer_in_a_provisional_response_counts),
		cmocka_unit_test(a_client_that_is_called_answers_with_one_line_however_often),
		cmocka_unit_test(without_an_offer_the_200_offers_and_the_ack_answers),
		cmocka_unit_test(as_callee_we_offer_and_reveal_in_an_info),
		cmocka_unit_test(what_is_refused_ends_the_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
