/* INVITEs across the agent, first and later, with the gateway and the client scripted. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/exchange.h"

#define THEIR_CONTACT "Contact: <sip:user-b@[2001:cdef::10]:5060>\n"
#define PHONE_CONTACT "Contact: <sip:me@127.0.0.1:5070>\n"

static void a_client_calls_as_the_terminal_would(void **state)
{
	static const char *const routes[] = {"<sip:tokenA@[2001:6789::5060]:5060;lr>",
					     "<sip:tokenB@[2001:abcd::5060]:5060;lr>"};
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_calls(&bench, "Allow: INVITE, BYE\nSubject: lunch\n" SOME_SDP);
	assert_has_line(bench.rung[0], "SIP/2.0 100 Trying");
	assert_has_line(bench_last(&bench), "INVITE sip:user-b@xyz.com SIP/2.0");
	assert_has_line(bench_last(&bench), "From: \"A\" <sip:user-a@abc.com>;tag=pa");
	assert_has_line(bench_last(&bench), "Contact: <sip:user-a@[2001:1234::10]:5060>");
	assert_has_line(bench_last(&bench), "CSeq: 7 INVITE");
	assert_has_line(bench_last(&bench), "Max-Forwards: 69");
	assert_has_line(bench_last(&bench), "Subject: lunch");
	assert_has_line(bench_last(&bench), "Route-Security: [2001:1234::10];level=3");
	assert_told(&bench, 0, UA_EVENT_CALLING, 0);

	gateway_answers(&bench, "180 Ringing", WHOLE_SERIES, "bee", TOKENS THEIR_CONTACT NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 180 Ringing");
	assert_has_line(phone_last(&bench), "Record-Route: <sip:127.0.0.1:5060;lr>");
	assert_has_line(phone_last(&bench), "Contact: <sip:user-b@xyz.com>");
	assert_has_line(phone_last(&bench), "To: <sip:user-b@xyz.com>;tag=bee");
	assert_told(&bench, 1, UA_EVENT_RINGING, 180);

	gateway_answers(&bench, "200 Fine", WHOLE_SERIES, "bee", TOKENS THEIR_CONTACT SOME_SDP);
	assert_has_line(phone_last(&bench), "SIP/2.0 200 Fine");
	assert_non_null(strstr(phone_last(&bench), "m=audio 6000"));
	assert_non_null(strstr(phone_last(&bench), "\r\nSekisho-Path: sip:user-a@abc.com "));
	assert_lacks(phone_last(&bench), "tokenA");
	assert_int_equal(bench.sent_count, 1); /* the ACK is the client's to send */

	phone_asks(&bench, "ACK", "ack", 7, true, NO_BODY);
	assert_has_line(bench_last(&bench), "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_lines(bench_last(&bench), "Route", routes, 2);
	assert_has_line(bench_last(&bench), "CSeq: 7 ACK");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	bench_end(&bench);
}

static void the_200_goes_on_to_the_client_until_its_ack(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_calls(&bench, SOME_SDP);
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "bee", TOKENS THEIR_CONTACT SOME_SDP);
	bench_forget(&bench);
	bench_pass(&bench, TIMER_LIFE_MS);
	assert_has_line(bench.rung[0], "SIP/2.0 200 OK");
	assert_has_line(bench.rung[bench.rung_count - 1], "BYE sip:me@127.0.0.1:5070 SIP/2.0");
	/* It never comes: both sides are told so. */
	assert_has_line(bench.sent[0], "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_has_line(bench.sent[1], "BYE sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	bench_end(&bench);
}

static void a_refusal_reaches_the_client_as_it_is(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_calls(&bench, SOME_SDP);
	gateway_answers(&bench, "302 Moved Temporarily", WHOLE_SERIES, "bee",
			"Contact: <sip:user-c@xyz.com>\nRetry-After: 9\n" NO_BODY);
	assert_has_line(phone_last(&bench), "SIP/2.0 302 Moved Temporarily");
	assert_has_line(phone_last(&bench), "Contact: <sip:user-c@xyz.com>");
	assert_has_line(phone_last(&bench), "Retry-After: 9");
	assert_has_line(bench_last(&bench), "CSeq: 7 ACK");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);
}

