/* One INVITE, several terminals that ring: bee, boo and more of user-b's, or two of a client's
 * proxy. */
#include "tests/unit/terminal/phone_bench.h"

#include "terminal/ua/forks.h"

#define CONTACT_OF(n) "Contact: <sip:user-b@[2001:cdef::" n "]:5060>\n"
#define PHONE_CONTACT "Contact: <sip:me@127.0.0.1:5070>\n"

/* The INVITE that forks, whatever else has been sent since. */
struct invite {
	char branch[64], from[128], call_id[64], cseq[32];
};

static void keep_invite(const struct bench *bench, struct invite *invite)
{
	const char *text = bench_last(bench);

	between(text, "branch=", ";", invite->branch, sizeof(invite->branch));
	between(text, "\r\nFrom: ", "\r", invite->from, sizeof(invite->from));
	between(text, "\r\nCall-ID: ", "\r", invite->call_id, sizeof(invite->call_id));
	between(text, "\r\nCSeq: ", "\r", invite->cseq, sizeof(invite->cseq));
}

static void fork_answers(struct bench *bench, const struct invite *invite, const char *status,
			 const char *tag, const char *lines)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "SIP/2.0 %s\nVia: SIP/2.0/UDP [2001:1234::10]:5060;branch=%s;rport=5060\n" TOKENS
			 WHOLE_SERIES "From: %s\nTo: <sip:user-b@xyz.com>;tag=%s\nCall-ID: %s\n"
		 "CSeq: %s\n%sContent-Length: 0\n\n",
		 status, invite->branch, invite->from, tag, invite->call_id, invite->cseq, lines);
	bench_hear(bench, text);
}

/* A request of the client's in the dialog with who has this tag. */
static void phone_asks_fork(struct bench *bench, const char *method, const char *branch,
			    unsigned cseq, const char *tag)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "%s sip:user-b@xyz.com SIP/2.0\n"
		 "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK%s\n"
		 "Route: <sip:127.0.0.1:5060;lr>\nMax-Forwards: 70\n"
		 "From: <sip:user-a@abc.com>;tag=pa\nTo: <sip:user-b@xyz.com>;tag=%s\n"
		 "Call-ID: phone-call\nCSeq: %u %s\n" NO_BODY,
		 method, branch, tag, cseq, method);
	phone_says(bench, text);
}

static void two_ring(struct bench *bench, struct invite *invite)
{
	phone_bench_make(bench, false);
	phone_calls(bench, SOME_SDP);
	keep_invite(bench, invite);
	fork_answers(bench, invite, "180 Ringing", "bee", CONTACT_OF("10"));
	assert_has_line(phone_last(bench), "To: <sip:user-b@xyz.com>;tag=bee");
	fork_answers(bench, invite, "180 Ringing", "boo", CONTACT_OF("11"));
	assert_has_line(phone_last(bench), "To: <sip:user-b@xyz.com>;tag=boo");
}

