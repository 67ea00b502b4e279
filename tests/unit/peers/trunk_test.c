/* controlplane/peers/trunk.c and sip_link.c: SIP over TLS with a peer, and what strangers get. */
#include "tests/unit/peers/peers_kit.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/peers/dial.h"
#include "controlplane/peers/tls.h"

#define REQUEST	 "OPTIONS sip:xyz.com SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 5\r\n\r\nhello"
#define RESPONSE "SIP/2.0 200 OK\r\nCall-ID: 1\r\nl: 0\r\n\r\n"

static void trunks_start(struct fixture *f, bool a_dials, bool b_dials)
{
	f->a.transport = f->b.transport = PEER_SIP_TLS;
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, a_dials, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, b_dials, 1);
}

static bool are_up(void *arg)
{
	const struct fixture *f = arg;

	return f->a.plane.peer.is_tls && f->b.plane.peer.is_tls;
}

static bool is_a_down(void *arg)
{
	const struct fixture *f = arg;

	return !f->a.plane.peer.is_tls;
}

static bool has_b_got_one(void *arg)
{
	const struct fixture *f = arg;

	return f->b.plane.sip_count > 0;
}

static bool has_a_got_one(void *arg)
{
	const struct fixture *f = arg;

	return f->a.plane.sip_count > 0;
}

static void assert_got(const struct plane *plane, const char *text)
{
	assert_int_equal(plane->sip_count, 1);
	assert_int_equal(plane->sip_peer, 1);
	assert_int_equal(plane->sip_length, strlen(text));
	assert_memory_equal(plane->sip, text, strlen(text));
}

static void leave(struct side *side, const char *text)
{
	peers_sip_leave(side->peers, 1, slice_make(text, strlen(text)));
}

static void requests_and_responses_pass_by_one_connection(void **state)
{
	struct fixture *f = *state;

	trunks_start(f, true, false);
	assert_true(run_until(f, are_up, f));
	leave(&f->a, REQUEST);
	assert_true(run_until(f, has_b_got_one, f));
	assert_got(&f->b.plane, REQUEST);
	leave(&f->b, RESPONSE);
	assert_true(run_until(f, has_a_got_one, f));
	assert_got(&f->a.plane, RESPONSE);
	/* It is known by the address it is configured with. */
	assert_int_equal(f->a.plane.sip_source.bytes[3], 3);
	assert_int_equal(f->a.plane.peer.level, 3);
	assert_int_equal(f->a.plane.peer.sa_out_count, 0);
}

static void both_may_dial(void **state)
{
	struct fixture *f = *state;

	trunks_start(f, true, true);
	assert_true(run_until(f, are_up, f));
	run_for_ms(f, 200);
	leave(&f->a, REQUEST);
	assert_true(run_until(f, has_b_got_one, f));
	assert_got(&f->b.plane, REQUEST);
	leave(&f->b, REQUEST);
	assert_true(run_until(f, has_a_got_one, f));
	assert_got(&f->a.plane, REQUEST);
}

static void a_peer_that_is_gone_is_down_and_dialled_again(void **state)
{
	struct fixture *f = *state;

	trunks_start(f, true, false);
	assert_true(run_until(f, are_up, f));
	peers_destroy(f->b.peers);
	f->b.peers = NULL;
	assert_true(run_until(f, is_a_down, f));
	leave(&f->a, REQUEST); /* nowhere */
	memset(&f->b.plane, 0, sizeof(f->b.plane));
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	assert_true(run_until(f, are_up, f));
	assert_int_equal(f->b.plane.sip_count, 0);
}

struct saying {
	const char *log, *sentence;
};

static bool is_said(void *arg)
{
	const struct saying *saying = arg;

	return strstr(saying->log, saying->sentence) != NULL;
}

static void a_certificate_of_another_authority_or_name_is_refused(void **state)
{
	static const struct {
		const char *certificate, *why;
	} wrong[] = {{"other/abc.com", "unable to get local issuer certificate"},
		     {"elsewhere.com", "the name of no such peer"}};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		side_name(f, &f->a, wrong[i].certificate, "ca.pem");
		trunks_start(f, true, false);
		assert_true(run_until(f, is_said, &(struct saying){f->b.plane.said, wrong[i].why}));
		assert_false(f->b.plane.peer.is_tls);
		peers_destroy(f->a.peers);
		peers_destroy(f->b.peers);
		f->a.peers = f->b.peers = NULL;
	}
}

static void a_dialled_one_with_another_name_is_refused(void **state)
{
	struct fixture *f = *state;

	side_name(f, &f->b, "elsewhere.com", "ca.pem");
	trunks_start(f, true, false);
	assert_true(run_until(f, is_said,
			      &(struct saying){f->a.plane.said, "the name of no such peer"}));
	assert_false(f->a.plane.peer.is_tls);
}

static void a_peer_by_esp_is_not_served_by_sip_over_tls(void **state)
{
	struct fixture *f = *state;

	f->a.transport = PEER_SIP_TLS;
	side_start(f, &f->a, "abc.com", 2, "xyz.com", 3, true, 1);
	side_start(f, &f->b, "xyz.com", 3, "abc.com", 2, false, 1);
	run_for_ms(f, 300);
	leave(&f->a, REQUEST);
	run_for_ms(f, 100);
	assert_int_equal(f->b.plane.sip_count, 0);
	assert_false(f->b.plane.peer.is_tls);
}

/* A TLS client with the certificate of abc.com, and what b says to it. */
struct client {
	struct bufferevent *bev;
	SSL_CTX *context;
	char said[64];
	size_t said_length;
	bool is_ended;
};

