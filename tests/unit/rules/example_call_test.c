/* The example call and how it may end (tests/unit/rules/call_world.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/rules/call_lines.h"
#include "tests/unit/rules/call_plays.h"

static void call_is_set_up_and_ended_by_terminal_1(void **state)
{
	static const char start[] = "BYE sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n";
	static const char common[] = A_TO_B_TAGGED("2 BYE");
	static const char answer[] = RS_B RS_A RS_1 A_TO_B_TAGGED("2 BYE");
	struct call_world *world = *state;

	call_play_set_up(world);
	call_terminal_sends(world, 1, start, VIA_T(3) R_A R_B RS_1 MF(70), common);
	call_expect(world, 2, start, VIA_A(3, "BYE") VIA_TS(3) R_B RS_A RS_1 MF(69), common);
	call_pass_on(world);
	call_expect(world, 3, start,
		    VIA_B(3, "BYE") VIA_A(3, "BYE") VIA_TS(3) RS_B RS_A RS_1 MF(68), common);
	call_terminal_sends(world, 4, "SIP/2.0 200 OK\n", VIA_B(3, "BYE") VIA_A(3, "BYE") VIA_TS(3),
			    answer);
	call_expect(world, 5, "SIP/2.0 200 OK\n", VIA_A(3, "BYE") VIA_TS(3), answer);
	call_pass_on(world);
	call_expect(world, 6, "SIP/2.0 200 OK\n", VIA_TS(3), answer);
}

#define BACK_LINES                                                                                 \
	"From: <sip:user-b@xyz.com>;tag=<b>\nTo: <sip:user-a@abc.com>;tag=<a>\n"                   \
	"Call-ID: <call>\nCSeq: 1 BYE\n"

static void call_is_ended_by_terminal_2(void **state)
{
	static const char start[] = "BYE sip:user-a@[2001:1234::10]:5060 SIP/2.0\n";
	static const char answer[] = RS_A RS_B RS_2 BACK_LINES;
	struct call_world *world = *state;

	call_play_set_up(world);
	call_terminal_sends(world, 4, start, VIA_U(1) R_B R_A RS_2 MF(70), BACK_LINES);
	call_expect(world, 5, start, VIA_B(4, "BYE2") VIA_US(1) R_A RS_B RS_2 MF(69), BACK_LINES);
	call_pass_on(world);
	call_expect(world, 6, start,
		    VIA_A(4, "BYE2") VIA_B(4, "BYE2") VIA_US(1) RS_A RS_B RS_2 MF(68), BACK_LINES);
	call_terminal_sends(world, 1, "SIP/2.0 200 OK\n",
			    VIA_A(4, "BYE2") VIA_B(4, "BYE2") VIA_US(1), answer);
	call_expect(world, 2, "SIP/2.0 200 OK\n", VIA_B(4, "BYE2") VIA_US(1), answer);
	call_pass_on(world);
	call_expect(world, 3, "SIP/2.0 200 OK\n", VIA_US(1), answer);
}

static void cancel_follows_its_invite_and_the_487_is_acked(void **state)
{
	struct call_world *world = *state;

	call_play_invite(world);
	call_play_invite_answer(world, "SIP/2.0 180 Ringing\n", RR_B RR_A CONTACT_2);
	call_play_cancel(world);
	call_play_invite_answer(world, "SIP/2.0 487 Request Terminated\n", "");
	call_play_refusal_ack(world);
}

static void busy_486_is_passed_and_acked(void **state)
{
	struct call_world *world = *state;

	call_play_invite(world);
	call_play_invite_answer(world, "SIP/2.0 486 Busy Here\n", "");
	call_play_refusal_ack(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(call_is_set_up_and_ended_by_terminal_1),
		CALL_TEST(call_is_ended_by_terminal_2),
		CALL_TEST(cancel_follows_its_invite_and_the_487_is_acked),
		CALL_TEST(busy_486_is_passed_and_acked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
