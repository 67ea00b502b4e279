#include "tests/unit/peers/peers_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	plane->was_put[peer->index] = true;
}

static void plane_peer_delete(void *ctx, uint32_t index)
{
	struct plane *plane = ctx;

	plane->peers_deleted += plane->was_put[index];
	plane->was_put[index] = false;
}

static void plane_sip_enter(void *ctx, uint32_t peer_index, const struct contract_address *source,
			    const struct contract_address *destination, struct slice message)
{
	struct plane *plane = ctx;

	assert_true(source->family != 0 && destination->family != 0);
	assert_in_range(message.len, 1, sizeof(plane->sip));
	plane->sip_peer = peer_index;
	plane->sip_source = *source;
	plane->sip_length = message.len;
	memcpy(plane->sip, message.at, message.len);
	plane->sip_count++;
}

static void plane_sip_send(void *ctx, uint32_t index, uint8_t generation, uint8_t port,
			   struct slice message)
{
	struct plane *plane = ctx;

	(void)port;
	assert_int_equal(plane->sa[index].generation, generation);
	assert_int_equal(plane->sa[index].directions, CONTRACT_SA_OUT);
	assert_in_range(message.len, 1, sizeof(plane->asked) - 1);
	memcpy(plane->asked, message.at, message.len);
	plane->asked[message.len] = '\0';
	plane->asked_by = index;
	plane->asked_count++;
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
	struct plane *plane = ctx;
	size_t length = strlen(plane->said);

	snprintf(plane->said + length, sizeof(plane->said) - length, "%s\n", sentence);
	print_message("  %s\n", sentence);
}

uint16_t tls_port(void)
{
	return (uint16_t)(20000 + getpid() % 10000);
}

struct contract_address loopback(uint8_t last, uint16_t port)
{
	return (struct contract_address){.family = 4, .port = port, .bytes = {127, 0, 0, last}};
}

void side_name(const struct fixture *f, struct side *side, const char *domain, const char *ca)
{
	snprintf(side->certificate, sizeof(side->certificate), "%s/%s.pem", f->directory, domain);
	snprintf(side->key, sizeof(side->key), "%s/%s.key", f->directory, domain);
	snprintf(side->ca, sizeof(side->ca), "%s/%s", f->directory, ca);
}

void side_start(struct fixture *f, struct side *side, const char *domain, uint8_t own,
		const char *other_domain, uint8_t other, bool dials, uint32_t workers)
{
	struct contract_welcome welcome = {.workers = workers, .port_count = 1};
	const struct peers_out out = {.ctx = &side->plane,
				      .sa_put = plane_sa_put,
				      .sa_delete = plane_sa_delete,
				      .peer_put = plane_peer_put,
				      .peer_delete = plane_peer_delete,
				      .sip_send = plane_sip_send,
				      .sip_enter = plane_sip_enter,
				      .sa_take = plane_sa_take,
				      .sa_release = plane_sa_release,
				      .log = plane_log,
				      .log_stranger = plane_log};

	side->plane.next_index = 1;
	side->peer[0] = (struct peer_config){.name = other_domain,
					     .transport = side->transport,
					     .domain = {other_domain},
					     .domain_count = 1,
					     .address_count = 1,
					     .address = {loopback(other, 5060)},
					     .ca_file = side->ca};
	if (dials)
		side->peer[0].connect = loopback(other, tls_port());
	side->config = (struct peers_config){.domain = domain,
					     .certificate_file = side->certificate,
					     .key_file = side->key,
					     .listen = {loopback(own, tls_port())},
					     .probe_ms = side->probe_ms,
					     .soft_packets = side->soft_packets,
					     .rekey_s = 1000,
					     .hard_s = 2000,
					     .suite = CONTRACT_SUITE_AES_128_GCM_16,
					     .peer = side->peer,
					     .peer_count = 1};

	assert_int_equal(peers_create(f->base, &side->config, &out, &side->peers), RESULT_OK);
	welcome.port[0].address[0] = loopback(own, 0);
	peers_welcome(side->peers, &welcome);
}

int kit_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char command[512];

	strcpy(f->directory, "/tmp/peers_test.XXXXXX");
	if (!mkdtemp(f->directory))
		return -1;
	snprintf(command, sizeof(command),
		 "%s/scripts/make-certificates %s abc.com xyz.com elsewhere.com && "
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

int kit_teardown(void **state)
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

bool run_until(struct fixture *f, bool (*is_so)(void *arg), void *arg)
{
	for (int i = 0; i < 500; i++) {
		run_for_ms(f, 10);
		if (is_so(arg))
			return true;
	}
	return false;
}

struct wanted {
	const struct fixture *f;
	uint32_t a, b;
};

static bool is_wanted(void *arg)
{
	const struct wanted *wanted = arg;

	return wanted->f->a.plane.peer.sa_out_count == wanted->a &&
	       wanted->f->b.plane.peer.sa_out_count == wanted->b;
}

bool both_have(struct fixture *f, uint32_t a, uint32_t b)
{
	struct wanted wanted = {f, a, b};

	return run_until(f, is_wanted, &wanted);
}

void run_for_ms(struct fixture *f, int ms)
{
	struct timeval slice = {0, ms * 1000};

	event_base_loopexit(f->base, &slice);
	event_base_dispatch(f->base);
}

void assert_keys_meet(const struct side *from, const struct side *to)
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
