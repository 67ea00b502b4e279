#include "tests/unit/shared/sip_check.h"

#include "shared/sip/message.h"

static struct sip_message message;

/* Parses a copy of exactly these bytes, which lives until the next call. */
static enum sip_verdict parse_bytes(const char *at, size_t len)
{
	static char *copy;

	free(copy);
	copy = malloc(len == 0 ? 1 : len);
	assert_non_null(copy);
	memcpy(copy, at, len);
	memset(&message, 0xa5, sizeof(message));
	return sip_message_parse(copy, len, &message);
}

static enum sip_verdict parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

/* A whole request but for the lines that a test puts in the middle. */
#define START "INVITE sip:user-b@xyz.com SIP/2.0\r\n"
#define VIA   "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport\r\n"
#define FROM  "From: <sip:user-a@abc.com>;tag=a1\r\n"
#define TO    "To: <sip:user-b@xyz.com>\r\n"
#define ID    "Call-ID: c1@abc.com\r\n"
#define CSEQ  "CSeq: 1 INVITE\r\n"
#define REST  FROM TO ID CSEQ
#define END   "\r\n"

static void the_example_invite_is_taken_apart(void **state)
{
	(void)state;
	assert_int_equal(parse("\r\n\r\n" START VIA "Route-Security: [2001:1234::10];level=3\r\n"
			       "Max-Forwards: 70\r\n" REST "Contact: <sip:user-a@h>\r\n"
			       "Content-Length: 3\r\n" END "abcSMUGGLED"),
			 SIP_VERDICT_OK);
	assert_int_equal(message.fault, SIP_FAULT_NONE);
	assert_true(message.is_request);
	assert_int_equal(message.method, SIP_METHOD_INVITE);
	assert_slice(message.method_name, "INVITE");
	assert_slice(message.uri.text, "sip:user-b@xyz.com");
	assert_slice(message.uri.host, "xyz.com");
	assert_slice(message.via.branch, "z9hG4bKt1");
	assert_slice(message.via.sent_by, "[2001:1234::10]:5060");
	assert_true(message.via.has_rport);
	assert_int_equal(message.via_count, 1);
	assert_slice(message.from.uri.user, "user-a");
	assert_slice(message.from.tag, "a1");
	assert_slice(message.to.uri.text, "sip:user-b@xyz.com");
	assert_int_equal(message.to.tag.len, 0);
	assert_slice(message.call_id, "c1@abc.com");
	assert_int_equal(message.cseq.number, 1);
	assert_int_equal(message.max_forwards, 70);
	assert_true(message.has_max_forwards);
	assert_slice(sip_message_body(&message), "abc");
	assert_memory_equal(message.base, "INVITE", 6);
}

static void a_response_takes_its_method_from_cseq(void **state)
{
	(void)state;
	assert_int_equal(parse("SIP/2.0 200 OK\r\n" VIA REST END), SIP_VERDICT_OK);
	assert_false(message.is_request);
	assert_int_equal(message.status, 200);
	assert_int_equal(message.method, SIP_METHOD_INVITE);
	assert_false(message.has_max_forwards);
	assert_false(message.has_content_length);
}

static void compact_forms_space_and_folds_hide_nothing(void **state)
{
	(void)state;
	assert_int_equal(parse(START "v\t : SIP/2.0/UDP\r\n h;branch=z1 \r\n"
				     "route-SECURITY \t:\r\n\t[::1]\r\n"
				     "f:<sip:a@b>;\r\n tag=x\r\nT:sip:c@d\r\ni :c\r\n"
				     "cseq:\r\n 0001\r\n\tINVITE\r\nMAX-FORWARDS: 0068\r\n"
				     "l\t: 00\r\n" END),
			 SIP_VERDICT_OK);
	assert_slice(message.via.branch, "z1");
	assert_slice(message.from.tag, "x");
	assert_int_equal(message.max_forwards, 68);
	assert_true(sip_message_has(&message, SIP_HEADER_ROUTE_SECURITY));
	assert_slice(sip_message_value(&message, SIP_HEADER_ROUTE_SECURITY), "[::1]");
	assert_slice(sip_message_line_name(&message, 1), "route-SECURITY");
	assert_slice(sip_message_line(&message, 1), "route-SECURITY \t:\r\n\t[::1]\r\n");
}

