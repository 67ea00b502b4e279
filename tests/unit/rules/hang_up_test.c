#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/hang_up.h"

#define CONTACT_E "Contact: <sip:user-e@[2001:1234::e]:5060;x=y>\r\n"

/* A 2xx to this request by terminal 2 whose series lost an entry: kit->rules are as after it. */
static void wrong_answer(struct gateway_kit *kit, const struct request_text *request,
			 unsigned status)
{
	struct kit_result sent, result;
	struct text answer;

	example_send(kit, BY_TERMINAL_1, request, &sent);
	expect_sent(&sent, LEG_TERMINAL);
	response_write(&sent, status, "e", &answer);
	text_replace(&answer, ROUTE_SECURITY_1, CONTACT_E);
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_status(&result, 502);
}

static void made(struct gateway_kit *kit, unsigned which, struct kit_result *out)
{
	struct writer w = writer_make(out->bytes, sizeof(out->bytes));

	assert_int_equal(hang_up_write(&kit->rules, which, &out->egress, &w), RESULT_OK);
	out->end = KIT_SENT;
	out->status = 0;
	out->length = w.len;
}

static void call_is_ended_by_ack_and_bye_to_who_took_it(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result ack, bye;
	char branch[2][64], expected[1024], sk[160];

	wrong_answer(kit, &(struct request_text){.target = "sip:user-e@abc.com"}, 200);
	assert_int_equal(hang_up_count(&kit->rules), 2);
	made(kit, 0, &ack);
	assert_int_equal(ack.egress.binding->index, 2);
	result_between(&ack, "branch=", ";sk=", branch[0], sizeof(branch[0]));
	result_between(&ack, ";sk=", "\r\n", sk, sizeof(sk));
	snprintf(expected, sizeof(expected),
		 "ACK sip:user-e@[2001:1234::e]:5060;x=y SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP [2001:6789::5060]:5060;branch=%s;sk=%s\r\n"
		 "Route-Security: [2001:6789::5060];level=3\r\nMax-Forwards: 70\r\n"
		 "From: <sip:user-a@abc.com>;tag=a\r\nTo: <sip:user-e@abc.com>;tag=e\r\n"
		 "Call-ID: call-1\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n",
		 branch[0], sk);
	assert_int_equal(ack.length, strlen(expected));
	assert_memory_equal(ack.bytes, expected, ack.length);
	made(kit, 1, &bye);
	assert_true(result_has(&bye, "BYE sip:user-e@[2001:1234::e]:5060;x=y SIP/2.0\r\n"));
	assert_true(result_has(&bye, "\r\nCSeq: 2 BYE\r\n"));
	result_between(&bye, "branch=", ";sk=", branch[1], sizeof(branch[1]));
	assert_string_not_equal(branch[0], branch[1]);
}

static void retransmitted_2xx_makes_the_same_branches(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result first, second;

	wrong_answer(kit, &(struct request_text){.target = "sip:user-e@abc.com"}, 200);
	made(kit, 1, &first);
	wrong_answer(kit, &(struct request_text){.target = "sip:user-e@abc.com"}, 200);
	made(kit, 1, &second);
	assert_int_equal(first.length, second.length);
	assert_memory_equal(first.bytes, second.bytes, first.length);
}

static void answer_to_our_bye_ends_with_us(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result bye, result;
	struct text answer;

	wrong_answer(kit, &(struct request_text){.target = "sip:user-e@abc.com"}, 200);
	made(kit, 1, &bye);
	response_write(&bye, 200, "e", &answer);
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_drop(&result, DROP_sip_response_self);
	text_replace(&answer, "CSeq: 2", "CSeq: 3");
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_drop(&result, DROP_sip_response_mac);
}

static void other_methods_and_refusals_need_no_end(void **state)
{
	struct gateway_kit *kit = *state;

	wrong_answer(kit, &(struct request_text){.target = "sip:user-e@abc.com"}, 486);
	assert_int_equal(hang_up_count(&kit->rules), 0);
	wrong_answer(kit,
		     &(struct request_text){.method = "MESSAGE", .target = "sip:user-e@abc.com"},
		     200);
	assert_int_equal(hang_up_count(&kit->rules), 0);
}

/* A re-INVITE: the call was up, so both sides are told. */
static void call_that_was_up_is_ended_on_both_sides(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result sent, bye;
	char entry[200], route[256];

	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:user-e@abc.com"},
		     &sent);
	result_between(&sent, "Record-Route: ", "\r\n", entry, sizeof(entry));
	snprintf(route, sizeof(route), "Route: %s\r\n", entry);
	wrong_answer(kit,
		     &(struct request_text){.target = "sip:user-e@[2001:1234::e]:5060",
					    .to = "<sip:user-e@abc.com>",
					    .to_tag = "e",
					    .more = route,
					    .cseq = "7"},
		     200);
	assert_int_equal(hang_up_count(&kit->rules), 3);
	made(kit, 1, &bye);
	assert_true(result_has(&bye, "\r\nCSeq: 8 BYE\r\n"));
	made(kit, 2, &bye);
	assert_int_equal(bye.egress.binding->index, 1);
	assert_true(result_has(&bye, "BYE sip:user-a@[2001:1234::10]:5060 SIP/2.0\r\n"));
	assert_true(result_has(&bye, "\r\nFrom: <sip:user-e@abc.com>;tag=e\r\n"
				     "To: <sip:user-a@abc.com>;tag=a\r\n"));
	assert_true(result_has(&bye, "\r\nCSeq: 2147483647 BYE\r\n"));
}

static void peers_route_is_what_stands_above_ours_turned_round(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result sent, result, ack;
	struct text answer;

	example_send(kit, BY_TERMINAL_1, &(struct request_text){0}, &sent);
	response_write(&sent, 200, "b", &answer);
	text_replace(&answer, "Record-Route: ",
		     "Record-Route: <sip:far@[2001:db8::1];lr>, <sip:near@[2001:abcd::5060];lr>\r\n"
		     "Record-Route: ");
	text_replace(&answer, ROUTE_SECURITY_1, "Contact: <sip:user-b@[2001:cdef::10]>\r\n");
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_status(&result, 502);
	made(kit, 0, &ack);
	assert_int_equal(ack.egress.kind, LEG_PEER);
	assert_true(result_has(&ack, "\r\nRoute: <sip:near@[2001:abcd::5060];lr>\r\n"
				     "Route: <sip:far@[2001:db8::1];lr>\r\nRoute-Security: "));
}

static void without_a_contact_there_is_nowhere_to_send(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;
	struct writer w = writer_make(result.bytes, sizeof(result.bytes));
	struct text answer;
	struct link to;

	example_send(kit, BY_TERMINAL_1, &(struct request_text){.target = "sip:user-e@abc.com"},
		     &sent);
	response_write(&sent, 200, "e", &answer);
	text_replace(&answer, ROUTE_SECURITY_1, "");
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_status(&result, 502);
	assert_int_equal(hang_up_write(&kit->rules, 0, &to, &w), RESULT_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(call_is_ended_by_ack_and_bye_to_who_took_it),
		KIT_TEST(retransmitted_2xx_makes_the_same_branches),
		KIT_TEST(answer_to_our_bye_ends_with_us),
		KIT_TEST(other_methods_and_refusals_need_no_end),
		KIT_TEST(call_that_was_up_is_ended_on_both_sides),
		KIT_TEST(peers_route_is_what_stands_above_ours_turned_round),
		KIT_TEST(without_a_contact_there_is_nowhere_to_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
