/*
 * Two gateways' peers in one process, over real TLS on loopback: who is let in, what keys both ends
 * come to, what is left when a connection ends. What they would tell the data plane is recorded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/peers/peers.h"

#define SAS_MAX 64

/* What one gateway's data plane would hold. */
struct plane {
	struct contract_sa sa[SAS_MAX]; /* by index; index 0: none */
	struct contract_peer peer;
	uint32_t next_index, deleted;
	enum result answer;
};

struct side {
	struct plane plane;
	struct peer_config peer;
	struct peers *peers;
	char certificate[256], key[256], ca[256];
};

struct fixture {
	struct event_base *base;
	char directory[64];
	struct side a, b;
};

static void plane_sa_put(void *ctx, const struct contract_sa *sa, peers_done *done, void *arg)
{
	struct plane *plane = ctx;

	assert_int_equal(contract_validate(sa, sizeof(*sa)), RESULT_OK);
	plane->sa[sa->index] = *sa;
	done(arg, plane->answer);
}

static void plane_sa_delete(void *ctx, uint32_t index, uint8_t generation)
{
	struct plane *plane = ctx;

	if (plane->sa[index].generation == generation)
		memset(&plane->sa[index], 0, sizeof(plane->sa[index]));
	plane->deleted++;
}

static void plane_peer_put(void *ctx, const struct contract_peer *peer)
{
	struct plane *plane = ctx;

	assert_int_equal(contract_validate(peer, sizeof(*peer)), RESULT_OK);
	plane->peer = *peer;
}

static enum result plane_sa_take(void *ctx, uint32_t *index, uint8_t *generation)
{
	struct plane *plane = ctx;

	if (plane->next_index == SAS_MAX)
		return RESULT_SPACE;
	*index = plane->next_index++;
	*generation = 1;
	return RESULT_OK;
}

static void plane_sa_release(void *ctx, uint32_t index, uint8_t generation)
{
	(void)ctx, (void)index, (void)generation;
}

static void plane_log(void *ctx, const char *sentence)
{
	(void)ctx;
	print_message("  %s\n", sentence);
}

/* A TLS port of this run's own: several may run on one machine. */
static uint16_t tls_port(void)
{
	return (uint16_t)(20000 + getpid() % 10000);
}

static struct contract_address loopback(uint8_t last, uint16_t port)
{
	return (struct contract_address){.family = 4, .port = port, .bytes = {127, 0, 0, last}};
}

static void side_name(const struct fixture *f, struct side *side, const char *domain,
		      const char *ca)
{
	snprintf(side->certificate, sizeof(side->certificate), "%s/%s.pem", f->directory, domain);
	snprintf(side->key, sizeof(side->key), "%s/%s.key", f->directory, domain);
	snprintf(side->ca, sizeof(side->ca), "%s/%s", f->directory, ca);
}

/* A gateway of `domain` at 127.0.0.own that has the other as its peer; it dials if dials. */
static void side_start(struct fixture *f, struct side *side, const char *domain, uint8_t own,
		       const char *other_domain, uint8_t other, bool dials, uint32_t workers)
{
	struct contract_welcome welcome = {.workers = workers, .port_count = 1};
	const struct peers_out out = {.ctx = &side->plane,
				      .sa_put = plane_sa_put,
				      .sa_delete = plane_sa_delete,
				      .peer_put = plane_peer_put,
				      .sa_take = plane_sa_take,
				      .sa_release = plane_sa_release,
				      .log = plane_log};

	side->plane.next_index = 1;
	side->peer = (struct peer_config){.name = other_domain,
					  .domain = {other_domain},
					  .domain_count = 1,
					  .address_count = 1,
					  .address = {loopback(other, 5060)},
					  .ca_file = side->ca};
	if (dials)
		side->peer.connect = loopback(other, tls_port());
	const struct peers_config config = {.domain = domain,
					    .certificate_file = side->certificate,
					    .key_file = side->key,
					    .listen = {loopback(own, tls_port())},
					    .rekey_s = 1000,
					    .hard_s = 2000,
					    .suite = CONTRACT_SUITE_AES_128_GCM_16,
					    .peer = &side->peer,
					    .peer_count = 1};

	assert_int_equal(peers_create(f->base, &config, &out, &side->peers), RESULT_OK);
	welcome.port_address[0][0] = loopback(own, 0);
	peers_welcome(side->peers, &welcome);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char command[512];

	strcpy(f->directory, "/tmp/peers_test.XXXXXX");
	if (!mkdtemp(f->directory))
		return -1;
	snprintf(command, sizeof(command),
		 "%s/scripts/make-certificates %s abc.com xyz.com && "
		 "%s/scripts/make-certificates %s/other abc.com && cp %s/other/ca.pem %s/other.pem",
		 getenv("SOURCE_ROOT"), f->directory, getenv("SOURCE_ROOT"), f->directory,
		 f->directory, f->directory);
	if (system(command) != 0)
		return -1;
	f->base = event_base_new();
	side_name(f, &f->a, "abc.com", "ca.pem");
	side_name(f, &f->b, "xyz.com", "ca.pem");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	peers_destroy(f->a.peers);
	peers_destroy(f->b.peers);
	event_base_free(f->base);
	snprintf(command, sizeof(command), "rm -rf %s", f->directory);
	int failed = system(command);

	free(f);
	return failed;
}