static void unknown_headers_and_empty_values_are_carried(void **state)
{
	(void)state;
	assert_int_equal(parse(START VIA REST "X-New!: ;;,,\"\r\nSubject:\r\ns :   \r\n" END),
			 SIP_VERDICT_OK);
	assert_int_equal(message.lines[5].id, SIP_HEADER_OTHER);
	assert_slice(sip_message_line_name(&message, 5), "X-New!");
	assert_slice(sip_message_line_value(&message, 5), ";;,,\"");
	assert_slice(sip_message_line_value(&message, 6), "");
	assert_int_equal(message.first[SIP_HEADER_SUBJECT], 6);
	assert_int_equal(message.last[SIP_HEADER_SUBJECT], 7);
	assert_slice(sip_message_value(&message, SIP_HEADER_CONTACT), "");
}

static void what_breaks_a_request_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *text;
		enum sip_fault fault;
		unsigned status;
	} rows[] = {
		{START VIA REST, SIP_FAULT_NO_EMPTY_LINE, 400},
		{START VIA REST "X: a\rb\r\n" END, SIP_FAULT_BARE_LINE_END, 400},
		{START VIA REST "X: a\nVia: x\r\n" END, SIP_FAULT_BARE_LINE_END, 400},
		{START VIA REST "X\r\n" END, SIP_FAULT_HEADER_LINE, 400},
		{START VIA REST ": x\r\n" END, SIP_FAULT_HEADER_LINE, 400},
		{START VIA REST "X y: z\r\n" END, SIP_FAULT_HEADER_LINE, 400},
		{START VIA REST "X\r\n : z\r\n" END, SIP_FAULT_HEADER_LINE, 400},
		{START VIA REST "X(: z\r\n" END, SIP_FAULT_HEADER_LINE, 400},
		{START " X: folded start line\r\n" VIA REST END, SIP_FAULT_HEADER_LINE, 400},
		{START VIA REST FROM END, SIP_FAULT_REPEATED, 400},
		{START VIA REST "f: <sip:evil@abc.com>;tag=z\r\n" END, SIP_FAULT_REPEATED, 400},
		{START VIA REST "t: <sip:evil@abc.com>\r\n" END, SIP_FAULT_REPEATED, 400},
		{START VIA REST "i: other\r\n" END, SIP_FAULT_REPEATED, 400},
		{START VIA REST CSEQ END, SIP_FAULT_REPEATED, 400},
		{START VIA REST "Max-Forwards: 1\r\nMax-Forwards: 1\r\n" END, SIP_FAULT_REPEATED,
		 400},
		{START VIA REST "l: 0\r\nContent-Length: 0\r\n" END, SIP_FAULT_REPEATED, 400},
		{START VIA TO ID CSEQ END, SIP_FAULT_MISSING, 400},
		{START VIA FROM ID CSEQ END, SIP_FAULT_MISSING, 400},
		{START VIA FROM TO CSEQ END, SIP_FAULT_MISSING, 400},
		{START VIA FROM TO ID END, SIP_FAULT_MISSING, 400},
		{START VIA "From: <sip:a@b\r\n" TO ID CSEQ END, SIP_FAULT_FROM, 400},
		{START VIA "From: <sip:a@b>;tag=a,<sip:c@d>\r\n" TO ID CSEQ END, SIP_FAULT_FROM,
		 400},
		{START VIA FROM "To: \"x <sip:a@b>\r\n" ID CSEQ END, SIP_FAULT_TO, 400},
		{START VIA FROM TO "Call-ID: \r\n" CSEQ END, SIP_FAULT_CALL_ID, 400},
		{START VIA FROM TO "Call-ID: a b\r\n" CSEQ END, SIP_FAULT_CALL_ID, 400},
		{START VIA FROM TO "Call-ID: a\r\n b\r\n" CSEQ END, SIP_FAULT_CALL_ID, 400},
		{START VIA FROM TO ID "CSeq: INVITE\r\n" END, SIP_FAULT_CSEQ, 400},
		{START VIA FROM TO ID "CSeq: 2147483648 INVITE\r\n" END, SIP_FAULT_CSEQ, 400},
		{START VIA FROM TO ID "CSeq: 1 BYE\r\n" END, SIP_FAULT_CSEQ_METHOD, 400},
		{START VIA FROM TO ID "CSeq: 1 invite\r\n" END, SIP_FAULT_CSEQ_METHOD, 400},
		{START VIA REST "Max-Forwards: 256\r\n" END, SIP_FAULT_MAX_FORWARDS, 400},
		{START VIA REST "Max-Forwards: -1\r\n" END, SIP_FAULT_MAX_FORWARDS, 400},
		{START VIA REST "Max-Forwards:\r\n" END, SIP_FAULT_MAX_FORWARDS, 400},
		{START VIA REST "Content-Length: -1\r\n" END, SIP_FAULT_CONTENT_LENGTH, 400},
		{START VIA REST "Content-Length: 1 2\r\n" END, SIP_FAULT_CONTENT_LENGTH, 400},
		{START VIA REST "Content-Length:\r\n" END, SIP_FAULT_CONTENT_LENGTH, 400},
		{START VIA REST "Content-Length: 4\r\n" END "abc", SIP_FAULT_BODY_SHORT, 400},
		{START VIA REST "Content-Length: 4294967296\r\n" END, SIP_FAULT_BODY_SHORT, 400},
		{START VIA REST "Content-Length: 18446744073709551616\r\n" END,
		 SIP_FAULT_BODY_SHORT, 400},
		{"INVITE sip:a@b SIP/7.0\r\n" VIA REST END, SIP_FAULT_VERSION, 505},
		{"INVITE  sip:a@b SIP/2.0\r\n" VIA REST END, SIP_FAULT_REQUEST_URI, 400},
		{"\r" START VIA REST END, SIP_FAULT_BARE_LINE_END, 400},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i].text, parse(rows[i].text) == SIP_VERDICT_REFUSE);
		assert_row(rows[i].text, message.fault == rows[i].fault);
		assert_row(rows[i].text, sip_fault_status(message.fault) == rows[i].status);
		assert_row(rows[i].text, message.via.branch.len != 0);
	}
}