static void client_read(struct bufferevent *bev, void *arg)
{
	struct client *client = arg;

	client->said_length += bufferevent_read(bev, client->said + client->said_length,
						sizeof(client->said) - client->said_length);
}

static void client_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *client = arg;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		client->is_ended = true;
}

static void client_open(struct fixture *f, struct client *client)
{
	const struct contract_address own[2] = {loopback(2, 0)}, to = loopback(3, tls_port());
	const char *ca[] = {f->a.ca};
	int fd = dial_connect(own, &to);
	char why[200];
	SSL *ssl;

	*client = (struct client){0};
	assert_true(fd >= 0);
	assert_int_equal(tls_context_create(f->a.certificate, f->a.key, ca, 1, &client->context,
					    why, sizeof(why)),
			 RESULT_OK);
	ssl = SSL_new(client->context);
	assert_int_equal(SSL_set_alpn_protos(ssl, NULL, 0), 0);
	client->bev =
		bufferevent_openssl_socket_new(f->base, fd, ssl, BUFFEREVENT_SSL_CONNECTING,
					       BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	assert_non_null(client->bev);
	bufferevent_setcb(client->bev, client_read, NULL, client_event, client);
	bufferevent_enable(client->bev, EV_READ | EV_WRITE);
}

static void client_close(struct client *client)
{
	bufferevent_free(client->bev);
	SSL_CTX_free(client->context);
}

static bool is_ended(void *arg)
{
	return ((const struct client *)arg)->is_ended;
}

static bool is_answered(void *arg)
{
	return ((const struct client *)arg)->said_length >= 2;
}

static void two_empty_lines_are_answered_with_one(void **state)
{
	struct fixture *f = *state;
	struct client client;

	trunks_start(f, false, false);
	client_open(f, &client);
	assert_int_equal(bufferevent_write(client.bev, "\r\n\r\n", 4), 0);
	assert_true(run_until(f, is_answered, &client));
	assert_memory_equal(client.said, "\r\n", 2);
	assert_true(f->b.plane.peer.is_tls);
	client_close(&client);
}

static void messages_in_pieces_come_whole(void **state)
{
	struct fixture *f = *state;
	struct client client;

	trunks_start(f, false, false);
	client_open(f, &client);
	for (size_t i = 0; i < strlen(REQUEST); i++) {
		assert_int_equal(bufferevent_write(client.bev, REQUEST + i, 1), 0);
		run_for_ms(f, 1);
	}
	assert_true(run_until(f, has_b_got_one, f));
	assert_got(&f->b.plane, REQUEST);
	client_close(&client);
}

static void what_is_no_sip_ends_the_connection(void **state)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\nHost: xyz.com\r\n\r\n",
		"OPTIONS sip:xyz.com SIP/2.0\r\nContent-Length: 16385\r\n\r\n",
		"OPTIONS sip:xyz.com SIP/2.0\r\nContent-Length: 99999999999999999999\r\n\r\n",
		"OPTIONS sip:xyz.com SIP/2.0\r\nContent-Length: -1\r\n\r\n",
		"OPTIONS sip:xyz.com SIP/2.0\r\nCall-ID: 1\r\n\r\n",
	};
	struct fixture *f = *state;
	struct client client;

	trunks_start(f, false, false);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		client_open(f, &client);
		bufferevent_write(client.bev, bad[i], strlen(bad[i]));
		assert_true(run_until(f, is_ended, &client));
		client_close(&client);
		run_for_ms(f, 20);
		assert_false(f->b.plane.peer.is_tls);
	}
	assert_int_equal(f->b.plane.sip_count, 0);
}

static void what_never_ends_its_headers_is_cut_off(void **state)
{
	struct fixture *f = *state;
	struct client client;
	char line[1024];

	trunks_start(f, false, false);
	client_open(f, &client);
	memset(line, 'x', sizeof(line));
	for (int i = 0; i < 64; i++)
		bufferevent_write(client.bev, line, sizeof(line));
	assert_true(run_until(f, is_ended, &client));
	assert_int_equal(f->b.plane.sip_count, 0);
	client_close(&client);
}

static void of_many_connections_the_newest_few_stay(void **state)
{
	struct fixture *f = *state;
	struct client client[6];
	unsigned ended = 0;

	trunks_start(f, false, false);
	for (int i = 0; i < 6; i++) {
		client_open(f, &client[i]);
		assert_int_equal(bufferevent_write(client[i].bev, "\r\n\r\n", 4), 0);
		assert_true(run_until(f, is_answered, &client[i]));
	}
	run_for_ms(f, 50);
	for (int i = 0; i < 6; i++)
		ended += client[i].is_ended;
	assert_int_equal(ended, 2);
	assert_true(client[0].is_ended && client[1].is_ended);
	for (int i = 0; i < 6; i++)
		client_close(&client[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(requests_and_responses_pass_by_one_connection),
		PEERS_TEST(both_may_dial),
		PEERS_TEST(a_peer_that_is_gone_is_down_and_dialled_again),
		PEERS_TEST(a_certificate_of_another_authority_or_name_is_refused),
		PEERS_TEST(a_dialled_one_with_another_name_is_refused),
		PEERS_TEST(a_peer_by_esp_is_not_served_by_sip_over_tls),
		PEERS_TEST(two_empty_lines_are_answered_with_one),
		PEERS_TEST(messages_in_pieces_come_whole),
		PEERS_TEST(what_is_no_sip_ends_the_connection),
		PEERS_TEST(what_never_ends_its_headers_is_cut_off),
		PEERS_TEST(of_many_connections_the_newest_few_stay),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