static void a_client_is_called_at_its_contact(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	gateway_asks(&bench, "INVITE", "inv", 3, "",
		     TOKENS THEIR_CONTACT "Sekisho-Path: forged\n" SOME_SDP);
	assert_has_line(phone_last(&bench), "INVITE sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(phone_last(&bench), "From: <sip:user-b@xyz.com>;tag=gb");
	assert_has_line(phone_last(&bench), "To: <sip:user-a@abc.com>");
	assert_has_line(phone_last(&bench), "Contact: <sip:user-b@xyz.com>");
	assert_has_line(phone_last(&bench), "Record-Route: <sip:127.0.0.1:5060;lr>");
	assert_has_line(phone_last(&bench),
			"Sekisho-Path: sip:user-b@xyz.com [2001:cdef::10] ==3==> [2001:abcd::5060] "
			"==3==> [2001:6789::5060] ==3==> sip:user-a@abc.com");
	assert_lacks(phone_last(&bench), "forged");
	assert_lacks(phone_last(&bench), "Route-Security");
	assert_told(&bench, 0, UA_EVENT_INCOMING, 0);

	phone_answers(&bench, "180 Ringing", "pb", PHONE_CONTACT NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 180 Ringing");
	assert_has_line(bench_last(&bench), "To: <sip:user-a@abc.com>;tag=pb");
	assert_has_line(bench_last(&bench), "Contact: <sip:user-a@[2001:1234::10]:5060>");
	assert_has_line(bench_last(&bench), "Route-Security: [2001:cdef::10];level=3");
	phone_answers(&bench, "200 OK", "pb", PHONE_CONTACT SOME_SDP);
	assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	bench_forget(&bench);
	gateway_asks(&bench, "ACK", "ack", 3, "pb", NO_BODY);
	assert_has_line(phone_last(&bench), "ACK sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(phone_last(&bench), "CSeq: 3 ACK");
	/* The client's 200 comes again: the same ACK again. */
	phone_says(&bench, "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKgone\n"
			   "From: <sip:user-b@xyz.com>;tag=gb\nTo: <sip:user-a@abc.com>;tag=pb\n"
			   "Call-ID: their-call\nCSeq: 3 INVITE\n" NO_BODY);
	assert_int_equal(bench.rung_count, 2);
	assert_string_equal(bench.rung[0], bench.rung[1]);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	bench_end(&bench);
}

static void a_client_that_is_gone_makes_480_and_is_forgotten(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	gateway_asks(&bench, "INVITE", "inv", 3, "", TOKENS THEIR_CONTACT SOME_SDP);
	bench_pass(&bench, TIMER_LIFE_MS);
	assert_has_line(bench_last(&bench), "SIP/2.0 480 Temporarily Unavailable");
	assert_int_equal(ua_phone_count(bench.ua, bench.now_ms), 0);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_end(&bench);
}

static void a_client_that_the_kernel_knows_to_be_gone_makes_480_at_once(void **state)
{
	const struct flow gone = {.kind = FLOW_UDP,
				  .peer = {.family = 4, .port = 5070, .bytes = {127, 0, 0, 1}}};
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	gateway_asks(&bench, "INVITE", "inv", 3, "", TOKENS THEIR_CONTACT SOME_SDP);
	ua_lost(bench.ua, bench.now_ms, &gone);
	ua_tick(bench.ua, bench.now_ms);
	assert_has_line(bench_last(&bench), "SIP/2.0 480 Temporarily Unavailable");
	assert_int_equal(ua_phone_count(bench.ua, bench.now_ms), 0);
	/* The next call rings at the console. */
	gateway_asks(&bench, "INVITE", "inv2", 4, "", TOKENS THEIR_CONTACT SOME_SDP);
	assert_has_line(bench_last(&bench), "SIP/2.0 180 Ringing");
	bench_end(&bench);
}

static void a_message_to_a_client_that_is_gone_is_480_and_the_next_is_the_consoles(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	gateway_asks(&bench, "MESSAGE", "m1", 3, "", "Content-Type: text/plain\n" NO_BODY);
	assert_has_line(phone_last(&bench), "MESSAGE sip:me@127.0.0.1:5070 SIP/2.0");
	bench_pass(&bench, TIMER_LIFE_MS);
	assert_has_line(bench_last(&bench), "SIP/2.0 480 Temporarily Unavailable");
	gateway_asks(&bench, "MESSAGE", "m2", 4, "", "Content-Type: text/plain\n" NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 200 OK");
	bench_end(&bench);
}

static void later_invites_cross_both_ways(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_call_established(&bench);
	phone_asks(&bench, "INVITE", "hold", 8, true, PHONE_CONTACT SOME_SDP);
	assert_has_line(bench_last(&bench), "INVITE sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_has_line(bench_last(&bench), "CSeq: 8 INVITE");
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "bee", THEIR_CONTACT SOME_SDP);
	assert_has_line(phone_last(&bench), "SIP/2.0 200 OK");
	assert_has_line(phone_last(&bench), "CSeq: 8 INVITE");
	phone_asks(&bench, "ACK", "ack8", 8, true, NO_BODY);
	assert_has_line(bench_last(&bench), "CSeq: 8 ACK");
	bench_forget(&bench);

	gateway_asks(&bench, "INVITE", "theirs", 20, "pa", THEIR_CONTACT SOME_SDP);
	assert_has_line(phone_last(&bench), "INVITE sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(phone_last(&bench), "CSeq: 20 INVITE");
	/* While it is open another one from either side is glare. */
	phone_asks(&bench, "INVITE", "glare", 9, true, PHONE_CONTACT SOME_SDP);
	assert_has_line(phone_last(&bench), "SIP/2.0 491 Request Pending");
	phone_answers(&bench, "488 Not Acceptable Here", "pa", NO_BODY);
	assert_has_line(bench_last(&bench), "SIP/2.0 488 Not Acceptable Here");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	bench_end(&bench);
}

static void a_later_answer_by_a_weak_path_ends_the_call(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_call_established(&bench);
	phone_asks(&bench, "INVITE", "hold", 8, true, PHONE_CONTACT SOME_SDP);
	gateway_answers(&bench, "200 OK",
			"Route-Security: [2001:abcd::5060]\n"
			"Route-Security: [2001:6789::5060];level=3\n" OWN_SERIES,
			"bee", THEIR_CONTACT SOME_SDP);
	assert_has_line(bench.rung[0], "SIP/2.0 488 Not Acceptable Here");
	assert_has_line(bench.rung[1], "BYE sip:me@127.0.0.1:5070 SIP/2.0");
	assert_has_line(bench.sent[1], "CSeq: 8 ACK");
	assert_has_line(bench.sent[2], "CSeq: 9 BYE");
	bench_end(&bench);
}

static void a_later_invite_of_the_other_side_without_contact_is_400(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_called_established(&bench);
	gateway_asks(&bench, "INVITE", "again", 4, "pb", SOME_SDP);
	assert_has_line(bench_last(&bench), "SIP/2.0 400 Bad Request");
	assert_int_equal(bench.rung_count, 0);
	bench_end(&bench);
}

/* Media that say where they are by a number, which grows when they have moved. */
struct moving {
	unsigned place, inward;
	bool is_astray;
	struct ua_media media;
};

static bool carry_moving(void *context, unsigned call, enum ua_way way, unsigned family,
			 struct slice sdp, struct writer *out)
{
	struct moving *moving = context;

	(void)call;
	(void)family;
	assert_true(sdp.len > 0);
	moving->inward += way == UA_INWARD;
	WRITER_LITERAL(out, "at ");
	writer_u32(out, moving->place);
	return true;
}

static bool has_moved(void *context, unsigned call)
{
	struct moving *moving = context;
	bool was_astray = moving->is_astray;

	(void)call;
	moving->is_astray = false;
	moving->place += was_astray;
	return was_astray;
}

static void end_moving(void *context, unsigned call)
{
	(void)context;
	(void)call;
}

static void when_addresses_change_the_other_side_is_told_and_the_client_is_not(void **state)
{
	struct moving moving = {.place = 1};
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	moving.media = (struct ua_media){&moving, carry_moving, has_moved, end_moving};
	ua_media_set(bench.ua, &moving.media);
	phone_call_established(&bench);
	ua_tick(bench.ua, bench.now_ms);
	assert_int_equal(bench.sent_count, 0);
	moving.is_astray = true;
	ua_attached_set(bench.ua, false);
	ua_tick(bench.ua, bench.now_ms);
	assert_int_equal(bench.sent_count, 0);
	ua_attached_set(bench.ua, true);
	ua_tick(bench.ua, bench.now_ms);
	assert_has_line(bench_last(&bench), "CSeq: 8 INVITE");
	assert_non_null(strstr(bench_last(&bench), "\r\n\r\nat 2"));
	gateway_answers(&bench, "180 Ringing", WHOLE_SERIES, "bee", NO_BODY);
	moving.inward = 0;
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "bee", THEIR_CONTACT SOME_SDP);
	assert_has_line(bench_last(&bench), "CSeq: 8 ACK");
	assert_int_equal(moving.inward, 1);
	assert_int_equal(bench.rung_count, 0);
	/* The client knows nothing of it: its numbers are moved on. */
	phone_asks(&bench, "INFO", "info", 8, true, NO_BODY);
	assert_has_line(bench_last(&bench), "CSeq: 9 INFO");
	ua_media_set(bench.ua, NULL);
	bench_end(&bench);
}

static void a_refused_change_leaves_the_call_as_it_is(void **state)
{
	struct moving moving = {.place = 1, .is_astray = true};
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	moving.media = (struct ua_media){&moving, carry_moving, has_moved, end_moving};
	ua_media_set(bench.ua, &moving.media);
	phone_call_established(&bench);
	ua_tick(bench.ua, bench.now_ms);
	gateway_answers(&bench, "488 Not Acceptable Here", WHOLE_SERIES, "bee", NO_BODY);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	phone_asks(&bench, "INVITE", "own", 8, true, PHONE_CONTACT SOME_SDP);
	assert_has_line(bench_last(&bench), "CSeq: 9 INVITE");
	ua_media_set(bench.ua, NULL);
	bench_end(&bench);
}

static void an_own_invite_that_crossed_theirs_is_said_again_a_bounded_number_of_times(void **state)
{
	struct moving moving = {.place = 1, .is_astray = true};
	struct bench bench;
	char number[32];

	(void)state;
	phone_bench_make(&bench, false);
	moving.media = (struct ua_media){&moving, carry_moving, has_moved, end_moving};
	ua_media_set(bench.ua, &moving.media);
	phone_call_established(&bench);
	for (unsigned cseq = 8; cseq < 12; cseq++) {
		ua_tick(bench.ua, bench.now_ms);
		snprintf(number, sizeof(number), "CSeq: %u INVITE", cseq);
		assert_has_line(bench_last(&bench), number);
		gateway_answers(&bench, "491 Request Pending", WHOLE_SERIES, "bee", NO_BODY);
		bench_forget(&bench);
		ua_tick(bench.ua, bench.now_ms + 2999);
		assert_int_equal(bench.sent_count, 0);
		bench.now_ms += 3000;
	}
	ua_tick(bench.ua, bench.now_ms);
	assert_int_equal(bench.sent_count, 0);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	/* When the way is another one again, it is said again. */
	moving.is_astray = true;
	ua_media_moved(bench.ua, 1);
	ua_media_moved(bench.ua, 0);
	ua_media_moved(bench.ua, UA_CALLS + 1);
	ua_tick(bench.ua, bench.now_ms);
	assert_has_line(bench_last(&bench), "CSeq: 12 INVITE");
	ua_media_set(bench.ua, NULL);
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_own_invite_that_crossed_theirs_is_said_again_a_bounded_number_of_times),
		cmocka_unit_test(a_client_calls_as_the_terminal_would),
		cmocka_unit_test(the_200_goes_on_to_the_client_until_its_ack),
		cmocka_unit_test(a_refusal_reaches_the_client_as_it_is),
		cmocka_unit_test(a_client_is_called_at_its_contact),
		cmocka_unit_test(a_client_that_is_gone_makes_480_and_is_forgotten),
		cmocka_unit_test(a_client_that_the_kernel_knows_to_be_gone_makes_480_at_once),
		cmocka_unit_test(
			a_message_to_a_client_that_is_gone_is_480_and_the_next_is_the_consoles),
		cmocka_unit_test(later_invites_cross_both_ways),
		cmocka_unit_test(a_later_answer_by_a_weak_path_ends_the_call),
		cmocka_unit_test(a_later_invite_of_the_other_side_without_contact_is_400),
		cmocka_unit_test(
			when_addresses_change_the_other_side_is_told_and_the_client_is_not),
		cmocka_unit_test(a_refused_change_leaves_the_call_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
