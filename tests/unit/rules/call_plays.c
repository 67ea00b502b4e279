#include "tests/unit/rules/call_plays.h"

#include <stdio.h>

#include "tests/unit/rules/call_lines.h"

void call_play_invite(struct call_world *world)
{
	static const char start[] = "INVITE sip:user-b@xyz.com SIP/2.0\n";
	static const char common[] = A_TO_B("1 INVITE") CONTACT_1;

	call_terminal_sends(world, 1, start, VIA_T(1) RS_1 MF(70), common);
	call_expect(world, 2, start, VIA_A(1, "INVITE") VIA_TS(1) RR_A RS_A RS_1 MF(69), common);
	call_pass_on(world);
	call_expect(world, 3, "INVITE sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n",
		    VIA_B(1, "INVITE") VIA_A(1, "INVITE") VIA_TS(1) RR_B RR_A RS_B RS_A RS_1 MF(68),
		    common);
}

void call_play_invite_answer(struct call_world *world, const char *start, const char *more)
{
	char common[2048];

	snprintf(common, sizeof(common), "%s%s", RS_B RS_A RS_1 A_TO_B_TAGGED("1 INVITE"), more);
	call_terminal_sends(world, 4, start, VIA_B(1, "INVITE") VIA_A(1, "INVITE") VIA_TS(1),
			    common);
	call_expect(world, 5, start, VIA_A(1, "INVITE") VIA_TS(1), common);
	call_pass_on(world);
	call_expect(world, 6, start, VIA_TS(1), common);
}

/* 1.4 */
static void call_play_ack(struct call_world *world)
{
	static const char start[] = "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n";
	static const char common[] = A_TO_B_TAGGED("1 ACK");

	call_terminal_sends(world, 1, start, VIA_T(2) R_A R_B RS_1 MF(70), common);
	call_expect(world, 2, start, VIA_A(2, "ACK") VIA_TS(2) R_B RS_A RS_1 MF(69), common);
	call_pass_on(world);
	call_expect(world, 3, start,
		    VIA_B(2, "ACK") VIA_A(2, "ACK") VIA_TS(2) RS_B RS_A RS_1 MF(68), common);
}

void call_play_set_up(struct call_world *world)
{
	call_play_invite(world);
	call_play_invite_answer(world, "SIP/2.0 180 Ringing\n", RR_B RR_A CONTACT_2);
	call_play_invite_answer(world, "SIP/2.0 200 OK\n", RR_B RR_A CONTACT_2);
	call_play_ack(world);
}

void call_play_cancel(struct call_world *world)
{
	static const char start[] = "CANCEL sip:user-b@xyz.com SIP/2.0\n";
	static const char common[] = A_TO_B("1 CANCEL");
	static const char answer[] = RS_B RS_A RS_1 A_TO_B_TAGGED("1 CANCEL");

	call_terminal_sends(world, 1, start, VIA_T(1) RS_1 MF(70), common);
	call_expect(world, 2, start, VIA_A(1, "CANCEL") VIA_TS(1) RS_A RS_1 MF(69), common);
	call_pass_on(world);
	call_expect(world, 3, "CANCEL sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n",
		    VIA_B(1, "CANCEL") VIA_A(1, "CANCEL") VIA_TS(1) RS_B RS_A RS_1 MF(68), common);
	call_terminal_sends(world, 4, "SIP/2.0 200 OK\n",
			    VIA_B(1, "CANCEL") VIA_A(1, "CANCEL") VIA_TS(1), answer);
	call_expect(world, 5, "SIP/2.0 200 OK\n", VIA_A(1, "CANCEL") VIA_TS(1), answer);
	call_pass_on(world);
	call_expect(world, 6, "SIP/2.0 200 OK\n", VIA_TS(1), answer);
}

void call_play_refusal_ack(struct call_world *world)
{
	static const char start[] = "ACK sip:user-b@xyz.com SIP/2.0\n";
	static const char common[] = A_TO_B_TAGGED("1 ACK");

	call_terminal_sends(world, 1, start, VIA_T(1) RS_1 MF(70), common);
	call_expect(world, 2, start, VIA_A(1, "ACK") VIA_TS(1) RS_A RS_1 MF(69), common);
	call_pass_on(world);
	call_expect(world, 3, "ACK sip:user-b@[2001:cdef::10]:5060 SIP/2.0\n",
		    VIA_B(1, "ACK") VIA_A(1, "ACK") VIA_TS(1) RS_B RS_A RS_1 MF(68), common);
}
