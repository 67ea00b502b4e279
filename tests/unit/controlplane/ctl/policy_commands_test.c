/* controlplane/ctl/policy_commands.c */
#include "tests/unit/controlplane/ctl/asked.h"

#define ADD_RULE                                                                                   \
	"{\"command\":\"policy add\",\"priority\":10,\"action\":\"allow\","                        \
	"\"caller\":\"group:staff\",\"callee\":\"@XYZ.com\",\"methods\":\"MESSAGE,INVITE\"}"

static void rules_are_added_listed_tested_and_deleted(void **state)
{
	struct asked *a = *state;

	ask_result(a, ADD_RULE, "{\"id\":1}");
	ask_result(a, "{\"command\":\"policy list\"}",
		   "[{\"action\":\"allow\",\"callee\":\"@xyz.com\",\"caller\":\"group:staff\","
		   "\"id\":1,\"methods\":\"INVITE,MESSAGE\",\"minimum_level\":0,"
		   "\"priority\":10}]");
	ask_result(a,
		   "{\"command\":\"policy test\",\"caller\":\"a@abc.com\","
		   "\"callee\":\"b@xyz.com\",\"method\":\"INVITE\"}",
		   "{\"callee\":\"b@xyz.com\",\"callee_is_ours\":false,\"caller\":\"a@abc.com\","
		   "\"compiling\":false,\"explanation\":["
		   "\"no rule fits, and what no rule allows is denied\","
		   "\"of the other rules: 1 for other callers\",\"the callee is of another domain: "
		   "only rules for "
		   "everybody, for a pattern or for its domain count here, its own gateway judges "
		   "the rest\","
		   "\"the caller gets 404, as for a domain that nobody knows\"],"
		   "\"limit\":null,\"passed_over\":[],\"policy\":2,"
		   "\"rule\":null,\"verdict\":\"deny\"}");
	ask_result(a, "{\"command\":\"group add\",\"group\":\"staff\",\"aor\":\"a@abc.com\"}", "");
	ask_result(a,
		   "{\"command\":\"policy test\",\"caller\":\"a@abc.com\","
		   "\"callee\":\"b@xyz.com\",\"method\":\"CANCEL\"}",
		   "{\"callee\":\"b@xyz.com\",\"callee_is_ours\":false,\"caller\":\"a@abc.com\","
		   "\"compiling\":false,\"explanation\":["
		   "\"rule 1 (priority 10: allow group:staff to @xyz.com, methods INVITE,MESSAGE) "
		   "decides: it is the first that fits\",\"the callee is of another domain: only "
		   "rules for "
		   "everybody, for a pattern or for its domain count here, its own gateway judges "
		   "the rest\"],"
		   "\"limit\":null,\"passed_over\":[],\"policy\":2,"
		   "\"rule\":{\"action\":\"allow\",\"callee\":\"@xyz.com\","
		   "\"caller\":\"group:staff\",\"id\":1,\"methods\":\"INVITE,MESSAGE\","
		   "\"minimum_level\":0,\"priority\":10},\"verdict\":\"allow\"}");
	ask_result(a, "{\"command\":\"policy delete\",\"id\":1}", "");
	ask_error(a, "{\"command\":\"policy delete\",\"id\":1}",
		  "there is no such rule: policy list has all");
}

static void every_change_goes_to_the_data_plane(void **state)
{
	struct asked *a = *state;

	gatewayed_serve(a->g);
	a->g->told.count = 0;
	ask_result(a, ADD_RULE, "{\"id\":1}");
	gatewayed_serve(a->g);
	assert_int_equal(told_count(&a->g->told, CONTRACT_POLICY_PUT), 1);
	assert_int_equal(a->g->told.policy.generation, 2);
}

