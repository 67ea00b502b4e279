/* controlplane/peers/peer_epochs.c and link_epochs.c: each epoch has keys of its own. */
#include "tests/unit/peers/peers_kit.h"

#include <signal.h>

static void a_new_epoch_has_other_keys_and_other_spis(void **state)
{
	struct fixture *f = *state;
	uint32_t begun;

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(both_have(f, 1, 1));
	struct contract_sa before = f->a.plane.sa[f->a.plane.peer.sa_out[0]];

	assert_int_equal(peers_rekey(f->a.peers, NULL, &begun), RESULT_OK);
	assert_int_equal(begun, 1);
	run_for_ms(f, 300);
	struct contract_sa after = f->a.plane.sa[f->a.plane.peer.sa_out[0]];

	assert_int_not_equal(before.index, after.index);
	assert_int_not_equal(before.spi_out, after.spi_out);
	assert_memory_not_equal(before.key_out, after.key_out, 20);
	assert_keys_meet(&f->a, &f->b);
	assert_keys_meet(&f->b, &f->a);
	/* What is on its way under the old keys is still received. */
	assert_int_equal(f->b.plane.sa[before.spi_out & 0xffffff].directions, CONTRACT_SA_IN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(a_new_epoch_has_other_keys_and_other_spis),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