/* Run the loop until both planes have `count` outbound SAs in their peer's line, or 5 s. */
static bool both_have(struct fixture *f, uint32_t a, uint32_t b)
{
	for (int i = 0; i < 500; i++) {
		struct timeval slice = {0, 10000};

		event_base_loopexit(f->base, &slice);
		event_base_dispatch(f->base);
		if (f->a.plane.peer.sa_out_count == a && f->b.plane.peer.sa_out_count == b)
			return true;
	}
	return false;
}

static void run_for_ms(struct fixture *f, int ms)
{
	struct timeval slice = {0, ms * 1000};

	event_base_loopexit(f->base, &slice);
	event_base_dispatch(f->base);
}

/* Each SA that `from` sends on is one that `to` receives on, with the same key. */
static void assert_keys_meet(const struct side *from, const struct side *to)
{
	for (uint32_t i = 0; i < from->plane.peer.sa_out_count; i++) {
		const struct contract_sa *out = &from->plane.sa[from->plane.peer.sa_out[i]];
		const struct contract_sa *in = &to->plane.sa[out->spi_out & 0xffffff];
		static const uint8_t zero[20];

		assert_int_equal(in->directions, CONTRACT_SA_IN);
		assert_int_equal(out->directions, CONTRACT_SA_OUT);
		assert_int_equal(out->worker, i);
		assert_int_equal((uint32_t)in->generation << 24 | in->index, out->spi_out);
		assert_memory_equal(in->key_in, out->key_out, CONTRACT_SA_KEY_BYTES);
		assert_memory_not_equal(in->key_in, zero, sizeof(zero));
	}
}

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

static void of_two_simultaneous_connections_one_stays(void **state)
{
	struct fixture *f = *state;

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, true, 1);
	assert_true(both_have(f, 1, 1));
	run_for_ms(f, 300);
	assert_keys_meet(&f->a, &f->b);
	assert_keys_meet(&f->b, &f->a);
}

static void a_new_epoch_has_other_keys_and_other_spis(void **state)
{
	struct fixture *f = *state;

	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(both_have(f, 1, 1));
	struct contract_sa before = f->a.plane.sa[f->a.plane.peer.sa_out[0]];

	peers_rekey(f->a.peers);
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

static void a_certificate_of_another_ca_is_refused(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->a, "other/abc.com", "ca.pem");
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_int_equal(f->b.plane.next_index, 1);
}

static void a_certificate_of_another_domain_is_refused(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->a, "xyz.com", "ca.pem");
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_false(both_have(f, 1, 1));
	assert_int_equal(f->b.plane.next_index, 1);
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
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(each_worker_gets_an_sa_of_its_own_with_the_same_key_at_both_ends),
		TEST(of_two_simultaneous_connections_one_stays),
		TEST(a_new_epoch_has_other_keys_and_other_spis),
		TEST(a_certificate_of_another_ca_is_refused),
		TEST(a_certificate_of_another_domain_is_refused),
		TEST(losing_tls_leaves_the_sas),
		TEST(sas_the_data_plane_refuses_are_not_sent_on),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
