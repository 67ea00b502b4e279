/* controlplane/peers/peer_connection.c: of two one stays, and what is left when it ends. */
#include "tests/unit/peers/peers_kit.h"

#include <signal.h>
#include <string.h>

/* A link that stands is not shown with an error: of the connection too many, say. */
static void assert_shows_no_error(const struct side *side)
{
	json_t *shown = peers_show(side->peers);
	json_t *peer = json_array_get(shown, 0);

	assert_string_equal(json_string_value(json_object_get(peer, "state")), "up");
	assert_string_equal(json_string_value(json_object_get(peer, "last_error")), "");
	json_decref(shown);
}

static void of_two_simultaneous_connections_one_stays(void **state)
{
	struct fixture *f = *state;

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, true, 1);
	assert_true(both_have(f, 1, 1));
	run_for_ms(f, 300);
	assert_keys_meet(&f->a, &f->b);
	assert_keys_meet(&f->b, &f->a);
	assert_shows_no_error(&f->a);
	assert_shows_no_error(&f->b);
}

static void losing_tls_leaves_the_sas(void **state)
{
	struct fixture *f = *state;

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(both_have(f, 1, 1));
	peers_destroy(f->a.peers);
	f->a.peers = NULL;
	run_for_ms(f, 200);
	assert_int_equal(f->b.plane.peer.sa_out_count, 1);
	assert_int_equal(f->b.plane.deleted, 0);
	assert_keys_meet(&f->a, &f->b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(of_two_simultaneous_connections_one_stays),
		PEERS_TEST(losing_tls_leaves_the_sas),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
