#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/return_series.h"

#define SERIES_AS_SENT "Route-Security: [2001:6789::5060];level=3\r\n" ROUTE_SECURITY_1

/* The answer of terminal 2, marked legacy; the series as it sent it back. */
static void answered_by_legacy(struct gateway_kit *kit, unsigned status, const char *series,
			       struct text *answer)
{
	struct kit_result sent;

	example_mark_legacy(kit, BY_TERMINAL_2, true);
	example_invite(kit, "sip:user-e@abc.com", &sent);
	response_write(&sent, status, "e", answer);
	text_replace(answer, SERIES_AS_SENT, series);
}

static void series_that_a_legacy_leg_left_out_is_put_back_with_the_gap_shown(void **state)
{
	static const unsigned statuses[] = {180, 183, 200, 486, 502, 600};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		answered_by_legacy(kit, statuses[i], "", &answer);
		example_send_text(kit, BY_TERMINAL_2, &answer, &result);
		expect_sent(&result, LEG_TERMINAL);
		assert_int_equal(result.egress.binding->index, 1);
		assert_true(result_has(&result,
				       "\r\nRoute-Security: [2001:1234::e]\r\n" SERIES_AS_SENT
				       "Via: SIP/2.0/UDP [2001:1234::10]:5060;"));
		assert_false(result_has(&result, ";sk="));
	}
}

static void hundred_of_a_legacy_leg_passes_as_it_is(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	answered_by_legacy(kit, 100, "", &answer);
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_false(result_has(&result, "Route-Security"));
}

/* It sent something: then that is judged as anybody's. */
static void legacy_leg_that_echoes_is_judged_as_any_other(void **state)
{
	static const char *const wrong[] = {
		ROUTE_SECURITY_1,
		"Route-Security: nonsense\r\n",
		ROUTE_SECURITY_2 SERIES_AS_SENT,
		ROUTE_SECURITY_1 "Route-Security: [2001:6789::5060];level=3\r\n",
		"Route-Security: [2001:6789::5060];level=2\r\n" ROUTE_SECURITY_1,
	};
	struct gateway_kit *kit = *state;
	struct kit_result result;
	struct text answer;

	answered_by_legacy(kit, 200, SERIES_AS_SENT, &answer);
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "\r\n" SERIES_AS_SENT));
	assert_false(result_has(&result, "Route-Security: [2001:1234::e]\r\n"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		answered_by_legacy(kit, 180, wrong[i], &answer);
		example_send_text(kit, BY_TERMINAL_2, &answer, &result);
		expect_drop(&result, DROP_sip_response_series);
		answered_by_legacy(kit, 486, wrong[i], &answer);
		example_send_text(kit, BY_TERMINAL_2, &answer, &result);
		expect_status(&result, 502);
	}
}

/* The mark is not enough: sk= must hold the series, which only restore puts there. */
static void nothing_is_put_back_on_what_was_not_sent_to_a_legacy_leg(void **state)
{
	struct gateway_kit *kit = *state;
	struct kit_result sent, result;
	struct text answer;

	example_invite(kit, "sip:user-e@abc.com", &sent);
	response_write(&sent, 200, "e", &answer);
	text_replace(&answer, SERIES_AS_SENT, "");
	example_mark_legacy(kit, BY_TERMINAL_2, true);
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_status(&result, 502);
}

/* Over a link too weak for our entry, our remark stands where that would, as in any response. */
static void series_put_back_has_our_remark_where_our_entry_is_missing(void **state)
{
	struct gateway_kit *kit = *state;
	struct contract_binding weak =
		gateway_kit_binding_make(kit, 2, "user-e@abc.com", "2001:1234::e");
	struct kit_result sent, result;
	struct text answer;

	kit->set.route_security_add_level = 3;
	example_mark_legacy(kit, BY_TERMINAL_2, true);
	weak.is_legacy = 1;
	weak.level = 2;
	assert_int_equal(binding_table_put(&kit->bindings, &weak), RESULT_OK);
	example_invite(kit, "sip:user-e@abc.com", &sent);
	response_write(&sent, 200, "e", &answer);
	text_replace(&answer, ROUTE_SECURITY_1, "");
	example_send_text(kit, BY_TERMINAL_2, &answer, &result);
	expect_sent(&result, LEG_TERMINAL);
	assert_true(result_has(&result, "\r\nRoute-Security: [2001:1234::e]\r\n"
					"Route-Security: [2001:6789::5060]\r\n" ROUTE_SECURITY_1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(series_that_a_legacy_leg_left_out_is_put_back_with_the_gap_shown),
		KIT_TEST(hundred_of_a_legacy_leg_passes_as_it_is),
		KIT_TEST(legacy_leg_that_echoes_is_judged_as_any_other),
		KIT_TEST(nothing_is_put_back_on_what_was_not_sent_to_a_legacy_leg),
		KIT_TEST(series_put_back_has_our_remark_where_our_entry_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
