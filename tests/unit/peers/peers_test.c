/* controlplane/peers/peers.c and link.c: what keys two gateways come to. */
#include "tests/unit/peers/peers_kit.h"

#include <signal.h>
#include <string.h>

static void each_worker_gets_an_sa_of_its_own_with_the_same_key_at_both_ends(void **state)
{
	struct fixture *f = *state;

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 3);
	assert_true(both_have(f, 1, 3));
	assert_keys_meet(&f->a, &f->b);
	assert_keys_meet(&f->b, &f->a);
	assert_memory_not_equal(f->b.plane.sa[f->b.plane.peer.sa_out[0]].key_out,
				f->b.plane.sa[f->b.plane.peer.sa_out[1]].key_out, 20);
}

static void sas_the_data_plane_refuses_are_not_sent_on(void **state)
{
	struct fixture *f = *state;

	f->b.plane.answer = RESULT_SPACE;
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_int_equal(f->a.plane.peer.sa_out_count, 0);
	assert_int_equal(f->b.plane.peer.sa_out_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(each_worker_gets_an_sa_of_its_own_with_the_same_key_at_both_ends),
		PEERS_TEST(sas_the_data_plane_refuses_are_not_sent_on),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
