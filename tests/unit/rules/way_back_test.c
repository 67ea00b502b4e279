#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/way_back.h"

/* Its domain has two gateways: the answer goes to the one whose Via is below ours, lost or not. */
static void response_goes_to_the_gateway_of_the_peer_that_asked(void **state)
{
	struct contract_peer second = gateway_kit_peer_make(2, "xyz.com", "2001:abcd::2");
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;
	struct text answer, request;
	struct ingress_sa from;

	gateway_kit_peer(kit, &second);
	request_write(
		&(struct request_text){
			.target = "sip:user-a@abc.com",
			.from = "<sip:user-b@xyz.com>",
			.via = "Via: SIP/2.0/UDP [2001:abcd::2];branch=z9hG4bKb2\r\n",
			.route_security = "Route-Security: [2001:abcd::2];level=3\r\n"},
		&request);
	from = gateway_kit_from_peer(kit, 2);
	gateway_kit_receive(kit, &from, request.bytes, request.length, &sent);
	expect_sent(&sent, LEG_TERMINAL);
	response_write(&sent, 200, "b", &answer);
	example_send_text(kit, BY_TERMINAL_1, &answer, &result);
	expect_sent(&result, LEG_PEER);
	assert_int_equal(result.egress.peer->index, 2);
	second.is_lost = 1;
	gateway_kit_peer(kit, &second);
	example_send_text(kit, BY_TERMINAL_1, &answer, &result);
	assert_int_equal(result.egress.peer->index, 2);
	second.sa_out_count = 0;
	gateway_kit_peer(kit, &second);
	example_send_text(kit, BY_TERMINAL_1, &answer, &result);
	expect_sent(&result, LEG_PEER);
	assert_int_equal(result.egress.peer->index, 1);
}

static void response_whose_asker_is_gone_is_dropped(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;
	struct text answer;

	example_send(kit, BY_TERMINAL_1, &(struct request_text){0}, &sent);
	response_write(&sent, 180, "b", &answer);
	text_replace(&answer, "Route-Security: [2001:6789",
		     "Route-Security: [2001:abcd::5060];level=3\r\nRoute-Security: [2001:6789");
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_int_equal(binding_table_delete(&kit->bindings, 1, 1), RESULT_OK);
	example_send_text(kit, BY_PEER, &answer, &result);
	expect_drop(&result, DROP_sip_response_gone);
}

static void via_below_ours_is_the_second_whatever_line_it_stands_in(void **state)
{
	static const struct {
		const char *vias, *below;
	} rows[] = {
		{"Via: SIP/2.0/UDP a;branch=1\r\nVia: SIP/2.0/UDP b;branch=2\r\n",
		 "SIP/2.0/UDP b;branch=2"},
		{"v: SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2\r\n", "SIP/2.0/UDP b;branch=2"},
		{"Via: SIP/2.0/UDP a;branch=1\r\n", ""},
	};
	struct sip_message message;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int length = snprintf(text, sizeof(text),
				      "SIP/2.0 200 OK\r\n%sFrom: <sip:a@b>;tag=1\r\n"
				      "To: <sip:b@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n",
				      rows[i].vias);
		struct slice below;

		assert_int_equal(sip_message_parse(text, (size_t)length, &message), SIP_VERDICT_OK);
		below = way_back_via(&message);
		assert_int_equal(below.len, strlen(rows[i].below));
		assert_memory_equal(below.at, rows[i].below, below.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(response_goes_to_the_gateway_of_the_peer_that_asked),
		KIT_TEST(response_whose_asker_is_gone_is_dropped),
		KIT_TEST(via_below_ours_is_the_second_whatever_line_it_stands_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