static void who_cannot_be_answered_is_not_answered(void **state)
{
	static const struct {
		const char *text;
		enum sip_fault fault;
	} rows[] = {
		{"", SIP_FAULT_EMPTY},
		{"\r\n\r\n", SIP_FAULT_EMPTY},
		{"\r", SIP_FAULT_VIA},
		{"garbage", SIP_FAULT_VIA},
		{START REST END, SIP_FAULT_VIA},
		{START "Via: x\r\n" REST END, SIP_FAULT_VIA},
		{START "Via:\r\n" REST END, SIP_FAULT_VIA},
		{START "Via: ,SIP/2.0/UDP h\r\n" REST END, SIP_FAULT_VIA},
		{START "Via: SIP/2.0/UDP h;branch=\"\r\n" VIA REST END, SIP_FAULT_VIA},
		{START "Via: SIP/2.0/UDP h\n;branch=x\r\n" REST END, SIP_FAULT_VIA},
		{START "Via: SIP/2.0/UDP h;branch=a;branch=b\r\n" REST END, SIP_FAULT_VIA},
		{"ACK sip:a@b SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 BYE\r\n" END,
		 SIP_FAULT_CSEQ_METHOD},
		{"A(K sip:a@b SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 ACK\r\n" END,
		 SIP_FAULT_START_LINE},
		{"ACK sip:a@b SIP/9.0\r\n" VIA REST END, SIP_FAULT_VERSION},
		{"SIP/2.0 200 OK\r\n" VIA REST FROM END, SIP_FAULT_REPEATED},
		{"SIP/2.0 099 OK\r\n" VIA REST END, SIP_FAULT_STATUS},
		{"SIP/3.0 200 OK\r\n" VIA REST END, SIP_FAULT_VERSION},
		{"SIP/2.0 200 OK\r\n" VIA REST "Content-Length: 1\r\n" END, SIP_FAULT_BODY_SHORT},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(rows[i].text, parse(rows[i].text) == SIP_VERDICT_DROP);
		assert_row(rows[i].text, message.fault == rows[i].fault);
	}
}

