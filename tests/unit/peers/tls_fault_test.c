/* controlplane/peers/tls_fault.c: what `show peers` has as the last error, over real TLS. */
#include "tests/unit/peers/peers_kit.h"

#include <signal.h>
#include <string.h>

/* What a side's `show peers` has to say of its peer. */
struct shown {
	const struct side *side;
	const char *state, *last_error;
};

static bool is_shown(void *arg)
{
	const struct shown *shown = arg;
	json_t *list = peers_show(shown->side->peers), *peer = json_array_get(list, 0);
	bool is_so = strcmp(json_string_value(json_object_get(peer, "state")), shown->state) == 0 &&
		     strcmp(json_string_value(json_object_get(peer, "last_error")),
			    shown->last_error) == 0;

	json_decref(list);
	return is_so;
}

static void assert_comes_to_show(struct fixture *f, const struct side *side, const char *state,
				 const char *last_error)
{
	struct shown shown = {side, state, last_error};

	assert_true(run_until(f, is_shown, &shown));
}

static void why_a_peer_is_not_there_is_shown_until_it_is(void **state)
{
	struct fixture *f = *state;

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	assert_comes_to_show(f, &f->a, "down", "no connection: Connection refused");
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_comes_to_show(f, &f->a, "up", "");
	assert_true(both_have(f, 1, 1));
	peers_destroy(f->b.peers);
	f->b.peers = NULL;
	assert_comes_to_show(f, &f->a, "tls-down", "the connection broke");
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_comes_to_show(f, &f->a, "up", "");
}

static void what_is_wrong_with_the_certificate_of_a_peer_is_shown(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->b, "other/abc.com", "other.pem");
	side_start(f, &f->b, "abc.com", 3, "xyz.com", 2, false, 1);
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	assert_comes_to_show(f, &f->a, "down",
			     "its certificate was refused: self-signed certificate in certificate "
			     "chain");
}

static void a_trunk_shows_it_too(void **state)
{
	struct fixture *f = *state;

	f->a.transport = PEER_SIP_TLS;
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	assert_comes_to_show(f, &f->a, "down", "no connection: Connection refused");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(why_a_peer_is_not_there_is_shown_until_it_is),
		PEERS_TEST(what_is_wrong_with_the_certificate_of_a_peer_is_shown),
		PEERS_TEST(a_trunk_shows_it_too),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
