/* bench/loadgen/message.c and check.c: what is written, and what a proxy may make of it. */
#include "tests/unit/bench/loadgen_kit.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/loadgen/check.h"
#include "bench/loadgen/lines.h"
#include "shared/sip/message.h"

struct scene {
	struct terminals *terminals;
	struct message_style style;
	struct check check;
	char sent[MESSAGE_BYTES_MAX + 1];
	char passed[2 * MESSAGE_BYTES_MAX];
};

static const struct message_parties parties = {7, 2, 5};

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->terminals = kit_terminals(4, CONTRACT_SUITE_AES_128_GCM_16);
	s->style = (struct message_style){
		.terminals = s->terminals, .job = 3, .bytes = 700, .is_marked = true};
	s->check = (struct check){&s->style, CHECK_SEKISHO};
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	terminals_destroy(s->terminals);
	free(s);
	return 0;
}

static struct slice request_write(struct scene *s, enum message_kind kind, const char *route)
{
	struct writer w = writer_make(s->sent, MESSAGE_BYTES_MAX);

	assert_int_equal(message_request_write(&s->style, kind, &parties,
					       slice_make(route, strlen(route)), &w),
			 RESULT_OK);
	s->sent[w.len] = '\0';
	return slice_make(s->sent, w.len);
}

/* Put text for the first occurrence of old in what has passed. */
static void passed_change(struct scene *s, const char *old, const char *text)
{
	char *at = strstr(s->passed, old);

	assert_non_null(at);
	memmove(at + strlen(text), at + strlen(old), strlen(at + strlen(old)) + 1);
	memcpy(at, text, strlen(text));
}

static const char via[] = "Via: SIP/2.0/UDP 10.255.0.1:5060;branch=z9hG4bKx;sk=y\r\n";
static const char mark[] = "Route-Security: 10.255.0.1;level=3\r\n";
static const char record[] = "Record-Route: <sip:token@10.255.0.1:5060;lr>\r\n";

/* What the gateway makes of a MESSAGE or INVITE as sent. */
static void pass(struct scene *s, enum message_kind kind)
{
	char start[64], line[256];

	request_write(s, kind, "");
	strcpy(s->passed, s->sent);
	snprintf(line, sizeof(line), "%s%sVia: SIP/2.0/UDP 10.0.0.2", via,
		 kind == MESSAGE_INVITE ? record : "");
	passed_change(s, "Via: SIP/2.0/UDP 10.0.0.2", line);
	passed_change(s, ";rport\r\n", ";rport=5060;received=10.0.0.2\r\n");
	passed_change(s, "Max-Forwards: 70", "Max-Forwards: 69");
	snprintf(line, sizeof(line), "%sRoute-Security: 10.0.0.2", mark);
	passed_change(s, "Route-Security: 10.0.0.2", line);
	snprintf(start, sizeof(start), "%s sip:t5@10.0.0.5:5060 SIP",
		 kind == MESSAGE_INVITE ? "INVITE" : "MESSAGE");
	passed_change(s, kind == MESSAGE_INVITE ? "INVITE sip:t5@bench.example SIP"
						: "MESSAGE sip:t5@bench.example SIP",
		      start);
}

static const char *judge(struct scene *s, enum message_kind kind)
{
	return check_request(&s->check, kind, &parties, slice_make(s->sent, strlen(s->sent)),
			     slice_make(s->passed, strlen(s->passed)));
}

static void requests_are_sip_as_our_parser_reads_it(void **state)
{
	struct scene *s = *state;

	for (int kind = 0; kind < MESSAGE_KINDS; kind++) {
		struct slice text = request_write(
			s, (enum message_kind)kind,
			kind == MESSAGE_BYE ? "Route: <sip:x@10.255.0.1:5060;lr>\r\n" : "");
		struct sip_message message;

		assert_int_equal(sip_message_parse(text.at, text.len, &message), SIP_VERDICT_OK);
		assert_int_equal(message.call_id.len, MESSAGE_ID_CHARS);
		assert_memory_equal(message.call_id.at, "0000000300000007", MESSAGE_ID_CHARS);
		if (kind == MESSAGE_MESSAGE || kind == MESSAGE_INVITE)
			assert_int_equal(text.len, 700);
	}
}

static void ids_are_read_back(void **state)
{
	uint32_t job, index;

	(void)state;
	assert_true(message_id_read(SLICE("00000003000000ff"), &job, &index));
	assert_int_equal(job, 3);
	assert_int_equal(index, 255);
	assert_false(message_id_read(SLICE("00000003000000fg"), &job, &index));
	assert_false(message_id_read(SLICE("00000003000000FF"), &job, &index));
	assert_false(message_id_read(SLICE("00000003000000f"), &job, &index));
	assert_false(message_id_read(SLICE(""), &job, &index));
}

