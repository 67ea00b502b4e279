/* Answers nobody wants, from the gateway and from clients: ACK and BYE, and never too many. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/unwanted.h"

#define PHONE_CONTACT "Contact: <sip:me@127.0.0.1:5070>\n"
#define HALL_CONTACT  "Contact: <sip:hall@127.0.0.1:5070>\n"

static void answered_call(struct bench *bench)
{
	phone_bench_make(bench, false);
	phone_calls(bench, SOME_SDP);
	gateway_answers(bench, "200 OK", WHOLE_SERIES, "bee",
			TOKENS "Contact: <sip:user-b@[2001:cdef::10]:5060>\n" SOME_SDP);
}

static unsigned count_sent(const struct bench *bench, const char *method)
{
	unsigned count = 0;

	for (unsigned i = 0; i < bench->sent_count; i++)
		count += strncmp(bench->sent[i], method, strlen(method)) == 0;
	return count;
}

/* More answers to the INVITE, which is the last request that was sent, each of another. */
static void others_answer(struct bench *bench, unsigned count)
{
	char text[4096], branch[64], tag[64];

	between(bench->sent[0], "branch=", ";", branch, sizeof(branch));
	between(bench->sent[0], "\r\nFrom: ", "\r", tag, sizeof(tag));
	for (unsigned i = 0; i < count; i++) {
		snprintf(text, sizeof(text),
			 "SIP/2.0 200 OK\n"
			 "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=%s;rport=5060\n" TOKENS
				 WHOLE_SERIES "From: %s\nTo: <sip:user-b@xyz.com>;tag=o%u\n"
			 "Call-ID: phone-call\nCSeq: 7 INVITE\n"
			 "Contact: <sip:user-b@[2001:cdef::%u]:5060>\nContent-Length: 0\n\n",
			 branch, tag, i, i + 20);
		bench_hear(bench, text);
	}
}

static void only_so_many_are_ended_at_a_time(void **state)
{
	struct bench bench;

	(void)state;
	answered_call(&bench);
	others_answer(&bench, UNWANTED_AT_ONCE + 10);
	assert_int_equal(count_sent(&bench, "BYE "), UNWANTED_AT_ONCE);
	/* The others get no ACK: they end by themselves (RFC 3261 13.3.1.4). */
	assert_int_equal(count_sent(&bench, "ACK "), UNWANTED_AT_ONCE);
	bench_end(&bench);
}

static void an_answer_without_contact_cannot_be_ended(void **state)
{
	struct bench bench;

	(void)state;
	answered_call(&bench);
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "boo", TOKENS NO_BODY);
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "boo",
			TOKENS "Contact: <mailto:user-b@xyz.com>\n" NO_BODY);
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "",
			TOKENS "Contact: <sip:user-b@[2001:cdef::10]:5060>\n" NO_BODY);
	assert_int_equal(bench.sent_count, 1);
	bench_end(&bench);
}

static void what_does_not_echo_the_invite_is_answered_by_nothing(void **state)
{
	struct bench bench;
	char text[1024], branch[64];

	(void)state;
	answered_call(&bench);
	between(bench.sent[0], "branch=", ";", branch, sizeof(branch));
	snprintf(text, sizeof(text),
		 "SIP/2.0 200 OK\nVia: SIP/2.0/UDP [2001:1234::10]:5060;branch=%s\n" WHOLE_SERIES
		 "From: <sip:user-a@abc.com>;tag=another\nTo: <sip:user-b@xyz.com>;tag=boo\n"
		 "Call-ID: phone-call\nCSeq: 7 INVITE\n"
		 "Contact: <sip:user-b@[2001:cdef::11]:5060>\nContent-Length: 0\n\n",
		 branch);
	bench_hear(&bench, text);
	assert_int_equal(bench.sent_count, 1);
	bench_end(&bench);
}

static void ring_the_client(struct bench *bench)
{
	phone_bench_make(bench, false);
	phone_registers(bench);
	gateway_asks(bench, "INVITE", "inv", 3, "",
		     TOKENS "Contact: <sip:user-b@[2001:cdef::10]:5060>\n" SOME_SDP);
}

static void a_second_client_that_answers_is_hung_up(void **state)
{
	struct bench bench;

	(void)state;
	ring_the_client(&bench);
	phone_answers(&bench, "200 OK", "pb", PHONE_CONTACT SOME_SDP);
	assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	phone_answers(&bench, "200 OK", "pc", HALL_CONTACT SOME_SDP);
	assert_int_equal(bench.sent_count, 1); /* the other side hears nothing of it */
	assert_int_equal(bench.rung_count, 3);
	assert_has_line(bench.rung[1], "ACK sip:hall@127.0.0.1:5070 SIP/2.0");
	assert_has_line(bench.rung[1], "CSeq: 3 ACK");
	assert_has_line(bench.rung[2], "BYE sip:hall@127.0.0.1:5070 SIP/2.0");
	assert_non_null(strstr(bench.rung[2], ";tag=pc"));
	assert_lacks(bench.rung[2], "\r\nRoute: ");
	bench_end(&bench);
}

static void a_client_that_answers_after_the_cancel_is_hung_up(void **state)
{
	struct bench bench;

	(void)state;
	ring_the_client(&bench);
	phone_answers(&bench, "180 Ringing", "pb", NO_BODY);
	gateway_asks(&bench, "CANCEL", "inv", 3, "", NO_BODY);
	assert_has_line(phone_last(&bench), "CSeq: 3 CANCEL");
	bench.rung_count--; /* the INVITE is answered, not the CANCEL */
	free(bench.rung[bench.rung_count]);
	phone_answers(&bench, "200 OK", "pb", PHONE_CONTACT SOME_SDP);
	assert_has_line(bench.rung[1], "ACK sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(bench.rung[2], "BYE sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(bench.rung[2], "CSeq: 4 BYE");
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_so_many_are_ended_at_a_time),
		cmocka_unit_test(an_answer_without_contact_cannot_be_ended),
		cmocka_unit_test(what_does_not_echo_the_invite_is_answered_by_nothing),
		cmocka_unit_test(a_second_client_that_answers_is_hung_up),
		cmocka_unit_test(a_client_that_answers_after_the_cancel_is_hung_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
