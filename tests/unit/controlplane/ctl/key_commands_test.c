/* controlplane/ctl/key_commands.c */
#include "tests/unit/controlplane/ctl/asked.h"

static void keys_are_rotated_by_hand(void **state)
{
	struct asked *a = *state;

	gatewayed_serve(a->g);
	a->g->told.count = 0;
	ask_result(a, "{\"command\":\"key rotate\"}", "");
	gatewayed_serve(a->g);
	assert_int_equal(told_count(&a->g->told, CONTRACT_KEY_PUT), 4);
}

static void peers_are_rekeyed_once_there_are_any(void **state)
{
	struct asked *a = *state;

	ask_in_vain(a, "{\"command\":\"peer rekey\"}");
	gatewayed_serve(a->g);
	ask_result(a, "{\"command\":\"peer rekey\"}", "{\"links\":0}");
}

static void peer_to_be_rekeyed_is_one_there_is(void **state)
{
	struct asked *a = *state;

	gatewayed_serve(a->g);
	ask_error(a, "{\"command\":\"peer rekey\",\"name\":\"nobody.com\"}",
		  "there is no peer and no gateway \"nobody.com\"");
	ask_error(a, "{\"command\":\"peer rekey\",\"name\":7}",
		  "\"name\" must be a text of 1 to 253 bytes");
}

static void terms_tell_what_a_verifier_is_made_with(void **state)
{
	ask_result(*state, "{\"command\":\"terms\"}", "{\"iterations\":4096,\"realm\":\"abc.com\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASKED_TEST(keys_are_rotated_by_hand),
		ASKED_TEST(peers_are_rekeyed_once_there_are_any),
		ASKED_TEST(peer_to_be_rekeyed_is_one_there_is),
		ASKED_TEST(terms_tell_what_a_verifier_is_made_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
