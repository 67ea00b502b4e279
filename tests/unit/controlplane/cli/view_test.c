#include "controlplane/cli/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

static void view_is(const char *command, const char *result, const char *expected)
{
	json_t *json = json_loads(result, JSON_DECODE_ANY, NULL);
	char *told = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&told, &length);

	view_show(command, json, to);
	fclose(to);
	assert_string_equal(told, expected);
	free(told);
	json_decref(json);
}

static void lists_are_tables_or_a_sentence(void **state)
{
	(void)state;
	view_is("group list", "[]", "there are no groups\n");
	view_is("group list", "[{\"group\":\"staff\",\"aor\":\"a@b\"}]",
		"GROUP  MEMBER\nstaff  a@b\n");
	view_is("policy list", "[]", "there are no rules: everything is denied\n");
}

static void ports_say_how_packets_come_to_workers_within_120_columns(void **state)
{
	(void)state;
	view_is("show ports",
		"[{\"port\":0,\"device\":\"0000:03:00.0\",\"exception\":\"sekisho0\",\"mtu\":1500,"
		"\"addresses\":[\"198.51.100.60\",\"2001:6789::5060\"],\"spread\":\"addresses\","
		"\"spread_text\":\"RSS on addresses and ports, ownership handoff by ring\"}]",
		"PORT  DEVICE        EXCEPTION   MTU  ADDRESSES                      "
		"HOW PACKETS COME TO WORKERS\n"
		"   0  0000:03:00.0  sekisho0   1500  198.51.100.60,2001:6789::5060  "
		"RSS on addresses and ports, ownership handoff by ring\n");
	view_is("show ports", "[]", "there are no ports\n");
}

static void drops_that_did_not_happen_are_not_shown(void **state)
{
	(void)state;
	view_is("show drops",
		"[{\"reason\":\"replay\",\"count\":0},"
		"{\"reason\":\"icv\",\"count\":3,\"sentence\":\"forged or damaged\"},"
		"{\"reason\":\"new\",\"count\":1,\"sentence\":\"\"}]",
		"REASON  COUNT  WHAT IT MEANS\nicv         3  forged or damaged\n"
		"new         1  -\n");
	view_is("show drops", "[{\"reason\":\"replay\",\"count\":0}]", "nothing was dropped\n");
}

static void counters_that_stand_at_nothing_are_not_shown(void **state)
{
	(void)state;
	view_is("show counters",
		"[{\"name\":\"sk_rx\",\"kind\":\"node\",\"worker\":0,\"value\":12},"
		"{\"name\":\"sk_rx\",\"kind\":\"node\",\"worker\":1,\"value\":0}]",
		"COUNTER  KIND  WORKER  VALUE\nsk_rx    node       0     12\n");
	view_is("show counters", "[{\"name\":\"sk_rx\",\"value\":0}]", "nothing was counted\n");
}

static void rules_are_listed_with_their_hours_and_rates(void **state)
{
	(void)state;
	view_is("policy list",
		"[{\"id\":1,\"priority\":10,\"action\":\"allow\",\"caller\":\"any\","
		"\"callee\":\"@a\",\"minimum_level\":0,\"methods\":\"any\",\"hours\":\"sat,sun\"},"
		"{\"id\":2,\"priority\":20,\"action\":\"limit\",\"caller\":\"@a\","
		"\"callee\":\"any\",\"minimum_level\":0,\"methods\":\"any\",\"rate\":\"10/min\"}]",
		"ID  PRIORITY  ACTION  CALLER  CALLEE  LEVEL  METHODS  HOURS    RATE\n"
		" 1        10  allow   any     @a          0  any      sat,sun  -\n"
		" 2        20  limit   @a      any         0  any      -        10/min\n");
}

static void verdict_is_explained_a_sentence_a_line(void **state)
{
	(void)state;
	view_is("policy test",
		"{\"verdict\":\"deny\",\"caller\":\"a@b\",\"callee\":\"c@d\",\"compiling\":false,"
		"\"explanation\":[\"rule 3 decides\",\"the caller gets 404\"]}",
		"deny: a@b to c@d\n  rule 3 decides\n  the caller gets 404\n");
	view_is("policy test",
		"{\"verdict\":\"allow\",\"caller\":\"a@b\",\"callee\":\"c@d\",\"compiling\":true,"
		"\"explanation\":[\"rule 3 decides\"]}",
		"allow: a@b to c@d\n  rule 3 decides\n"
		"  another policy is being compiled, and may say otherwise\n");
}

static void changes_of_the_configuration_are_shown_one_a_line(void **state)
{
	(void)state;
	view_is("configure commit",
		"{\"state\":\"committed\",\"confirm_within_s\":60,\"changes\":["
		"{\"path\":\"dscp\",\"from\":null,\"to\":\"46\",\"needs_restart\":false}]}",
		"committed, 1 change\n  dscp: (default) -> 46\n"
		"to be confirmed within 60 s, or it is undone\n");
	view_is("configure commit",
		"{\"state\":\"needs-restart\",\"confirm_within_s\":0,\"changes\":["
		"{\"path\":\"gateway-id\",\"from\":\"1\",\"to\":\"2\",\"needs_restart\":true}]}",
		"nothing was changed: what is marked needs a restart of the control plane, "
		"which costs no call\n  gateway-id: 1 -> 2  [needs a restart]\n");
	view_is("configure confirm", "null", "");
}

static void other_answers_are_fields(void **state)
{
	(void)state;
	view_is("show status", "{\"dataplane\":true,\"store\":\"in order\"}",
		"dataplane: yes\nstore: in order\n");
	view_is("show status",
		"{\"domains\":[\"a.com\",\"b.com\"],\"cdr\":null,\"sas\":7,"
		"\"tcp\":{\"open\":1,\"late\":0},\"more\":[]}",
		"domains: a.com, b.com\ncdr: -\nsas: 7\ntcp: open 1, late 0\nmore: -\n");
	setenv("TZ", "UTC", 1);
	view_is("show store", "{\"since_s\":1795811365,\"last_failure\":\"\"}",
		"since_s: 2026-11-27 20:29:25\nlast_failure: -\n");
	view_is("policy delete", "null", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_tables_or_a_sentence),
		cmocka_unit_test(ports_say_how_packets_come_to_workers_within_120_columns),
		cmocka_unit_test(drops_that_did_not_happen_are_not_shown),
		cmocka_unit_test(counters_that_stand_at_nothing_are_not_shown),
		cmocka_unit_test(rules_are_listed_with_their_hours_and_rates),
		cmocka_unit_test(verdict_is_explained_a_sentence_a_line),
		cmocka_unit_test(changes_of_the_configuration_are_shown_one_a_line),
		cmocka_unit_test(other_answers_are_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