static void malformed_rules_are_explained(void **state)
{
	static const struct {
		const char *fields, *error;
	} row[] = {
		{"\"priority\":\"x\",\"action\":\"allow\",\"caller\":\"any\",\"callee\":\"any\"",
		 "\"priority\" must be a whole number from -2147483648 to 2147483647"},
		{"\"priority\":1,\"action\":\"let\",\"caller\":\"any\",\"callee\":\"any\"",
		 "\"let\" is none of allow, deny and limit"},
		{"\"priority\":1,\"action\":\"allow\",\"caller\":\"me\",\"callee\":\"any\"",
		 "\"me\" is not any, user@host, @domain, group:NAME or ~PATTERN"},
		{"\"priority\":1,\"action\":\"allow\",\"caller\":\"any\",\"callee\":\"any\","
		 "\"methods\":\"ACK\"",
		 "\"ACK\" is no list of methods: INVITE,MESSAGE and the like, any, or ~PATTERN "
		 "(ACK "
		 "and CANCEL follow their INVITE)"},
		{"\"priority\":1,\"action\":\"allow\",\"caller\":\"~a(b\",\"callee\":\"any\"",
		 "the pattern is refused at character 2: the parenthesis has no end\n  ~a(b\n    "
		 "^"},
		{"\"priority\":1,\"action\":\"allow\",\"caller\":\"any\",\"callee\":\"any\","
		 "\"hours\":\"noon\"",
		 "\"noon\" are no hours: \"mon-fri 08:00-18:00\", \"sat,sun\", \"22:00-06:00\""},
		{"\"priority\":1,\"action\":\"allow\",\"caller\":\"any\",\"callee\":\"any\","
		 "\"rate\":\"1/s\"",
		 "a rate is a limit's: policy add PRIORITY limit CALLER any"},
		{"\"priority\":1,\"action\":\"limit\",\"caller\":\"any\",\"callee\":\"any\"",
		 "a limit needs its --rate"},
		{"\"priority\":1,\"action\":\"limit\",\"caller\":\"any\",\"callee\":\"@x.com\","
		 "\"rate\":\"1/s\"",
		 "a limit is the caller's alone: its callee is any, so that nothing of a callee "
		 "shows in"
		 " it"},
		{"\"priority\":1,\"action\":\"allow\",\"caller\":\"any\",\"callee\":\"any\","
		 "\"minimum_level\":4",
		 "\"minimum_level\" must be a whole number from 0 to 3"},
	};
	char request[512];

	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		snprintf(request, sizeof(request), "{\"command\":\"policy add\",%s}",
			 row[i].fields);
		ask_error(*state, request, row[i].error);
	}
	ask_result(*state, "{\"command\":\"policy list\"}", "[]");
}

static void pattern_hours_and_rate_are_shown_as_they_are_kept(void **state)
{
	struct asked *a = *state;

	ask_result(a,
		   "{\"command\":\"policy add\",\"priority\":5,\"action\":\"limit\",\"caller\":"
		   "\"~a.*@abc\\\\.com\",\"callee\":\"any\",\"rate\":\"60/60s\","
		   "\"hours\":\"mon-fri  00:00-24:00\"}",
		   "{\"id\":1}");
	ask_result(a, "{\"command\":\"policy list\"}",
		   "[{\"action\":\"limit\",\"callee\":\"any\",\"caller\":\"~a.*@abc\\\\.com\","
		   "\"hours\":\"mon-fri\",\"id\":1,\"methods\":\"any\",\"minimum_level\":0,"
		   "\"priority\":5,\"rate\":\"60/min\"}]");
	ask_result(a, "{\"command\":\"policy status\"}",
		   "{\"compiled_in_ms\":0,\"compiling\":0,\"in_force\":2,\"rules\":1,"
		   "\"with_patterns\":1}");
}

/* The deny rule is for the night; noon of a Monday in UTC is not. */
static void rule_passed_over_is_told_with_the_reason(void **state)
{
	struct asked *a = *state;

	ask_result(a,
		   "{\"command\":\"policy add\",\"priority\":5,\"action\":\"deny\",\"caller\":"
		   "\"~a@.*\",\"callee\":\"any\",\"hours\":\"22:00-06:00\"}",
		   "{\"id\":1}");
	ask_result(
		a,
		"{\"command\":\"policy test\",\"caller\":\"a@abc.com\",\"callee\":"
		"\"b@xyz.com\",\"method\":\"INVITE\",\"at\":1700481600}",
		"{\"callee\":\"b@xyz.com\",\"callee_is_ours\":false,\"caller\":\"a@abc.com\","
		"\"compiling\":false,\"explanation\":["
		"\"no rule fits, and what no rule allows is denied\","
		"\"rule 1 (priority 5: deny ~a@.* to any, methods any, hours 22:00-06:00) is for "
		"both, but it is outside its hours (22:00-06:00)\",\"the callee is of another "
		"domain: only rules for "
		"everybody, for a pattern or for its domain count here, its own gateway judges "
		"the rest\","
		"\"the caller gets 404, as for a domain that nobody knows\"],"
		"\"limit\":null,\"passed_over\":[{\"action\":\"deny\","
		"\"callee\":\"any\",\"caller\":\"~a@.*\",\"hours\":\"22:00-06:00\",\"id\":1,"
		"\"methods\":\"any\",\"minimum_level\":0,\"passed_over\":"
		"\"it is outside its hours "
		"(22:00-06:00)\",\"priority\":5}],\"policy\":2,\"rule\":null,"
		"\"verdict\":\"deny\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(rules_are_added_listed_tested_and_deleted),
		ASKED_TEST(every_change_goes_to_the_data_plane),
		ASKED_TEST(malformed_rules_are_explained),
		ASKED_TEST(pattern_hours_and_rate_are_shown_as_they_are_kept),
		ASKED_TEST(rule_passed_over_is_told_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
