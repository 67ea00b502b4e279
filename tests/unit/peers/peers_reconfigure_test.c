/* controlplane/peers/peers_reconfigure.c: peers and their certificates are changed while they run. */
#include "tests/unit/peers/peers_kit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both sides run and are linked. */
static void both_start(struct fixture *f)
{
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(both_have(f, 1, 1));
}

/* Takes side's configuration as it is now. */
static enum result reconfigured(struct side *side)
{
	struct peers_plan *plan = NULL;
	char message[256];
	enum result result =
		peers_plan_create(side->peers, &side->config, message, sizeof(message), &plan);

	if (result == RESULT_OK)
		peers_plan_apply(side->peers, plan);
	else
		print_message("  %s\n", message);
	return result;
}

/* The value of a number in what is shown of the peer at this place. */
static json_int_t shown_number(const struct side *side, size_t place, const char *key)
{
	json_t *list = peers_show(side->peers);
	json_int_t value = json_integer_value(json_object_get(json_array_get(list, place), key));

	json_decref(list);
	return value;
}

static void a_changed_peer_keeps_its_connection_and_its_sas(void **state)
{
	struct fixture *f = *state;

	both_start(f);
	f->a.peer[0].is_trusted = true;
	f->a.peer[0].domain[1] = "sub.xyz.com";
	f->a.peer[0].domain_count = 2;
	assert_int_equal(reconfigured(&f->a), RESULT_OK);
	assert_true(f->a.plane.peer.is_trusted);
	assert_string_equal(f->a.plane.peer.domain[1], "sub.xyz.com");
	assert_int_equal(f->a.plane.peer.sa_out_count, 1);
	assert_int_equal(f->a.plane.deleted, 0);
	run_for_ms(f, 100);
	assert_true(both_have(f, 1, 1));
	assert_keys_meet(&f->a, &f->b);
}

static void a_peer_keeps_its_index_whatever_stands_before_it(void **state)
{
	struct fixture *f = *state;

	both_start(f);
	f->a.peer[1] = f->a.peer[0];
	f->a.peer[0].name = "new.com";
	f->a.peer[0].domain[0] = "new.com";
	f->a.peer[0].connect.family = 0;
	f->a.config.peer_count = 2;
	assert_int_equal(reconfigured(&f->a), RESULT_OK);
	assert_string_equal(peers_name(f->a.peers, 1), "xyz.com");
	assert_string_equal(peers_name(f->a.peers, 2), "new.com");
	assert_int_equal(f->a.plane.deleted, 0);
	assert_int_equal(shown_number(&f->a, 0, "sas_out"), 1);
}

static void a_peer_that_is_gone_takes_its_sas_with_it(void **state)
{
	struct fixture *f = *state;

	both_start(f);
	f->a.config.peer_count = 0;
	assert_int_equal(reconfigured(&f->a), RESULT_OK);
	assert_int_equal(f->a.plane.deleted, 2);
	assert_int_equal(f->a.plane.peers_deleted, 1);
	assert_null(peers_name(f->a.peers, 1));
	f->a.config.peer_count = 1;
	assert_int_equal(reconfigured(&f->a), RESULT_OK);
	assert_true(both_have(f, 1, 1));
}

static void a_peer_that_is_reached_in_another_way_is_begun_anew(void **state)
{
	struct fixture *f = *state;

	both_start(f);
	f->a.peer[0].address[0].port = 5062;
	assert_int_equal(reconfigured(&f->a), RESULT_OK);
	assert_int_equal(f->a.plane.deleted, 2);
	assert_int_equal(f->a.plane.peer.sa_out_count, 0);
	assert_true(both_have(f, 1, 1));
	run_for_ms(f, 100);
	assert_keys_meet(&f->a, &f->b);
}

/* New files under the names that are in use. */
static void certificates_renew(const struct fixture *f, const char *domain, const char *from)
{
	char command[512];

	snprintf(command, sizeof(command), "cp %s/%s/%s.pem %s/%s/%s.key %s/", f->directory, from,
		 domain, f->directory, from, domain, f->directory);
	assert_int_equal(system(command), 0);
}

static void a_new_certificate_is_used_for_new_connections_and_sas_stay(void **state)
{
	struct fixture *f = *state;
	char command[512];

	both_start(f);
	snprintf(command, sizeof(command),
		 "mkdir %s/next && cp %s/ca.* %s/next/ && %s/scripts/make-certificates %s/next "
		 "abc.com",
		 f->directory, f->directory, f->directory, getenv("SOURCE_ROOT"), f->directory);
	assert_int_equal(system(command), 0);
	certificates_renew(f, "abc.com", "next");
	assert_int_equal(reconfigured(&f->a), RESULT_OK);
	run_for_ms(f, 100);
	assert_int_equal(f->a.plane.deleted, 0);
	assert_true(both_have(f, 1, 1));
	/* The other side has lost the connection: the next one is by the new certificate. */
	peers_destroy(f->b.peers);
	f->b.peers = NULL;
	memset(&f->b.plane, 0, sizeof(f->b.plane));
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(both_have(f, 1, 1));
	run_for_ms(f, 100);
	assert_keys_meet(&f->a, &f->b);
}

static void what_cannot_be_used_changes_nothing(void **state)
{
	struct fixture *f = *state;
	uint32_t begun;

	both_start(f);
	/* Another CA's key beside our certificate. */
	f->a.peer[0].is_trusted = true;
	f->a.config.key_file = f->b.key;
	assert_int_equal(reconfigured(&f->a), RESULT_BAD);
	assert_false(f->a.plane.peer.is_trusted);
	f->a.config.key_file = f->a.key;
	f->a.peer[0].ca_file = f->a.key;
	assert_int_equal(reconfigured(&f->a), RESULT_BAD);
	assert_int_equal(f->a.plane.deleted, 0);
	assert_int_equal(f->a.plane.peer.sa_out_count, 1);
	assert_int_equal(peers_rekey(f->a.peers, NULL, &begun), RESULT_OK);
	run_for_ms(f, 200);
	assert_keys_meet(&f->a, &f->b);
}

static void an_sa_of_another_index_is_not_adopted(void **state)
{
	struct fixture *f = *state;
	struct contract_sa sa = {.index = 9,
				 .generation = 1,
				 .directions = CONTRACT_SA_IN,
				 .owner_kind = CONTRACT_OWNER_PEER,
				 .owner_index = 2,
				 .subscriber = "xyz.com"};

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, false, 1);
	peers_adopt_sa(f->a.peers, &sa);
	assert_int_equal(f->a.plane.deleted, 1);
	sa.owner_index = 0;
	peers_adopt_sa(f->a.peers, &sa);
	assert_int_equal(f->a.plane.deleted, 2);
	sa.owner_index = 1;
	peers_adopt_sa(f->a.peers, &sa);
	assert_int_equal(f->a.plane.deleted, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(a_changed_peer_keeps_its_connection_and_its_sas),
		PEERS_TEST(a_peer_keeps_its_index_whatever_stands_before_it),
		PEERS_TEST(a_peer_that_is_gone_takes_its_sas_with_it),
		PEERS_TEST(a_peer_that_is_reached_in_another_way_is_begun_anew),
		PEERS_TEST(a_new_certificate_is_used_for_new_connections_and_sas_stay),
		PEERS_TEST(what_cannot_be_used_changes_nothing),
		PEERS_TEST(an_sa_of_another_index_is_not_adopted),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
