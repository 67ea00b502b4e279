/* What terminal/ua/session.h asks of who keeps the channel, and what becomes of the answers. */
#include "tests/unit/terminal/ua_bench.h"

#include "terminal/ua/session.h"

#define LINE "a=x-test:1\r\n"

/* A session that says yes or no, and keeps what it was given. */
struct asked {
	bool is_refusing;
	char sdp[512], callee_tag[64];
	unsigned ended;
	struct ua_session session;
	struct bench bench;
};

static void write_line(void *context, unsigned call, struct writer *lines)
{
	(void)context;
	assert_int_equal(call, 0);
	WRITER_LITERAL(lines, LINE);
}

static bool judge(struct asked *asked, struct slice sdp, struct writer *refusal)
{
	snprintf(asked->sdp, sizeof(asked->sdp), "%.*s", (int)sdp.len, sdp.at ? sdp.at : "");
	if (asked->is_refusing)
		WRITER_LITERAL(refusal, "not \"so\"");
	return !asked->is_refusing;
}

static bool on_offered(void *context, unsigned call, struct slice sdp, struct writer *refusal)
{
	assert_int_equal(call, 0);
	return judge(context, sdp, refusal);
}

static void on_answer(void *context, unsigned call, const struct ua_parties *parties,
		      struct writer *lines)
{
	assert_false(parties->is_caller);
	assert_true(parties->callee_tag.len > 0);
	write_line(context, call, lines);
}

static bool on_answered(void *context, unsigned call, const struct ua_parties *parties,
			struct slice sdp, struct writer *reveal, struct writer *refusal)
{
	struct asked *asked = context;

	assert_int_equal(call, 0);
	assert_true(parties->is_caller);
	snprintf(asked->callee_tag, sizeof(asked->callee_tag), "%.*s", (int)parties->callee_tag.len,
		 parties->callee_tag.at);
	WRITER_LITERAL(reveal, "reveal=x\r\n");
	return judge(asked, sdp, refusal);
}

static bool on_revealed(void *context, unsigned call, struct slice body, struct writer *refusal)
{
	assert_int_equal(call, 0);
	return judge(context, body, refusal);
}

static void on_ended(void *context, unsigned call)
{
	struct asked *asked = context;

	assert_true(call < UA_CALLS);
	asked->ended++;
}

static void begin(struct asked *asked, bool is_user_b)
{
	memset(asked, 0, sizeof(*asked));
	bench_make(&asked->bench, is_user_b, is_user_b);
	asked->session = (struct ua_session){asked,	  write_line,  on_offered, on_answer,
					     on_answered, on_revealed, on_ended};
	ua_session_set(asked->bench.ua, &asked->session);
}

static void invite(struct asked *asked)
{
	bench_hear(&asked->bench, "INVITE sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n"
				  "Via: SIP/2.0/UDP [2001:abcd::5060]:5060;branch=z9hG4bKb\n"
				  "Route-Security: [2001:abcd::5060];level=3\n"
				  "Route-Security: [2001:1234::10];level=3\n"
				  "Max-Forwards: 68\n"
				  "From: <sip:user-a@abc.com>;tag=a\n"
				  "To: <sip:user-b@xyz.com>\n"
				  "Call-ID: c\n"
				  "CSeq: 1 INVITE\n"
				  "Contact: <sip:user-a@[2001:1234::10]:5060>\n"
				  "Content-Type: application/sdp\n"
				  "Content-Length: 5\n\nv=0\n");
}

static void an_offer_is_shown_and_the_answer_has_its_line(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked, true);
	invite(&asked);
	assert_string_equal(asked.sdp, "v=0\r\n");
	assert_has_line(bench_last(&asked.bench), "SIP/2.0 200 OK");
	assert_non_null(strstr(bench_last(&asked.bench), "t=0 0\r\n" LINE "m=audio"));
	bench_end(&asked.bench);
	assert_true(asked.ended > 0);
}