static void what_the_gateway_has_to_change_is_right(void **state)
{
	struct scene *s = *state;

	pass(s, MESSAGE_MESSAGE);
	assert_null(judge(s, MESSAGE_MESSAGE));
	pass(s, MESSAGE_INVITE);
	assert_null(judge(s, MESSAGE_INVITE));
}

static void whatever_else_is_changed_is_noticed(void **state)
{
	static const char *const changes[][2] = {
		{"MESSAGE sip:t5@10.0.0.5:5060", "MESSAGE sip:t6@10.0.0.6:5060"},
		{via, ""},
		{";sk=y", ""},
		{"10.255.0.1:5060;branch", "10.255.0.9:5060;branch"},
		{"Via: SIP/2.0/UDP 10.255.0.1:5060;branch=z9hG4bKx;sk=y\r\n",
		 "Via: SIP/2.0/UDP 10.255.0.1:5060;branch=z9hG4bKx;sk=y\r\n"
		 "Via: SIP/2.0/UDP 10.255.0.1:5060;branch=z9hG4bKx;sk=y\r\n"},
		{";rport=5060", ""},
		{"Via: SIP/2.0/UDP 10.0.0.2", "Via: SIP/2.0/UDP 10.0.0.3"},
		{"0000000300000007a;", "0000000300000008a;"},
		{"Max-Forwards: 69", "Max-Forwards: 68"},
		{mark, ""},
		{"10.255.0.1;level=3", "10.255.0.1;level=2"},
		{"10.255.0.1;level=3", "10.255.0.1"},
		{"Route-Security: 10.0.0.2;level=3\r\n", ""},
		{"From: <sip:t2@", "From: <sip:t3@"},
		{"To: <sip:t5@", "To: <sip:t4@"},
		{"CSeq: 1", "CSeq: 2"},
		{"Supported: timer", "Supported: Timer"},
		{"\r\n\r\nbbb", "\r\n\r\nbbc"},
		{"\r\n\r\nbbb", "\r\n\r\nbb"},
		{"\r\n\r\nbbb", "\r\n\r\nbbbb"},
		{"User-Agent", "P-Asserted-Identity: <sip:x@y>\r\nUser-Agent"},
		{"Max-Forwards", "Record-Route: <sip:x@10.255.0.1;lr>\r\nMax-Forwards"},
	};
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		pass(s, MESSAGE_MESSAGE);
		passed_change(s, changes[i][0], changes[i][1]);
		if (!judge(s, MESSAGE_MESSAGE))
			fail_msg("not noticed: \"%s\" for \"%s\"", changes[i][1], changes[i][0]);
	}
	/* every byte that is cut off too */
	pass(s, MESSAGE_MESSAGE);
	for (size_t length = strlen(s->passed); length-- > 0;) {
		s->passed[length] = '\0';
		assert_non_null(judge(s, MESSAGE_MESSAGE));
	}
}

static void the_series_is_newest_on_top(void **state)
{
	struct scene *s = *state;

	pass(s, MESSAGE_MESSAGE);
	passed_change(s, mark, "");
	passed_change(s, "Route-Security: 10.0.0.2;level=3\r\n",
		      "Route-Security: 10.0.0.2;level=3\r\nRoute-Security: 10.255.0.1;level=3\r\n");
	assert_non_null(judge(s, MESSAGE_MESSAGE));
}

static void a_link_in_the_clear_is_worth_nothing_and_marked_so(void **state)
{
	struct scene *s = *state;

	s->terminals->statics.is_secure = false;
	request_write(s, MESSAGE_MESSAGE, "");
	assert_non_null(strstr(s->sent, "Route-Security: 10.0.0.2;level=0\r\n"));
	pass(s, MESSAGE_MESSAGE);
	assert_non_null(judge(s, MESSAGE_MESSAGE)); /* the gateway's entry says 3 */
	passed_change(s, "10.255.0.1;level=3", "10.255.0.1;level=0");
	assert_null(judge(s, MESSAGE_MESSAGE));
}

static void a_plain_proxy_marks_nothing(void **state)
{
	struct scene *s = *state;

	pass(s, MESSAGE_MESSAGE);
	s->check.proxy = CHECK_FORWARD;
	assert_non_null(judge(s, MESSAGE_MESSAGE));
	passed_change(s, mark, "");
	passed_change(s, ";sk=y", "");
	assert_null(judge(s, MESSAGE_MESSAGE));
	/* some put what they add to a Via before the branch */
	passed_change(s, ";branch=z9hG4bK0000000300000007a;rport=5060;received=10.0.0.2",
		      ";received=10.0.0.2;branch=z9hG4bK0000000300000007a;rport=5060");
	assert_null(judge(s, MESSAGE_MESSAGE));
	/* one that looks nobody up leaves the Request-URI alone */
	s->check.proxy = CHECK_DIRECT;
	assert_non_null(judge(s, MESSAGE_MESSAGE));
	passed_change(s, "sip:t5@10.0.0.5:5060 SIP", "sip:t5@bench.example SIP");
	assert_null(judge(s, MESSAGE_MESSAGE));
}

