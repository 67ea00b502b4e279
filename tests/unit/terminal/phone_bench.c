#include "tests/unit/terminal/phone_bench.h"

static const struct flow phone_flow = {
	.kind = FLOW_UDP,
	.peer = {.family = 4, .port = 5070, .bytes = {127, 0, 0, 1}},
};

void phone_bench_make(struct bench *bench, bool is_warning)
{
	const struct series_policy policy = {SERIES_TRUST_SERIES, 3};
	const struct sip_address ipv4 = {.family = 4, .port = 5060, .bytes = {127, 0, 0, 1}};
	const struct sip_address ipv6 = {.family = 6, .port = 5060, .bytes = {[15] = 1}};

	bench_make_with(bench, false, &policy, !is_warning, false);
	ua_local_set(bench->ua, &ipv4, &ipv6);
	ua_attached_set(bench->ua, true);
}

/* Line ends become CRLF, and Content-Length what it is then. */
static size_t wired(const char *text, char *out, size_t size)
{
	const char *head = strstr(text, "\n\n");
	const char *length = strstr(text, "Content-Length: ");
	size_t len = 0, body = 0;

	assert_non_null(head);
	assert_non_null(length);
	for (const char *at = head + 2; *at; at++)
		body += *at == '\n' ? 2 : 1;
	for (; *text; text++) {
		assert_true(len + 32 < size);
		if (text == length) {
			len += (size_t)snprintf(out + len, size - len, "Content-Length: %zu", body);
			text = strchr(text, '\n');
		}
		if (*text == '\n')
			out[len++] = '\r';
		out[len++] = *text;
	}
	return len;
}

void phone_says(struct bench *bench, const char *text)
{
	char message[8192];
	size_t len = wired(text, message, sizeof(message));

	ua_receive_local(bench->ua, bench->now_ms, &phone_flow, slice_make(message, len));
}

static void gateway_says(struct bench *bench, const char *text)
{
	char message[8192];
	size_t len = wired(text, message, sizeof(message));

	ua_receive(bench->ua, bench->now_ms, slice_make(message, len));
}

void phone_registers(struct bench *bench)
{
	phone_says(bench, "REGISTER sip:127.0.0.1 SIP/2.0\n"
			  "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKreg\n"
			  "From: <sip:user-a@abc.com>;tag=r\nTo: <sip:user-a@abc.com>\n"
			  "Call-ID: reg\nCSeq: 1 REGISTER\nUser-Agent: phone\n"
			  "Contact: <sip:me@127.0.0.1:5070>\nExpires: 600\n" NO_BODY);
	assert_has_line(phone_last(bench), "SIP/2.0 200 OK");
	bench_forget(bench);
}

void phone_calls(struct bench *bench, const char *lines_and_body)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "INVITE sip:user-b@xyz.com SIP/2.0\n"
		 "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKcall\n"
		 "Max-Forwards: 70\n"
		 "From: \"A\" <sip:user-a@abc.com>;tag=pa\nTo: <sip:user-b@xyz.com>\n"
		 "Call-ID: phone-call\nCSeq: 7 INVITE\n"
		 "Contact: <sip:me@127.0.0.1:5070>\n%s",
		 lines_and_body);
	phone_says(bench, text);
}

/* What a request says of itself, to be echoed. */
static void answer(const char *request, const char *status, const char *series, const char *to_tag,
		   const char *lines_and_body, char *text, size_t size)
{
	char via[256], from[256], to[256], call_id[128], cseq[64];
	bool has_tag;

	between(request, "\r\nVia: ", "\r", via, sizeof(via));
	between(request, "\r\nFrom: ", "\r", from, sizeof(from));
	between(request, "\r\nTo: ", "\r", to, sizeof(to));
	between(request, "\r\nCall-ID: ", "\r", call_id, sizeof(call_id));
	between(request, "\r\nCSeq: ", "\r", cseq, sizeof(cseq));
	has_tag = strstr(to, ";tag=") || *to_tag == 0;
	snprintf(text, size,
		 "SIP/2.0 %s\nVia: %s\n%sFrom: %s\nTo: %s%s%s\nCall-ID: %s\nCSeq: %s\n%s", status,
		 via, series, from, to, has_tag ? "" : ";tag=", has_tag ? "" : to_tag, call_id,
		 cseq, lines_and_body);
}

