/* The example call while the gateways' keys rotate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/rules/call_lines.h"
#include "tests/unit/rules/call_plays.h"

static void keys_rotate(struct call_world *world)
{
	world->a->now_ms += 60000;
	world->b->now_ms += 60000;
	for (uint8_t purpose = CONTRACT_KEY_SK; purpose <= CONTRACT_KEY_TOKEN; purpose++) {
		gateway_kit_key(world->a, purpose, 2);
		gateway_kit_key(world->b, purpose, 2);
	}
}

static void retransmission_after_rotation_differs_in_sk_and_token_only(void **state)
{
	static const char *const renewed[] = {"skA-INVITE", "skB-INVITE", "tokenA", "tokenB"};
	struct call_world *world = *state;

	call_play_invite(world);
	keys_rotate(world);
	for (unsigned i = 0; i < 4; i++)
		opaque_forget(&world->names, renewed[i]);
	call_play_invite(world);
}

static void cancel_after_rotation_has_the_branch_of_its_invite(void **state)
{
	struct call_world *world = *state;

	call_play_invite(world);
	keys_rotate(world);
	call_play_cancel(world);
	call_play_invite_answer(world, "SIP/2.0 487 Request Terminated\n", "");
	call_play_refusal_ack(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(retransmission_after_rotation_differs_in_sk_and_token_only),
		CALL_TEST(cancel_after_rotation_has_the_branch_of_its_invite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