/* The callee's 200 as the gateway passes it on: without the gateway's Via. */
static struct slice answered(struct scene *s, uint32_t *print)
{
	char text[MESSAGE_BYTES_MAX];
	struct writer w = writer_make(text, sizeof(text));
	struct slice passed = slice_make(s->passed, strlen(s->passed));
	size_t rest = 0;

	assert_int_equal(message_ok_write(&s->style, &parties, passed, &w, &rest), RESULT_OK);
	*print = check_print(slice_make(text + rest, w.len - rest));
	memcpy(s->passed, "SIP/2.0 200 OK\r\n", 16);
	memcpy(s->passed + 16, text + rest, w.len - rest);
	s->passed[16 + w.len - rest] = '\0';
	return slice_make(s->passed, 16 + w.len - rest);
}

static void an_answer_is_what_its_request_asks_for(void **state)
{
	struct scene *s = *state;
	struct sip_message message;
	struct slice text;
	uint32_t print;
	char route[256];
	struct writer w = writer_make(route, sizeof(route));

	pass(s, MESSAGE_INVITE);
	text = answered(s, &print);
	assert_null(check_ok(print, text));
	assert_int_equal(sip_message_parse(text.at, text.len, &message), SIP_VERDICT_OK);
	assert_int_equal(message.status, 200);
	assert_true(line_begins(line_value(text, SLICE("To: ")),
				SLICE("<sip:t5@bench.example>;tag=callee")));
	assert_int_equal(message_route_write(text, &w), RESULT_OK);
	assert_int_equal(w.len, strlen(record) - 7);
	assert_memory_equal(route, record + 7, w.len);
	s->passed[40] ^= 1;
	assert_non_null(check_ok(print, text));
	s->passed[40] ^= 1;
	assert_non_null(check_ok(print, slice_make(text.at, text.len - 1)));
	s->passed[8] = '4';
	assert_non_null(check_ok(print, text));
}

static void a_request_without_via_is_not_answered(void **state)
{
	struct scene *s = *state;
	char text[512];
	struct writer w = writer_make(text, sizeof(text));
	size_t rest;

	assert_int_equal(message_ok_write(&s->style, &parties, SLICE("BYE sip:x SIP/2.0\r\n\r\n"),
					  &w, &rest),
			 RESULT_BAD);
	assert_int_equal(message_route_write(SLICE("SIP/2.0 200 OK\r\n\r\n"), &w), RESULT_BAD);
}

static void a_refusal_echoes_what_it_refuses(void **state)
{
	struct scene *s = *state;
	struct slice sent = request_write(s, MESSAGE_SPOOFED, "");

	snprintf(s->passed, sizeof(s->passed),
		 "SIP/2.0 403 Forbidden\r\nVia: SIP/2.0/UDP 10.0.0.2:5060;"
		 "branch=z9hG4bK0000000300000007f;rport=5060;received=10.0.0.2\r\n"
		 "From: <sip:t3@bench.example>;tag=0000000300000007\r\n"
		 "To: <sip:t5@bench.example>;tag=ours\r\nCall-ID: 0000000300000007\r\n"
		 "CSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n");
	assert_null(check_refusal(sent, slice_make(s->passed, strlen(s->passed))));
	passed_change(s, "t3@", "t2@");
	assert_non_null(check_refusal(sent, slice_make(s->passed, strlen(s->passed))));
	passed_change(s, "t2@", "t3@");
	passed_change(s, "7f;rport", "7g;rport");
	assert_non_null(check_refusal(sent, slice_make(s->passed, strlen(s->passed))));
	passed_change(s, "7g;rport", "7f;rport");
	passed_change(s, "403", "404");
	assert_non_null(check_refusal(sent, slice_make(s->passed, strlen(s->passed))));
}

#define SCENE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(requests_are_sip_as_our_parser_reads_it),
		SCENE(ids_are_read_back),
		SCENE(what_the_gateway_has_to_change_is_right),
		SCENE(whatever_else_is_changed_is_noticed),
		SCENE(the_series_is_newest_on_top),
		SCENE(a_link_in_the_clear_is_worth_nothing_and_marked_so),
		SCENE(a_plain_proxy_marks_nothing),
		SCENE(an_answer_is_what_its_request_asks_for),
		SCENE(a_request_without_via_is_not_answered),
		SCENE(a_refusal_echoes_what_it_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
