/* Media carried between two sockets that stand for a client and for the other side. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "terminal/link/endpoint.h"
#include "terminal/media/relay.h"

struct fixture {
	struct relay relay;
	int phone, remote;
	uint16_t phone_port, remote_port;
};

static const struct sip_address loopback = {.family = 4, .bytes = {127, 0, 0, 1}};
static struct sip_address outer = {.family = 4, .bytes = {127, 0, 0, 9}};

static bool outside(void *context, unsigned call, unsigned family, struct sip_address *out)
{
	(void)context;
	*out = outer;
	return call != 7 && family == 4;
}

static int open_at(const struct sip_address *address, uint16_t *port)
{
	union endpoint endpoint;
	socklen_t len = endpoint_make(address, 0, &endpoint);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, &endpoint.any, len), 0);
	assert_int_equal(getsockname(fd, &endpoint.any, &len), 0);
	*port = endpoint_address(&endpoint).port;
	return fd;
}

static void make(struct fixture *f)
{
	struct sip_address remote = {.family = 4, .bytes = {127, 0, 0, 8}};

	relay_init(&f->relay);
	f->relay.outside = outside;
	f->phone = open_at(&loopback, &f->phone_port);
	f->remote = open_at(&remote, &f->remote_port);
}

static void end(struct fixture *f)
{
	relay_close(&f->relay);
	close(f->phone);
	close(f->remote);
}

/* Carries a description of one medium; the port that the reader is to send to. */
static unsigned carry(struct fixture *f, unsigned call, enum ua_way way, const char *host,
		      unsigned port)
{
	char sdp[256], out[512] = "";
	struct writer w = writer_make(out, sizeof(out) - 1);
	unsigned written = 0;

	snprintf(sdp, sizeof(sdp),
		 "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
		 "m=audio %u RTP/AVP 0\r\n",
		 host, host, port);
	if (!f->relay.media.carry(f->relay.media.context, call, way, 4,
				  slice_make(sdp, strlen(sdp)), &w))
		return 0;
	assert_non_null(strstr(out, strcmp(host, "0.0.0.0") == 0 ? "c=IN IP4 0.0.0.0"
				    : way == UA_OUTWARD		 ? "c=IN IP4 127.0.0.9"
								 : "c=IN IP4 127.0.0.1"));
	assert_int_equal(sscanf(strstr(out, "m=audio "), "m=audio %u ", &written), 1);
	return written;
}

static void turn(struct fixture *f)
{
	struct pollfd fds[RELAY_FDS];

	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(relay_poll_fill(&f->relay, fds), RELAY_FDS);
		if (poll(fds, RELAY_FDS, 10) <= 0)
			return;
		relay_poll_done(&f->relay, fds);
	}
}

static void send_from(int fd, const struct sip_address *to, unsigned port, const char *packet)
{
	union endpoint endpoint;
	socklen_t len = endpoint_make(to, (uint16_t)port, &endpoint);

	assert_int_equal(sendto(fd, packet, strlen(packet), 0, &endpoint.any, len), strlen(packet));
}

static bool hears(int fd, const char *packet)
{
	char buffer[64] = "";
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	if (poll(&ready, 1, 50) <= 0)
		return false;
	assert_true(recv(fd, buffer, sizeof(buffer) - 1, 0) > 0);
	return strcmp(buffer, packet) == 0;
}

static void packets_pass_both_ways_and_are_counted(void **state)
{
	uint64_t sent, received;
	unsigned outer_port, inner_port;
	struct fixture f;

	(void)state;
	make(&f);
	outer_port = carry(&f, 0, UA_OUTWARD, "127.0.0.1", f.phone_port);
	inner_port = carry(&f, 0, UA_INWARD, "127.0.0.8", f.remote_port);
	assert_true(outer_port % 2 == 0 && inner_port % 2 == 0 && outer_port && inner_port);
	send_from(f.phone, &loopback, inner_port, "out");
	turn(&f);
	assert_true(hears(f.remote, "out"));
	send_from(f.remote, &outer, outer_port, "in");
	turn(&f);
	assert_true(hears(f.phone, "in"));
	relay_count(&f.relay, 0, &sent, &received);
	assert_int_equal(sent, 1);
	assert_int_equal(received, 1);
	/* A later description of the same medium keeps its ports. */
	assert_int_equal(carry(&f, 0, UA_OUTWARD, "127.0.0.1", f.phone_port), outer_port);
	end(&f);
}

