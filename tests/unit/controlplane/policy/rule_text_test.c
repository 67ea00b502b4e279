#include "controlplane/policy/rule_text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "shared/sip/method.h"

static void parties_are_read_and_shown_again(void **state)
{
	static const struct {
		const char *text;
		enum policy_match match;
		const char *kept;
		const char *shown;
	} row[] = {
		{"any", POLICY_MATCH_ANY, "", "any"},
		{"user-a@ABC.com", POLICY_MATCH_AOR, "user-a@abc.com", "user-a@abc.com"},
		{"sip:user%2da@abc.com", POLICY_MATCH_AOR, "user-a@abc.com", "user-a@abc.com"},
		{"tel:+1-201-555", POLICY_MATCH_AOR, "tel:+1201555", "tel:+1201555"},
		{"@XYZ.com", POLICY_MATCH_DOMAIN, "xyz.com", "@xyz.com"},
		{"@[2001:db8::1]", POLICY_MATCH_DOMAIN, "[2001:db8::1]", "@[2001:db8::1]"},
		{"group:staff", POLICY_MATCH_GROUP, "staff", "group:staff"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct store_party party;
		char shown[RULE_PARTY_TEXT_BYTES];

		assert_int_equal(rule_party_parse(row[i].text, &party), RESULT_OK);
		assert_int_equal(party.match, row[i].match);
		assert_string_equal(party.text, row[i].kept);
		rule_party_show(&party, shown);
		assert_string_equal(shown, row[i].shown);
	}
}

static void other_words_are_no_party(void **state)
{
	static const char *const bad[] = {"",	       "user-a",	"@",
					  "@a b",      "@a@b",		"group:",
					  "group:a b", "@xyz.com:5060", "mailto:a@b.c",
					  "*",	       "@xyz.com;x=y",	"a@"};
	struct store_party party = {.match = POLICY_MATCH_DOMAIN};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(rule_party_parse(bad[i], &party), RESULT_BAD);
	assert_int_equal(party.match, POLICY_MATCH_DOMAIN);
}

static void methods_are_read_and_shown_again(void **state)
{
	char shown[STORE_METHODS_BYTES + 1];
	uint32_t methods = 9;

	(void)state;
	assert_int_equal(rule_methods_parse("any", &methods), RESULT_OK);
	assert_int_equal(methods, 0);
	rule_methods_show(methods, shown);
	assert_string_equal(shown, "");
	assert_int_equal(rule_methods_parse("MESSAGE,INVITE,OTHER", &methods), RESULT_OK);
	assert_int_equal(methods, 1u << SIP_METHOD_INVITE | 1u << SIP_METHOD_MESSAGE |
					  1u << SIP_METHOD_OTHER);
	rule_methods_show(methods, shown);
	assert_string_equal(shown, "INVITE,MESSAGE,OTHER");
	rule_methods_show((1u << SIP_METHOD_COUNT) - 1, shown);
	assert_true(strlen(shown) > 80);
}

static void methods_a_policy_does_not_judge_are_refused(void **state)
{
	static const char *const bad[] = {"ACK",     "CANCEL",	"REGISTER",	  "invite",
					  "INVITE,", ",INVITE", "INVITE MESSAGE", "FROBNICATE"};
	uint32_t methods = 9;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(rule_methods_parse(bad[i], &methods), RESULT_BAD);
	assert_int_equal(methods, 9);
}

static void group_names_are_words(void **state)
{
	(void)state;
	assert_true(rule_group_name_is_good("Staff-2.a_b"));
	assert_false(rule_group_name_is_good(""));
	assert_false(rule_group_name_is_good("a b"));
	assert_false(rule_group_name_is_good("a,b"));
	assert_false(rule_group_name_is_good(
		"0123456789012345678901234567890123456789012345678901234567890123"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parties_are_read_and_shown_again),
		cmocka_unit_test(other_words_are_no_party),
		cmocka_unit_test(methods_are_read_and_shown_again),
		cmocka_unit_test(methods_a_policy_does_not_judge_are_refused),
		cmocka_unit_test(group_names_are_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