static void a_refused_offer_is_answered_with_488_and_why(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked, true);
	asked.is_refusing = true;
	invite(&asked);
	assert_has_line(bench_last(&asked.bench), "SIP/2.0 488 Not Acceptable Here");
	assert_has_line(bench_last(&asked.bench),
			"Warning: 399 [2001:cdef::10]:5060 \"not \\\"so\\\"\"");
	assert_int_equal(bench_call_state(asked.bench.ua, 1), UA_CALL_NONE);
	bench_end(&asked.bench);
}

/* Calls and hears 200; the response's lines are the request's. */
static void call(struct asked *asked)
{
	const struct ua_forgery nothing = {0};
	char response[2048], branch[64], tag[64], call_id[64];

	assert_int_equal(
		ua_call(asked->bench.ua, asked->bench.now_ms, SLICE("user-b@xyz.com"), &nothing),
		RESULT_OK);
	assert_non_null(strstr(bench_last(&asked->bench), "t=0 0\r\n" LINE "m=audio"));
	between(bench_last(&asked->bench), "branch=", ";\r", branch, sizeof(branch));
	between(bench_last(&asked->bench), "tag=", ";\r", tag, sizeof(tag));
	between(bench_last(&asked->bench), "Call-ID: ", "\r", call_id, sizeof(call_id));
	snprintf(response, sizeof(response),
		 "SIP/2.0 200 OK\n"
		 "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=%s;rport=5060\n"
		 "Route-Security: [2001:abcd::5060];level=3\n"
		 "Route-Security: [2001:6789::5060];level=3\n"
		 "Route-Security: [2001:1234::10];level=3\n"
		 "From: <sip:user-a@abc.com>;tag=%s\n"
		 "To: <sip:user-b@xyz.com>;tag=bee\n"
		 "Call-ID: %s\n"
		 "CSeq: 1 INVITE\n"
		 "Contact: <sip:user-b@[2001:cdef::10]:5060>\n"
		 "Content-Type: application/sdp;charset=utf-8\n"
		 "Content-Length: 5\n\nv=0\n",
		 branch, tag, call_id);
	bench_forget(&asked->bench);
	bench_hear(&asked->bench, response);
}

static void the_ack_says_what_the_session_reveals(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked, false);
	call(&asked);
	assert_string_equal(asked.callee_tag, "bee");
	assert_string_equal(asked.sdp, "v=0\r\n");
	assert_int_equal(asked.bench.sent_count, 1);
	assert_has_line(bench_last(&asked.bench), "Content-Type: application/sekisho-channel");
	assert_non_null(strstr(bench_last(&asked.bench), "\r\n\r\nreveal=x\r\n"));
	assert_int_equal(bench_call_state(asked.bench.ua, 1), UA_CALL_ESTABLISHED);
	bench_end(&asked.bench);
}

static void a_refused_answer_is_acknowledged_and_ended(void **state)
{
	struct asked asked;

	(void)state;
	begin(&asked, false);
	asked.is_refusing = true;
	call(&asked);
	assert_int_equal(asked.bench.sent_count, 2);
	assert_lacks(asked.bench.sent[0], "reveal=");
	assert_int_equal(strncmp(asked.bench.sent[0], "ACK ", 4), 0);
	assert_int_equal(strncmp(asked.bench.sent[1], "BYE ", 4), 0);
	assert_told(&asked.bench, 0, UA_EVENT_CALL_FAILED, 0);
	assert_string_equal(asked.bench.told[0].reason, "not \"so\"");
	bench_end(&asked.bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_offer_is_shown_and_the_answer_has_its_line),
		cmocka_unit_test(a_refused_offer_is_answered_with_488_and_why),
		cmocka_unit_test(the_ack_says_what_the_session_reveals),
		cmocka_unit_test(a_refused_answer_is_acknowledged_and_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