/* An ACK for which nothing is wrong passes like any other request. */
static void a_good_ack_passes(void **state)
{
	(void)state;
	assert_int_equal(parse("ACK sip:a@b SIP/2.0\r\n" VIA FROM TO ID "CSeq: 1 ACK\r\n" END),
			 SIP_VERDICT_OK);
	assert_int_equal(message.method, SIP_METHOD_ACK);
}

static char *filled(size_t len, const char *start, const char *unit, size_t count, const char *end)
{
	char *text = malloc(len), *at = text;

	assert_non_null(text);
	at = stpcpy(at, start);
	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, unit);
	strcpy(at, end);
	return text;
}

static void counts_have_their_bounds(void **state)
{
	static const struct {
		const char *unit;
		size_t count; /* the most that passes */
		enum sip_fault fault;
	} rows[] = {
		{"Via: SIP/2.0/UDP h\r\n", LIMIT_SIP_VIA_ENTRIES - 1, SIP_FAULT_TOO_MANY_VIAS},
		{"X: y\r\n", LIMIT_SIP_HEADER_LINES - 5, SIP_FAULT_TOO_MANY_LINES},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = filled(16384, START VIA REST, rows[i].unit, rows[i].count, END);

		assert_int_equal(parse(text), SIP_VERDICT_OK);
		free(text);
		text = filled(16384, START VIA REST, rows[i].unit, rows[i].count + 1, END);
		assert_int_equal(parse(text), SIP_VERDICT_REFUSE);
		assert_int_equal(message.fault, rows[i].fault);
		free(text);
	}
}

static void vias_in_a_comma_list_count_too(void **state)
{
	char *text = filled(16384, START REST "Via: SIP/2.0/UDP h;x=\",,,\"", ", SIP/2.0/UDP h",
			    LIMIT_SIP_VIA_ENTRIES - 1, "\r\n" END);

	(void)state;
	assert_int_equal(parse(text), SIP_VERDICT_OK);
	assert_int_equal(message.via_count, LIMIT_SIP_VIA_ENTRIES);
	free(text);
	text = filled(65536, START REST "Via: SIP/2.0/UDP h", ",", 300, "\r\n" END);
	assert_int_equal(parse(text), SIP_VERDICT_REFUSE);
	assert_int_equal(message.fault, SIP_FAULT_TOO_MANY_VIAS);
	assert_int_equal(message.via_count, UINT8_MAX);
	free(text);
}

static void one_byte_over_the_limit_is_too_large(void **state)
{
	static char text[100000];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, START VIA REST END, sizeof(START VIA REST END) - 1);
	assert_int_equal(parse_bytes(text, LIMIT_SIP_MESSAGE_BYTES), SIP_VERDICT_OK);
	assert_int_equal(message.len, LIMIT_SIP_MESSAGE_BYTES);
	assert_int_equal(parse_bytes(text, LIMIT_SIP_MESSAGE_BYTES + 1), SIP_VERDICT_REFUSE);
	assert_int_equal(sip_fault_status(message.fault), 513);
	assert_int_equal(parse_bytes(text, sizeof(text)), SIP_VERDICT_REFUSE);
	assert_int_equal(sip_fault_status(message.fault), 513);
}