/* bee, the first to ring, has answered, and the client has acknowledged. */
static void bee_answers(struct bench *bench, struct invite *invite)
{
	two_ring(bench, invite);
	fork_answers(bench, invite, "200 OK", "bee", CONTACT_OF("10"));
	assert_has_line(phone_last(bench), "SIP/2.0 200 OK");
	phone_asks_fork(bench, "ACK", "ack", 7, "bee");
	assert_has_line(bench_last(bench), "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_int_equal(bench_call_state(bench->ua, 1), UA_CALL_ESTABLISHED);
	bench_forget(bench);
}

static void each_that_rings_has_an_early_dialog_of_its_own(void **state)
{
	struct bench bench;
	struct invite invite;

	(void)state;
	two_ring(&bench, &invite);
	phone_asks_fork(&bench, "PRACK", "p1", 8, "bee");
	assert_has_line(bench_last(&bench), "PRACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_has_line(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=bee");
	assert_has_line(bench_last(&bench), "CSeq: 8 PRACK");
	phone_asks_fork(&bench, "PRACK", "p2", 8, "boo");
	assert_has_line(bench_last(&bench), "PRACK sip:user-b@[2001:cdef::11]:5060 SIP/2.0");
	assert_has_line(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=boo");
	phone_asks_fork(&bench, "INFO", "i1", 9, "bee");
	assert_has_line(bench_last(&bench), "INFO sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	/* Numbers count in each dialog by themselves. */
	phone_asks_fork(&bench, "INFO", "i2", 8, "bee");
	assert_has_line(phone_last(&bench), "SIP/2.0 500 Server Internal Error");
	phone_asks_fork(&bench, "INFO", "i3", 9, "boo");
	assert_has_line(bench_last(&bench), "INFO sip:user-b@[2001:cdef::11]:5060 SIP/2.0");
	phone_asks_fork(&bench, "INFO", "i4", 10, "bah");
	assert_has_line(phone_last(&bench), "SIP/2.0 481 Call/Transaction Does Not Exist");
	bench_end(&bench);
}

static void a_request_of_each_reaches_the_client_in_its_dialog(void **state)
{
	struct bench bench;
	struct invite invite;

	(void)state;
	two_ring(&bench, &invite);
	gateway_asks(&bench, "INFO", "g1", 1, "pa", NO_BODY); /* of bee, who rang first */
	assert_has_line(phone_last(&bench), "INFO sip:me@127.0.0.1:5070 SIP/2.0");
	assert_non_null(strstr(phone_last(&bench), "\r\nFrom: <sip:user-b@xyz.com>;tag=bee"));
	assert_has_line(phone_last(&bench), "To: <sip:user-a@abc.com>;tag=pa");
	bench_end(&bench);
}

static void who_answers_first_has_the_call(void **state)
{
	struct bench bench;
	struct invite invite;

	(void)state;
	bee_answers(&bench, &invite);
	phone_asks_fork(&bench, "INFO", "i1", 8, "boo");
	assert_has_line(phone_last(&bench), "SIP/2.0 481 Call/Transaction Does Not Exist");
	phone_asks_fork(&bench, "BYE", "bye", 8, "bee");
	assert_has_line(bench_last(&bench), "BYE sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_has_line(bench_last(&bench), "To: <sip:user-b@xyz.com>;tag=bee");
	assert_has_line(bench_last(&bench), "CSeq: 8 BYE");
	bench_end(&bench);
}

static void who_answers_second_is_acknowledged_and_hung_up(void **state)
{
	static const char *const routes[] = {"<sip:tokenA@[2001:6789::5060]:5060;lr>",
					     "<sip:tokenB@[2001:abcd::5060]:5060;lr>"};
	struct bench bench;
	struct invite invite;

	(void)state;
	bee_answers(&bench, &invite);
	fork_answers(&bench, &invite, "200 OK", "boo", CONTACT_OF("11"));
	assert_int_equal(bench.sent_count, 2);
	assert_has_line(bench.sent[0], "ACK sip:user-b@[2001:cdef::11]:5060 SIP/2.0");
	assert_has_line(bench.sent[0], "CSeq: 7 ACK");
	assert_has_line(bench.sent[1], "BYE sip:user-b@[2001:cdef::11]:5060 SIP/2.0");
	assert_has_line(bench.sent[1], "CSeq: 8 BYE");
	for (unsigned i = 0; i < 2; i++) {
		assert_lines(bench.sent[i], "Route", routes, 2);
		assert_has_line(bench.sent[i], "To: <sip:user-b@xyz.com>;tag=boo");
		assert_has_line(bench.sent[i], "Route-Security: [2001:1234::10];level=3");
	}
	assert_told(&bench, 0, UA_EVENT_WARNING, 0);
	assert_int_equal(bench.rung_count, 0); /* the client hears nothing of it */

	/* It did not hear the ACK: that again, but not another BYE. */
	fork_answers(&bench, &invite, "200 OK", "boo", CONTACT_OF("11"));
	assert_int_equal(bench.sent_count, 3);
	assert_has_line(bench_last(&bench), "CSeq: 7 ACK");
	assert_int_equal(bench.told_count, 1);

	/* The call itself is as it was. */
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	fork_answers(&bench, &invite, "200 OK", "bee", CONTACT_OF("10"));
	assert_has_line(bench_last(&bench), "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	bench_end(&bench);
}

static void a_late_answer_to_a_call_that_is_over_is_hung_up_too(void **state)
{
	struct bench bench;
	struct invite invite;

	(void)state;
	bee_answers(&bench, &invite);
	phone_asks_fork(&bench, "BYE", "bye", 8, "bee");
	gateway_answers(&bench, "200 OK", WHOLE_SERIES, "bee", NO_BODY);
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_NONE);
	bench_pass(&bench, TIMER_LIFE_MS - 1000);
	bench_forget(&bench);
	fork_answers(&bench, &invite, "200 OK", "boo", CONTACT_OF("11"));
	assert_int_equal(bench.sent_count, 2);
	assert_has_line(bench.sent[0], "ACK sip:user-b@[2001:cdef::11]:5060 SIP/2.0");
	assert_has_line(bench.sent[1], "BYE sip:user-b@[2001:cdef::11]:5060 SIP/2.0");
	bench_end(&bench);
}

static void the_console_s_call_forks_alike(void **state)
{
	const struct ua_forgery none = {0};
	struct bench bench;
	struct invite invite;

	(void)state;
	bench_make(&bench, false, false);
	assert_int_equal(ua_call(bench.ua, bench.now_ms, SLICE("user-b@xyz.com"), &none),
			 RESULT_OK);
	keep_invite(&bench, &invite);
	fork_answers(&bench, &invite, "180 Ringing", "bee", CONTACT_OF("10"));
	fork_answers(&bench, &invite, "180 Ringing", "boo", CONTACT_OF("11"));
	fork_answers(&bench, &invite, "200 OK", "bee", CONTACT_OF("10"));
	assert_has_line(bench_last(&bench), "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	fork_answers(&bench, &invite, "200 OK", "boo", CONTACT_OF("11"));
	assert_has_line(bench_last(&bench), "BYE sip:user-b@[2001:cdef::11]:5060 SIP/2.0");
	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 1), RESULT_OK);
	assert_has_line(bench_last(&bench), "BYE sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	bench_end(&bench);
}

static void an_answer_that_crosses_the_cancel_ends_every_dialog(void **state)
{
	struct bench bench;
	struct invite invite;

	(void)state;
	two_ring(&bench, &invite);
	assert_int_equal(ua_hangup(bench.ua, bench.now_ms, 1), RESULT_OK);
	assert_has_line(bench_last(&bench), "CSeq: 7 CANCEL");
	bench_forget(&bench);
	fork_answers(&bench, &invite, "200 OK", "bee", CONTACT_OF("10"));
	fork_answers(&bench, &invite, "200 OK", "boo", CONTACT_OF("11"));
	assert_int_equal(bench.sent_count, 4);
	assert_has_line(bench.sent[1], "BYE sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	assert_has_line(bench.sent[3], "BYE sip:user-b@[2001:cdef::11]:5060 SIP/2.0");
	bench_end(&bench);
}

static void beyond_so_many_the_oldest_early_dialog_is_forgotten(void **state)
{
	struct bench bench;
	struct invite invite;
	char tag[8];

	(void)state;
	two_ring(&bench, &invite);
	for (unsigned i = 0; i < UA_FORKS; i++) {
		snprintf(tag, sizeof(tag), "b%u", i);
		fork_answers(&bench, &invite, "180 Ringing", tag, CONTACT_OF("12"));
	}
	phone_asks_fork(&bench, "INFO", "i1", 8, "boo");
	assert_has_line(bench_last(&bench), "INFO sip:user-b@[2001:cdef::11]:5060 SIP/2.0");
	phone_asks_fork(&bench, "INFO", "i2", 8, "bee");
	assert_has_line(phone_last(&bench), "SIP/2.0 481 Call/Transaction Does Not Exist");
	/* Its answer counts all the same. */
	fork_answers(&bench, &invite, "200 OK", "bee", CONTACT_OF("10"));
	phone_asks_fork(&bench, "ACK", "ack", 7, "bee");
	assert_has_line(bench_last(&bench), "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0");
	bench_end(&bench);
}

struct studio {
	char last[64];
	unsigned turns;
};

static bool note_media(void *context, unsigned call, enum ua_way way, unsigned family,
		       struct slice sdp, struct writer *out)
{
	struct studio *studio = context;

	(void)call;
	(void)family;
	studio->turns++;
	if (way == UA_INWARD)
		snprintf(studio->last, sizeof(studio->last), "%.*s", (int)sdp.len, sdp.at);
	writer_slice(out, sdp);
	return true;
}

static bool is_never_astray(void *context, unsigned call)
{
	(void)context;
	(void)call;
	return false;
}

static void end_media(void *context, unsigned call)
{
	(void)context;
	(void)call;
}

static void media_follow_who_answers(void **state)
{
	struct studio studio = {0};
	const struct ua_media media = {&studio, note_media, is_never_astray, end_media};
	struct bench bench;
	struct invite invite;

	(void)state;
	phone_bench_make(&bench, false);
	ua_media_set(bench.ua, &media);
	phone_calls(&bench, SOME_SDP);
	keep_invite(&bench, &invite);
	gateway_answers(&bench, "183 Session Progress", WHOLE_SERIES, "bee",
			TOKENS CONTACT_OF("10") "Content-Type: application/sdp\n"
						"Content-Length: 0\n\nv=0\ns=bee\n");
	gateway_answers(&bench, "183 Session Progress", WHOLE_SERIES, "boo",
			TOKENS CONTACT_OF("11") "Content-Type: application/sdp\n"
						"Content-Length: 0\n\nv=0\ns=boo\n");
	assert_non_null(strstr(studio.last, "s=boo"));
	/* Its description came with the 183. */
	fork_answers(&bench, &invite, "200 OK", "bee", CONTACT_OF("10"));
	assert_non_null(strstr(studio.last, "s=bee"));
	ua_media_set(bench.ua, NULL);
	bench_end(&bench);
}

static void a_client_that_forks_has_each_of_its_dialogs(void **state)
{
	struct bench bench;

	(void)state;
	phone_bench_make(&bench, false);
	phone_registers(&bench);
	gateway_asks(&bench, "INVITE", "inv", 3, "", TOKENS CONTACT_OF("10") SOME_SDP);
	phone_answers(&bench, "180 Ringing", "pb", PHONE_CONTACT NO_BODY);
	phone_answers(&bench, "180 Ringing", "pc", "Contact: <sip:hall@127.0.0.1:5070>\n" NO_BODY);
	assert_has_line(bench_last(&bench), "To: <sip:user-a@abc.com>;tag=pc");
	phone_answers(&bench, "200 OK", "pb", PHONE_CONTACT SOME_SDP);
	assert_has_line(bench_last(&bench), "To: <sip:user-a@abc.com>;tag=pb");
	gateway_asks(&bench, "ACK", "ack", 3, "pb", NO_BODY);
	assert_has_line(phone_last(&bench), "ACK sip:me@127.0.0.1:5070 SIP/2.0");
	assert_int_equal(bench_call_state(bench.ua, 1), UA_CALL_ESTABLISHED);
	bench_end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_that_rings_has_an_early_dialog_of_its_own),
		cmocka_unit_test(a_request_of_each_reaches_the_client_in_its_dialog),
		cmocka_unit_test(who_answers_first_has_the_call),
		cmocka_unit_test(who_answers_second_is_acknowledged_and_hung_up),
		cmocka_unit_test(a_late_answer_to_a_call_that_is_over_is_hung_up_too),
		cmocka_unit_test(the_console_s_call_forks_alike),
		cmocka_unit_test(an_answer_that_crosses_the_cancel_ends_every_dialog),
		cmocka_unit_test(beyond_so_many_the_oldest_early_dialog_is_forgotten),
		cmocka_unit_test(media_follow_who_answers),
		cmocka_unit_test(a_client_that_forks_has_each_of_its_dialogs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
