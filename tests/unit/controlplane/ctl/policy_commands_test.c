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
		   "\"rule\":null,\"verdict\":\"deny\"}");
	ask_result(a, "{\"command\":\"group add\",\"group\":\"staff\",\"aor\":\"a@abc.com\"}", "");
	ask_result(a,
		   "{\"command\":\"policy test\",\"caller\":\"a@abc.com\","
		   "\"callee\":\"b@xyz.com\",\"method\":\"CANCEL\"}",
		   "{\"callee\":\"b@xyz.com\",\"callee_is_ours\":false,\"caller\":\"a@abc.com\","
		   "\"rule\":{\"action\":\"allow\",\"callee\":\"@xyz.com\","
		   "\"caller\":\"group:staff\",\"id\":1,\"methods\":\"INVITE,MESSAGE\","
		   "\"minimum_level\":0,\"priority\":10},\"verdict\":\"allow\"}");
	ask_result(a, "{\"command\":\"policy delete\",\"id\":1}", "");
	ask_error(a, "{\"command\":\"policy delete\",\"id\":1}", "there is no such rule");
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
		 "\"let\" is neither allow nor deny"},
		{"\"priority\":1,\"action\":\"allow\",\"caller\":\"me\",\"callee\":\"any\"",
		 "\"me\" is not any, user@host, @domain or group:NAME"},
		{"\"priority\":1,\"action\":\"allow\",\"caller\":\"any\",\"callee\":\"any\","
		 "\"methods\":\"ACK\"",
		 "\"ACK\" is no list of methods: INVITE,MESSAGE and the like, or any (ACK and "
		 "CANCEL follow their INVITE)"},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(rules_are_added_listed_tested_and_deleted),
		ASKED_TEST(every_change_goes_to_the_data_plane),
		ASKED_TEST(malformed_rules_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