static const char *last_request(char *const *messages, unsigned count)
{
	while (count-- > 0)
		if (strncmp(messages[count], "SIP/2.0", 7) != 0 &&
		    strncmp(messages[count], "ACK", 3) != 0)
			return messages[count];
	fail_msg("no request was sent");
	return NULL;
}

void gateway_answers(struct bench *bench, const char *status, const char *series,
		     const char *to_tag, const char *lines_and_body)
{
	char text[4096];

	answer(last_request(bench->sent, bench->sent_count), status, series, to_tag, lines_and_body,
	       text, sizeof(text));
	gateway_says(bench, text);
}

void phone_answers(struct bench *bench, const char *status, const char *to_tag,
		   const char *lines_and_body)
{
	char text[4096];

	answer(last_request(bench->rung, bench->rung_count), status, "", to_tag, lines_and_body,
	       text, sizeof(text));
	phone_says(bench, text);
}

void gateway_asks(struct bench *bench, const char *method, const char *branch, unsigned cseq,
		  const char *tag, const char *lines_and_body)
{
	char text[4096];
	bool is_answering = strcmp(tag, "pa") == 0; /* within the client's own call */

	snprintf(text, sizeof(text),
		 "%s sip:user-a@[2001:1234::10]:5060 SIP/2.0\n"
		 "Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch=z9hG4bK%s\n" THEIR_SERIES
		 "Max-Forwards: 66\nFrom: <sip:user-b@xyz.com>;tag=%s\n"
		 "To: <sip:user-a@abc.com>%s%s\nCall-ID: %s\nCSeq: %u %s\n%s",
		 method, branch, is_answering ? "bee" : "gb", *tag ? ";tag=" : "", tag,
		 is_answering ? "phone-call" : "their-call", cseq, method, lines_and_body);
	gateway_says(bench, text);
}

void phone_asks(struct bench *bench, const char *method, const char *branch, unsigned cseq,
		bool is_caller, const char *lines_and_body)
{
	char text[4096];

	snprintf(
		text, sizeof(text),
		"%s sip:user-b@xyz.com SIP/2.0\n"
		"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK%s\nRoute: <sip:127.0.0.1:5060;lr>\n"
		"Max-Forwards: 70\nFrom: <sip:user-a@abc.com>;tag=%s\n"
		"To: <sip:user-b@xyz.com>;tag=%s\nCall-ID: %s\nCSeq: %u %s\n%s",
		method, branch, is_caller ? "pa" : "pb", is_caller ? "bee" : "gb",
		is_caller ? "phone-call" : "their-call", cseq, method, lines_and_body);
	phone_says(bench, text);
}

void phone_call_established(struct bench *bench)
{
	phone_calls(bench, SOME_SDP);
	gateway_answers(bench, "200 OK", WHOLE_SERIES, "bee",
			TOKENS "Contact: <sip:user-b@[2001:cdef::10]:5060>\n" SOME_SDP);
	phone_asks(bench, "ACK", "ack", 7, true, NO_BODY);
	assert_int_equal(bench_call_state(bench->ua, 1), UA_CALL_ESTABLISHED);
	bench_forget(bench);
}

void phone_called_established(struct bench *bench)
{
	phone_registers(bench);
	gateway_asks(bench, "INVITE", "inv", 3, "",
		     TOKENS "Contact: <sip:user-b@[2001:cdef::10]:5060>\n" SOME_SDP);
	phone_answers(bench, "200 OK", "pb", "Contact: <sip:me@127.0.0.1:5070>\n" SOME_SDP);
	gateway_asks(bench, "ACK", "ack", 3, "pb", NO_BODY);
	assert_int_equal(bench_call_state(bench->ua, 1), UA_CALL_ESTABLISHED);
	bench_forget(bench);
}

const char *phone_last(const struct bench *bench)
{
	assert_true(bench->rung_count > 0);
	return bench->rung[bench->rung_count - 1];
}
