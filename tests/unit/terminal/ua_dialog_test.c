#include "tests/unit/terminal/cmocka_setup.h"

#include <stdio.h>

#include "terminal/ua/dialog.h"

static const char response[] = "SIP/2.0 200 OK\r\n"
			       "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1\r\n"
			       "Record-Route: <sip:3@c;lr>, \"a, b\" <sip:2@b;lr>\r\n"
			       "Record-Route: <sip:1@a;lr>\r\n"
			       "From: <sip:user-a@abc.com>;tag=a\r\n"
			       "To: <sip:user-b@xyz.com>;tag=b\r\n"
			       "Call-ID: call\r\n"
			       "CSeq: 7 INVITE\r\n"
			       "Contact: <sip:user-b@[2001:cdef::10]:5060>\r\n"
			       "Content-Length: 0\r\n\r\n";

static const char invite[] = "INVITE sip:user-b@[2001:cdef::10] SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1\r\n"
			     "Record-Route: <sip:2@b;lr>\r\n"
			     "Record-Route: <sip:1@a;lr>\r\n"
			     "From: <sip:user-a@abc.com>;tag=a\r\n"
			     "To: <sip:user-b@xyz.com>\r\n"
			     "Call-ID: call\r\n"
			     "CSeq: 7 INVITE\r\n"
			     "Contact: <sip:user-a@[2001:1234::10]:5060>\r\n"
			     "Content-Length: 0\r\n\r\n";

static void parse(const char *text, struct sip_message *out)
{
	assert_int_equal(sip_message_parse(text, strlen(text), out), SIP_VERDICT_OK);
}

static void route_of_the_caller_is_record_route_backwards(void **state)
{
	struct sip_message message;
	struct dialog dialog = {0};

	(void)state;
	parse(response, &message);
	assert_int_equal(dialog_from_response(&dialog, &message), RESULT_OK);
	assert_true(slice_is_equal(text_slice(&dialog.route_lines),
				   SLICE("Route: <sip:1@a;lr>\r\nRoute: \"a, b\" <sip:2@b;lr>\r\n"
					 "Route: <sip:3@c;lr>\r\n")));
	assert_true(slice_is_equal(text_slice(&dialog.target),
				   SLICE("sip:user-b@[2001:cdef::10]:5060")));
	assert_int_equal(dialog.local_cseq, 7);
	assert_true(dialog_has_response(&dialog, &message));
	dialog_clear(&dialog);
	assert_false(dialog_is_live(&dialog));
}

static void route_of_the_callee_is_record_route_as_it_came(void **state)
{
	struct sip_message message;
	struct dialog dialog = {0};

	(void)state;
	parse(invite, &message);
	assert_int_equal(dialog_from_request(&dialog, &message, SLICE("b")), RESULT_OK);
	assert_true(slice_is_equal(text_slice(&dialog.route_lines),
				   SLICE("Route: <sip:2@b;lr>\r\nRoute: <sip:1@a;lr>\r\n")));
	assert_int_equal(dialog.remote_cseq, 7);
	dialog_clear(&dialog);
}

static void request_within_a_dialog_has_its_sides(void **state)
{
	struct sip_message message;
	struct dialog dialog = {0};
	struct request request = {0};

	(void)state;
	parse(invite, &message);
	assert_int_equal(dialog_from_request(&dialog, &message, SLICE("b")), RESULT_OK);
	dialog_fill(&dialog, SLICE("BYE"), 1, &request);
	assert_true(slice_is_equal(request.uri, SLICE("sip:user-a@[2001:1234::10]:5060")));
	assert_true(slice_is_equal(request.from, SLICE("sip:user-b@xyz.com")));
	assert_true(slice_is_equal(request.from_tag, SLICE("b")));
	assert_true(slice_is_equal(request.to, SLICE("sip:user-a@abc.com")));
	assert_true(slice_is_equal(request.to_tag, SLICE("a")));
	assert_true(slice_is_equal(request.call_id, SLICE("call")));
	dialog_clear(&dialog);
}

static void other_tags_or_call_ids_are_other_dialogs(void **state)
{
	static const struct {
		const char *call_id, *from_tag, *to_tag;
		bool is_ours;
	} cases[] = {
		{"call", "a", "b", true},  {"coll", "a", "b", false}, {"call", "A", "b", false},
		{"call", "a", "c", false}, {"call", "b", "a", false},
	};
	struct sip_message message;
	struct dialog dialog = {0};

	(void)state;
	parse(invite, &message);
	assert_int_equal(dialog_from_request(&dialog, &message, SLICE("b")), RESULT_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		message.call_id = slice_make(cases[i].call_id, 4);
		message.from.tag = slice_make(cases[i].from_tag, 1);
		message.to.tag = slice_make(cases[i].to_tag, 1);
		assert_int_equal(dialog_has_request(&dialog, &message), cases[i].is_ours);
	}
	dialog_clear(&dialog);
}

static void target_must_be_fit_for_a_request_line(void **state)
{
	static const struct {
		const char *contact;
		enum result result;
	} cases[] = {
		{"<sip:a@b>", RESULT_OK},
		{"sips:a@b", RESULT_OK},
		{"\"x\" <sip:a@b:1>;q=1", RESULT_OK},
		{"<sip:a@b?X=y>", RESULT_BAD},
		{"<tel:123>", RESULT_BAD},
		{"<sip:a b>", RESULT_BAD},
		{"*", RESULT_BAD},
		{"<>", RESULT_BAD},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_message message;
		struct dialog dialog = {0};
		char text[1024];
		int len = snprintf(text, sizeof(text),
				   "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\n"
				   "From: <sip:a@b>;tag=a\r\nTo: <sip:c@d>;tag=b\r\nCall-ID: c\r\n"
				   "CSeq: 1 INVITE\r\nContact: %s\r\n\r\n",
				   cases[i].contact);

		assert_int_equal(sip_message_parse(text, (size_t)len, &message), SIP_VERDICT_OK);
		assert_int_equal(dialog_from_response(&dialog, &message), cases[i].result);
		dialog_clear(&dialog);
	}
}

static void answer_without_contact_or_tag_makes_no_dialog(void **state)
{
	struct sip_message message;
	struct dialog dialog = {0};
	char text[sizeof(response)];

	(void)state;
	memcpy(text, response, sizeof(text));
	memcpy(strstr(text, "Contact"), "Cantoct", 7);
	parse(text, &message);
	assert_int_equal(dialog_from_response(&dialog, &message), RESULT_BAD);
	dialog_clear(&dialog);
	memcpy(text, response, sizeof(text));
	memcpy(strstr(text, "tag=b"), "tog=b", 5);
	parse(text, &message);
	assert_int_equal(dialog_from_response(&dialog, &message), RESULT_BAD);
	dialog_clear(&dialog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_of_the_caller_is_record_route_backwards),
		cmocka_unit_test(route_of_the_callee_is_record_route_as_it_came),
		cmocka_unit_test(request_within_a_dialog_has_its_sides),
		cmocka_unit_test(other_tags_or_call_ids_are_other_dialogs),
		cmocka_unit_test(target_must_be_fit_for_a_request_line),
		cmocka_unit_test(answer_without_contact_or_tag_makes_no_dialog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
