/* controlplane/peers/peers.c: two gateways: who is let in, what keys both ends come to, what is left when a connection ends. */
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

static void a_certificate_of_another_ca_is_refused(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->a, "other/abc.com", "ca.pem");
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_int_equal(f->b.plane.next_index, 1);
	assert_non_null(strstr(f->b.plane.said,
			       "from 127.0.0.2 ended before it was known whose it is: its "
			       "certificate was refused: unable to get local issuer certificate"));
	assert_non_null(strstr(f->a.plane.said, "no TLS handshake: tlsv1 alert unknown ca"));
}

static void a_certificate_of_another_domain_is_refused(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->a, "xyz.com", "ca.pem");
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_int_equal(f->b.plane.next_index, 1);
	assert_non_null(strstr(f->b.plane.said, "it has our own certificate"));
}

static void a_certificate_of_the_same_ca_for_another_name_is_refused_as_that(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->a, "elsewhere.com", "ca.pem");
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_int_equal(f->b.plane.next_index, 1);
	assert_non_null(strstr(f->b.plane.said, "hostname mismatch"));
}

static void who_says_a_domain_that_is_nobodys_is_refused_as_that(void **state)
{
	struct fixture *f = *state;

	side_start(f, &f->a, "elsewhere.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_non_null(strstr(f->b.plane.said, "a domain of which no peer is"));
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
		PEERS_TEST(of_two_simultaneous_connections_one_stays),
		PEERS_TEST(a_new_epoch_has_other_keys_and_other_spis),
		PEERS_TEST(one_peer_is_rekeyed_by_its_name),
		PEERS_TEST(who_did_not_open_the_link_can_rekey_it_too),
		PEERS_TEST(a_certificate_of_another_ca_is_refused),
		PEERS_TEST(a_certificate_of_another_domain_is_refused),
		PEERS_TEST(a_certificate_of_the_same_ca_for_another_name_is_refused_as_that),
		PEERS_TEST(who_says_a_domain_that_is_nobodys_is_refused_as_that),
		PEERS_TEST(losing_tls_leaves_the_sas),
		PEERS_TEST(sas_the_data_plane_refuses_are_not_sent_on),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
