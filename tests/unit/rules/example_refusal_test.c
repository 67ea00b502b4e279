/* Calls as the example refuses them, and that nobody learns whom there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/event_taken.h"
#include "tests/unit/rules/call_lines.h"
#include "tests/unit/rules/call_plays.h"

static void from_of_another_terminal_is_refused_and_its_ack_absorbed(void **state)
{
	struct call_world *world = *state;
	struct contract_event event;

	call_terminal_sends(world, 1, "INVITE sip:user-b@xyz.com SIP/2.0\n", VIA_T(1) RS_1 MF(70),
			    LINES("user-c@abc.com", "user-b@xyz.com>", "1 INVITE") CONTACT_1);
	call_expect(world, 6, "SIP/2.0 403 Forbidden\n", VIA_TS(1) RS_1,
		    LINES("user-c@abc.com", "user-b@xyz.com>;tag=<tagA>", "1 INVITE"));
	call_terminal_sends(world, 1, "ACK sip:user-b@xyz.com SIP/2.0\n", VIA_T(1) RS_1 MF(70),
			    LINES("user-c@abc.com", "user-b@xyz.com>;tag=<tagA>", "1 ACK"));
	call_expect_absorbed(world);
	assert_true(event_taken(world->a->events, &event));
	assert_int_equal(event.kind, CONTRACT_EVENT_SENDER_MISMATCH);
	assert_string_equal(event.claimed, "sip:user-c@abc.com");
	assert_false(event_taken(world->a->events, &event));
}

/* 6.1 and 6.2 for one callee; the 404 as terminal 1 gets it is left in world->result. */
#define DENIED_AT_B(callee)                                                                        \
	do {                                                                                       \
		static const char denied_start[] = "INVITE sip:" callee " SIP/2.0\n";              \
		static const char denied_common[] =                                                \
			LINES("user-a@abc.com", callee ">", "1 INVITE") CONTACT_1;                 \
		static const char tagged[] =                                                       \
			LINES("user-a@abc.com", callee ">;tag=<tagB>", "1 INVITE");                \
                                                                                                   \
		call_terminal_sends(world, 1, denied_start, VIA_T(1) RS_1 MF(70), denied_common);  \
		call_expect(world, 2, denied_start,                                                \
			    VIA_A(1, "INVITE") VIA_TS(1) RR_A RS_A RS_1 MF(69), denied_common);    \
		call_pass_on(world);                                                               \
		call_expect(world, 5, "SIP/2.0 404 Not Found\n",                                   \
			    VIA_A(1, "INVITE") VIA_TS(1) RS_A RS_1, tagged);                       \
		call_pass_on(world);                                                               \
		call_expect(world, 6, "SIP/2.0 404 Not Found\n", VIA_TS(1) RS_A RS_1, tagged);     \
	} while (0)

static void denied_callee_at_gateway_b_is_not_found_and_the_ack_absorbed_there(void **state)
{
	static const char start[] = "ACK sip:user-d@xyz.com SIP/2.0\n";
	static const char common[] = LINES("user-a@abc.com", "user-d@xyz.com>;tag=<tagB>", "1 ACK");
	struct call_world *world = *state;

	DENIED_AT_B("user-d@xyz.com");
	call_terminal_sends(world, 1, start, VIA_T(1) RS_1 MF(70), common);
	call_expect(world, 2, start, VIA_A(1, "ACK") VIA_TS(1) RS_A RS_1 MF(69), common);
	call_pass_on(world);
	call_expect_absorbed(world);
}

/* The result with the value of its To tag and the callee's letter blotted out. */
static size_t blotted(const struct call_world *world, char letter, char *out)
{
	const char *tag = opaque_value(&world->names, "tagB", 4);
	size_t tag_length = strlen(tag), length = 0;

	for (size_t i = 0; i < world->result.length; i++) {
		const char *at = world->result.bytes + i;

		if (world->result.length - i >= tag_length && memcmp(at, tag, tag_length) == 0) {
			out[length++] = '#';
			i += tag_length - 1;
		} else if (i > 5 && *at == letter && memcmp(at - 5, "user-", 5) == 0) {
			out[length++] = '?';
		} else {
			out[length++] = *at;
		}
	}
	return length;
}

static void denied_and_unknown_callee_differ_in_the_tag_only(void **state)
{
	char denied[KIT_MESSAGE_BYTES], unknown[KIT_MESSAGE_BYTES];
	struct call_world *world = *state;
	size_t denied_length, unknown_length;

	DENIED_AT_B("user-d@xyz.com");
	denied_length = blotted(world, 'd', denied);
	memset(&world->names, 0, sizeof(world->names));
	DENIED_AT_B("user-x@xyz.com");
	unknown_length = blotted(world, 'x', unknown);
	assert_int_equal(denied_length, unknown_length);
	assert_memory_equal(denied, unknown, denied_length);
}

#define DENIED_AT_A(callee)                                                                        \
	do {                                                                                       \
		call_terminal_sends(world, 1, "INVITE sip:" callee " SIP/2.0\n",                   \
				    VIA_T(1) RS_1 MF(70),                                          \
				    LINES("user-a@abc.com", callee ">", "1 INVITE") CONTACT_1);    \
		call_expect(world, 6, "SIP/2.0 404 Not Found\n", VIA_TS(1) RS_1,                   \
			    LINES("user-a@abc.com", callee ">;tag=<tagA>", "1 INVITE"));           \
		call_terminal_sends(world, 1, "ACK sip:" callee " SIP/2.0\n",                      \
				    VIA_T(1) RS_1 MF(70),                                          \
				    LINES("user-a@abc.com", callee ">;tag=<tagA>", "1 ACK"));      \
		call_expect_absorbed(world);                                                       \
		memset(&world->names, 0, sizeof(world->names));                                    \
	} while (0)

static void denied_unknown_and_unreachable_at_gateway_a_are_not_found(void **state)
{
	struct call_world *world = *state;

	DENIED_AT_A("user-d@abc.com");
	DENIED_AT_A("user-x@abc.com");
	DENIED_AT_A("user-z@nowhere.example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(from_of_another_terminal_is_refused_and_its_ack_absorbed),
		CALL_TEST(denied_callee_at_gateway_b_is_not_found_and_the_ack_absorbed_there),
		CALL_TEST(denied_and_unknown_callee_differ_in_the_tag_only),
		CALL_TEST(denied_unknown_and_unreachable_at_gateway_a_are_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
