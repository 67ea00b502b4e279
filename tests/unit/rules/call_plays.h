/* What messages of the example call come by, as plays in its world. */
#ifndef SEKISHO_TESTS_UNIT_RULES_CALL_PLAYS_H
#define SEKISHO_TESTS_UNIT_RULES_CALL_PLAYS_H

#include "tests/unit/rules/call_world.h"

/* 1.1: hops 1 to 3. */
void call_play_invite(struct call_world *world);

/* 1.2 and its kin: a response of terminal 2 to the INVITE, hops 4 to 6. */
void call_play_invite_answer(struct call_world *world, const char *start, const char *more);

/* 1.1 to 1.4: from INVITE to ACK. */
void call_play_set_up(struct call_world *world);

/* 3.1 and 3.2 */
void call_play_cancel(struct call_world *world);

/* 3.4 */
void call_play_refusal_ack(struct call_world *world);

#endif