static void strangers_and_what_is_held_do_not_pass(void **state)
{
	unsigned outer_port, inner_port;
	struct fixture f;

	(void)state;
	make(&f);
	outer_port = carry(&f, 0, UA_OUTWARD, "127.0.0.1", f.phone_port);
	inner_port = carry(&f, 0, UA_INWARD, "127.0.0.8", f.remote_port);
	send_from(f.phone, &outer, outer_port, "not the other side");
	turn(&f);
	assert_false(hears(f.phone, "not the other side"));
	assert_int_equal(f.relay.streams[0].strangers, 1);
	carry(&f, 0, UA_INWARD, "0.0.0.0", f.remote_port);
	send_from(f.phone, &loopback, inner_port, "held");
	turn(&f);
	assert_false(hears(f.remote, "held"));
	end(&f);
}

static void the_end_of_a_call_closes_its_ports_only(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	carry(&f, 0, UA_OUTWARD, "127.0.0.1", f.phone_port);
	carry(&f, 1, UA_OUTWARD, "127.0.0.1", f.phone_port);
	f.relay.media.ended(f.relay.media.context, 0);
	assert_false(f.relay.streams[0].is_used);
	assert_true(f.relay.streams[1].is_used);
	assert_int_equal(f.relay.streams[0].outer[0], -1);
	end(&f);
}

static void when_our_address_is_another_the_ports_move_there(void **state)
{
	unsigned outer_port, moved_port, inner_port;
	char out[512] = "";
	struct writer w = writer_make(out, sizeof(out) - 1);
	struct fixture f;

	(void)state;
	make(&f);
	outer = (struct sip_address){.family = 4, .bytes = {127, 0, 0, 9}};
	outer_port = carry(&f, 0, UA_OUTWARD, "127.0.0.1", f.phone_port);
	inner_port = carry(&f, 0, UA_INWARD, "127.0.0.8", f.remote_port);
	assert_true(outer_port != 0);
	assert_false(f.relay.media.is_astray(f.relay.media.context, 0));
	outer.bytes[3] = 10;
	assert_true(f.relay.media.is_astray(f.relay.media.context, 0));
	assert_false(f.relay.media.is_astray(f.relay.media.context, 0));
	assert_true(f.relay.media.carry(f.relay.media.context, 0, UA_OUTWARD, 4,
					SLICE("v=0\r\no=- 1 5 IN IP4 127.0.0.1\r\ns=-\r\n"
					      "c=IN IP4 127.0.0.1\r\nt=0 0\r\n"
					      "m=audio 6000 RTP/AVP 0\r\n"),
					&w));
	assert_non_null(strstr(out, "o=- 1 6 IN IP4 127.0.0.10\r\n"));
	assert_int_equal(sscanf(strstr(out, "m=audio "), "m=audio %u ", &moved_port), 1);
	send_from(f.phone, &loopback, inner_port, "out");
	turn(&f);
	assert_true(hears(f.remote, "out"));
	outer.bytes[3] = 9;
	end(&f);
}

static void without_address_or_room_there_is_no_relay(void **state)
{
	struct fixture f;

	(void)state;
	make(&f);
	assert_int_equal(carry(&f, 7, UA_OUTWARD, "127.0.0.1", f.phone_port), 0);
	for (unsigned i = 0; i < RELAY_STREAMS; i++)
		assert_true(carry(&f, 10 + i, UA_OUTWARD, "127.0.0.1", f.phone_port) != 0);
	assert_int_equal(carry(&f, 100, UA_OUTWARD, "127.0.0.1", f.phone_port), 0);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_pass_both_ways_and_are_counted),
		cmocka_unit_test(strangers_and_what_is_held_do_not_pass),
		cmocka_unit_test(the_end_of_a_call_closes_its_ports_only),
		cmocka_unit_test(when_our_address_is_another_the_ports_move_there),
		cmocka_unit_test(without_address_or_room_there_is_no_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
