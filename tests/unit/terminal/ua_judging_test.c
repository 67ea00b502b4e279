/* Weak paths, as local clients are told of them: refused with a reason, or flagged. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/judging.h"

#define GAP_SERIES                                                                                 \
	"Route-Security: [2001:abcd::5060];level=3\n"                                              \
	"Route-Security: [2001:6789::5060]\n" OWN_SERIES
#define WEAK	"a gap, the hop did not say how it sent: [2001:6789::5060]"
#define CONTACT "Contact: <sip:user-b@[2001:cdef::10]:5060>\n"

static void a_weak_answer_is_488_to_the_client_and_ended_there(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_calls(&bench, SOME_SDP);
	gateway_answers(&bench, "180 Ringing", GAP_SERIES, "bee", TOKENS CONTACT NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 100 Trying"); /* it is passed over */
	gateway_answers(&bench, "200 OK", GAP_SERIES, "bee", TOKENS CONTACT SOME_SDP);
	assert_has_line(phone_last(&bench), "SIP/2.0 488 Not Acceptable Here");
	assert_has_line(phone_last(&bench), "Warning: 399 127.0.0.1:5060 \"" WEAK "\"");
	assert_has_line(bench.sent[1], "CSeq: 7 ACK");
	assert_has_line(bench.sent[2], "CSeq: 8 BYE");
	bench_end(&bench);
}

static void with_warn_it_passes_flagged(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, true);
	phone_calls(&bench, SOME_SDP);
	gateway_answers(&bench, "200 OK", GAP_SERIES, "bee", TOKENS CONTACT SOME_SDP);
	assert_has_line(phone_last(&bench), "SIP/2.0 200 OK");
	assert_has_line(phone_last(&bench), "Sekisho-Fault: " WEAK);
	assert_has_line(phone_last(&bench), "Warning: 399 127.0.0.1:5060 \"" WEAK "\"");
	assert_has_line(phone_last(&bench),
			"Sekisho-Path: sip:user-a@abc.com [2001:1234::10] ==3==> [2001:6789::5060] "
			"--?--> [2001:abcd::5060] ==3==> sip:user-b@xyz.com");
	bench_end(&bench);
}

static void a_strong_answer_has_no_warning(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, true);
	phone_calls(&bench, SOME_SDP);
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "bee", TOKENS CONTACT SOME_SDP);
	assert_has_line(phone_last(&bench), "SIP/2.0 200 OK");
	assert_lacks(phone_last(&bench), "\r\nWarning:");
	assert_lacks(phone_last(&bench), "\r\nSekisho-Fault:");
	bench_end(&bench);
}

static void weak_invite(struct bench *bench)
{
	bench_hear(bench, "INVITE sip:user-a@[2001:1234::10]:5060 SIP/2.0\n"
			  "Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch=z9hG4bKweak\n"
			  "Route-Security: [2001:6789::5060];level=3\n"
			  "Route-Security: [2001:abcd::5060];level=1\n"
			  "From: <sip:user-b@xyz.com>;tag=gb\nTo: <sip:user-a@abc.com>\n"
			  "Call-ID: weak\nCSeq: 1 INVITE\n" CONTACT "Content-Length: 0\n\n");
}

static void a_weak_call_rings_nowhere(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	weak_invite(&bench);
	assert_has_line(bench_last(&bench), "SIP/2.0 488 Not Acceptable Here");
	assert_non_null(strstr(bench_last(&bench), "a level below our minimum: "
						   "[2001:abcd::5060];level=1"));
	assert_int_equal(bench.rung_count, 0);
	assert_told(&bench, 0, UA_EVENT_REFUSED, 488);
	bench_end(&bench);
}

static void or_rings_flagged(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, true);
	phone_registers(&bench);
	weak_invite(&bench);
	assert_has_line(phone_last(&bench), "INVITE sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(phone_last(&bench),
			"Sekisho-Fault: a level below our minimum: [2001:abcd::5060];level=1");
	assert_non_null(strstr(phone_last(&bench), "[2001:abcd::5060] --1--> "));
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_weak_answer_is_488_to_the_client_and_ended_there),
		cmocka_unit_test(with_warn_it_passes_flagged),
		cmocka_unit_test(a_strong_answer_has_no_warning),
		cmocka_unit_test(a_weak_call_rings_nowhere),
		cmocka_unit_test(or_rings_flagged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