static void tags_branches_and_call_ids_have_no_limit_of_their_own(void **state)
{
	char *text = filled(16384, START VIA TO CSEQ "Call-ID: ", "0123456789", 700,
			    "\r\nFrom: <sip:a@b>;tag=");

	(void)state;
	for (unsigned i = 0; i < 700; i++)
		strcat(text, "0123456789");
	strcat(text, "\r\n\r\n");
	assert_int_equal(parse(text), SIP_VERDICT_OK);
	assert_int_equal(message.from.tag.len, 7000);
	assert_int_equal(message.call_id.len, 7000);
	free(text);
}

static void bytes_that_are_no_text_are_carried(void **state)
{
	static const char text[] = START VIA "From: \"\\\0 \xff\" <sip:a@b>;tag=x\r\n" TO ID CSEQ
					     "X: \0\xc3\x28\r\n" END "\0\n\r";

	(void)state;
	assert_int_equal(parse_bytes(text, sizeof(text) - 1), SIP_VERDICT_OK);
	assert_slice(message.from.uri.text, "sip:a@b");
	assert_int_equal(sip_message_body(&message).len, 3);
	assert_int_equal(sip_message_line_value(&message, 5).len, 3);
}

static void a_proxy_refuses_schemes_and_proxy_require(void **state)
{
	static const struct {
		const char *text;
		enum sip_fault fault;
	} rows[] = {
		{"INVITE sip:a@b SIP/2.0\r\n" VIA REST END, SIP_FAULT_NONE},
		{"INVITE sips:a@b SIP/2.0\r\n" VIA REST END, SIP_FAULT_NONE},
		{"INVITE tel:+1 SIP/2.0\r\n" VIA REST END, SIP_FAULT_NONE},
		{"INVITE urn:service:sos SIP/2.0\r\n" VIA REST END, SIP_FAULT_NONE},
		{"INVITE urn:Service:SOS.fire SIP/2.0\r\n" VIA REST END, SIP_FAULT_NONE},
		{"INVITE urn:service:sosx SIP/2.0\r\n" VIA REST END, SIP_FAULT_URI_SCHEME},
		{"INVITE urn:service:so SIP/2.0\r\n" VIA REST END, SIP_FAULT_URI_SCHEME},
		{"INVITE http://b/ SIP/2.0\r\n" VIA REST END, SIP_FAULT_URI_SCHEME},
		{START VIA REST "Proxy-Require: nothing\r\n" END, SIP_FAULT_PROXY_REQUIRE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(parse(rows[i].text), SIP_VERDICT_OK);
		assert_row(rows[i].text, sip_message_proxy_fault(&message) == rows[i].fault);
	}
}

/* Every prefix of a message that uses most of the grammar, each in memory of its own size. */
static void every_truncation_is_total(void **state)
{
	static const char whole[] =
		START VIA "Route: \"a,\\\"\" <sip:x;lr>;p=\"q\",<sip:y>\r\n" REST
			  "Content-Length\t:\r\n 4\r\n" END "body";

	(void)state;
	for (size_t len = 0; len < sizeof(whole) - 1; len++)
		assert_int_not_equal(parse_bytes(whole, len), SIP_VERDICT_OK);
	assert_int_equal(parse_bytes(whole, sizeof(whole) - 1), SIP_VERDICT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_invite_is_taken_apart),
		cmocka_unit_test(a_response_takes_its_method_from_cseq),
		cmocka_unit_test(compact_forms_space_and_folds_hide_nothing),
		cmocka_unit_test(unknown_headers_and_empty_values_are_carried),
		cmocka_unit_test(what_breaks_a_request_is_refused_with_its_reason),
		cmocka_unit_test(who_cannot_be_answered_is_not_answered),
		cmocka_unit_test(a_good_ack_passes),
		cmocka_unit_test(counts_have_their_bounds),
		cmocka_unit_test(vias_in_a_comma_list_count_too),
		cmocka_unit_test(one_byte_over_the_limit_is_too_large),
		cmocka_unit_test(tags_branches_and_call_ids_have_no_limit_of_their_own),
		cmocka_unit_test(bytes_that_are_no_text_are_carried),
		cmocka_unit_test(a_proxy_refuses_schemes_and_proxy_require),
		cmocka_unit_test(every_truncation_is_total),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
