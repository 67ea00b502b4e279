/* controlplane/peers/peers_sas.c: fresh keys when an SA is spent, or when they are asked for. */
#include "tests/unit/peers/peers_kit.h"

#include <signal.h>

/* Both sides run and are linked; a works with two threads. */
static void both_start(struct fixture *f)
{
	f->a.soft_packets = f->b.soft_packets = 1000;
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 2);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(both_have(f, 2, 1));
}

static json_int_t epoch_of(const struct side *side)
{
	json_t *list = peers_show(side->peers);
	json_int_t epoch = json_integer_value(json_object_get(json_array_get(list, 0), "epoch"));

	json_decref(list);
	return epoch;
}

static bool are_in_third_epoch(void *arg)
{
	const struct fixture *f = arg;

	return epoch_of(&f->a) == 3 && epoch_of(&f->b) == 3;
}

static bool are_in_second_epoch(void *arg)
{
	const struct fixture *f = arg;

	return epoch_of(&f->a) == 2 && epoch_of(&f->b) == 2;
}

/* a opened the connection and offers; b asks it to. */
static void either_side_gets_fresh_keys_when_an_sa_is_half_spent(void **state)
{
	struct fixture *f = *state;
	uint32_t sa;

	both_start(f);
	sa = f->a.plane.peer.sa_out[1];
	assert_int_equal(f->a.plane.sa[sa].hard_packets, 2000);
	peers_sa_half_spent(f->a.peers, sa, f->a.plane.sa[sa].generation);
	assert_true(run_until(f, are_in_second_epoch, f));
	assert_keys_meet(&f->a, &f->b);
	/* the old one, which is received for a while, is nothing to renew */
	peers_sa_half_spent(f->a.peers, sa, f->a.plane.sa[sa].generation);
	for (int i = 0; i < 30; i++) /* nobody is heard more often than every two seconds */
		run_for_ms(f, 100);
	sa = f->b.plane.peer.sa_out[0];
	peers_sa_half_spent(f->b.peers, sa, f->b.plane.sa[sa].generation);
	assert_true(run_until(f, are_in_third_epoch, f));
	assert_keys_meet(&f->a, &f->b);
	assert_int_equal(f->a.plane.peer.sa_out_count, 2);
}

static void an_sa_that_is_spent_takes_its_epoch_along_and_a_new_one_comes(void **state)
{
	struct fixture *f = *state;
	uint32_t sa;

	both_start(f);
	sa = f->a.plane.peer.sa_out[0];
	peers_sa_gone(f->a.peers, sa, (uint8_t)(f->a.plane.sa[sa].generation + 1));
	assert_int_equal(f->a.plane.peer.sa_out_count, 2);
	peers_sa_gone(f->a.peers, sa, f->a.plane.sa[sa].generation);
	assert_int_equal(f->a.plane.peer.sa_out_count, 0);
	assert_true(run_until(f, are_in_second_epoch, f));
	assert_int_equal(f->a.plane.peer.sa_out_count, 2);
	assert_keys_meet(&f->a, &f->b);
}

/* A side, and the SA it sent on. */
struct keyed {
	const struct plane *plane;
	uint32_t index;
};

static bool has_another_sa(void *arg)
{
	const struct keyed *keyed = arg;

	return keyed->plane->peer.sa_out[0] != keyed->index;
}

static void one_peer_is_rekeyed_by_its_name(void **state)
{
	struct fixture *f = *state;
	struct keyed before = {.plane = &f->a.plane};
	uint32_t begun;

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	assert_int_equal(peers_rekey(f->a.peers, "xyz.com", &begun), RESULT_OK);
	assert_int_equal(begun, 0); /* nobody is there yet */
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(both_have(f, 1, 1));
	before.index = f->a.plane.peer.sa_out[0];
	assert_int_equal(peers_rekey(f->a.peers, "abc.com", &begun), RESULT_NOT_FOUND);
	run_for_ms(f, 100);
	assert_false(has_another_sa(&before));
	assert_int_equal(peers_rekey(f->a.peers, "XYZ.com", &begun), RESULT_OK);
	assert_int_equal(begun, 1);
	assert_true(run_until(f, has_another_sa, &before));
	assert_keys_meet(&f->a, &f->b);
}

/* It may only ask, and is not heard more often than every other second. */
static void who_did_not_open_the_link_can_rekey_it_too(void **state)
{
	struct fixture *f = *state;
	struct keyed before = {.plane = &f->b.plane};
	uint32_t begun;
	bool has_come = false;

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(both_have(f, 1, 1));
	before.index = f->b.plane.peer.sa_out[0];
	for (int i = 0; i < 20 && !has_come; i++) {
		assert_int_equal(peers_rekey(f->b.peers, "abc.com", &begun), RESULT_OK);
		assert_int_equal(begun, 1);
		run_for_ms(f, 500);
		has_come = has_another_sa(&before);
	}
	assert_true(has_come);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(either_side_gets_fresh_keys_when_an_sa_is_half_spent),
		PEERS_TEST(an_sa_that_is_spent_takes_its_epoch_along_and_a_new_one_comes),
		PEERS_TEST(one_peer_is_rekeyed_by_its_name),
		PEERS_TEST(who_did_not_open_the_link_can_rekey_it_too),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
