/* The channel over its sockets: two ends on the loopback device where raw sockets are allowed. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "shared/limits.h"
#include "terminal/link/bursts.h"
#include "terminal/link/link.h"
#include "terminal/link/sockets.h"

static struct sip_address address(const char *text)
{
	struct sip_address out;

	assert_int_equal(sip_address_parse_port(slice_make(text, strlen(text)), &out), RESULT_OK);
	return out;
}

/* The two ends of one exchange: what is in for one is out for the other. */
static void sa_pair(enum suite suite, struct initiator_sa *a, struct initiator_sa *b)
{
	memset(a, 0, sizeof(*a));
	a->suite = suite;
	a->mode = KEYEXCHANGE_TRANSPORT;
	a->level = 3;
	a->spi_in = 0x1111;
	a->spi_out = 0x01000001;
	memset(a->key_in, 1, sizeof(a->key_in));
	memset(a->key_out, 2, sizeof(a->key_out));
	a->inner = address("127.0.0.1:15060");
	*b = *a;
	b->spi_in = a->spi_out;
	b->spi_out = a->spi_in;
	memcpy(b->key_in, a->key_out, sizeof(b->key_in));
	memcpy(b->key_out, a->key_in, sizeof(b->key_out));
	b->inner = address("127.0.0.2:15060");
}

/* Writes the packet that a link would send, without sockets. */
static size_t packet_of(const struct initiator_sa *sa, const struct sip_address *from,
			const struct sip_address *to, const char *text, uint8_t *packet)
{
	struct esp_outbound *out;
	uint8_t inner[256];
	size_t inner_len = 8 + strlen(text), len;

	memset(inner, 0, 8);
	inner[0] = (uint8_t)(from->port >> 8);
	inner[1] = (uint8_t)from->port;
	inner[2] = (uint8_t)(to->port >> 8);
	inner[3] = (uint8_t)to->port;
	inner[5] = (uint8_t)inner_len;
	memcpy(inner + 8, text, strlen(text));
	assert_int_equal(
		esp_outbound_create(esp_suite_by_number(sa->suite), sa->spi_out, sa->key_out, &out),
		RESULT_OK);
	assert_int_equal(esp_outbound_seal(out, ESP_NEXT_UDP, inner, inner_len, packet, 256, &len),
			 RESULT_OK);
	esp_outbound_destroy(out);
	return len;
}

static void packet_is_taken_from_the_gateway_and_its_port_only(void **state)
{
	const struct sip_address own = address("127.0.0.1:15060");
	const struct sip_address gateway = address("127.0.0.2:5060");
	const struct sip_address other = address("127.0.0.3:5060");
	struct sip_address from_gateway = gateway, from_other = other;
	const struct sip_address other_port = address("127.0.0.2:5061");
	struct link link = {.gateway = gateway};
	struct initiator_sa sa, theirs;
	struct received received;
	struct slice message;
	uint8_t packet[256];

	(void)state;
	sa_pair(SUITE_AES_128_GCM_16, &sa, &theirs);
	assert_int_equal(link_install(&link, &sa, 0), RESULT_OK);
	from_gateway.port = from_other.port = 0;
	received = (struct received){from_other, packet,
				     packet_of(&theirs, &gateway, &own, "SIP", packet)};
	assert_int_equal(link_open(&link, &received, false, &message), RESULT_DENIED);
	received.from = from_gateway;
	assert_int_equal(link_open(&link, &received, false, &message), RESULT_OK);
	assert_true(slice_is_equal(message, SLICE("SIP")));
	link_down(&link);

	assert_int_equal(link_install(&link, &sa, 0), RESULT_OK);
	received = (struct received){from_gateway, packet,
				     packet_of(&theirs, &other_port, &own, "SIP", packet)};
	assert_int_equal(link_open(&link, &received, false, &message), RESULT_DENIED);
	assert_int_equal(link.refused, 2);
	link_down(&link);
	assert_false(link_is_up(&link));
}

static void replaced_keys_are_taken_for_a_while(void **state)
{
	const struct sip_address own = address("127.0.0.1:15060");
	const struct sip_address gateway = address("127.0.0.2:5060");
	struct link link = {.gateway = gateway};
	struct initiator_sa first, first_theirs, second, second_theirs;
	struct received received = {.from = gateway};

	struct slice message;
	uint8_t packet[256];

	(void)state;
	sa_pair(SUITE_AES_128_GCM_16, &first, &first_theirs);
	sa_pair(SUITE_AES_256_GCM_16, &second, &second_theirs);
	second.spi_in = second_theirs.spi_out = 0x2222;
	second.spi_out = second_theirs.spi_in = 0x02000001;
	assert_int_equal(link_install(&link, &first, 0), RESULT_OK);
	assert_int_equal(link_install(&link, &second, 1000), RESULT_OK);
	assert_int_equal(esp_outbound_spi(link.out), 0x02000001);
	received.from.port = 0;
	received.at = packet;
	received.len = packet_of(&first_theirs, &gateway, &own, "old", packet);
	link_tick(&link, 1000 + LINK_OLD_SA_MS - 1);
	assert_int_equal(link_open(&link, &received, false, &message), RESULT_OK);
	received.len = packet_of(&second_theirs, &gateway, &own, "new", packet);
	assert_int_equal(link_open(&link, &received, false, &message), RESULT_OK);
	link_tick(&link, 1000 + LINK_OLD_SA_MS);
	received.len = packet_of(&first_theirs, &gateway, &own, "old", packet);
	assert_int_equal(link_open(&link, &received, false, &message), RESULT_DENIED);
	/* more replacements than are kept leak nothing and leave the newest in use */
	for (unsigned i = 0; i < 2 * LINK_INBOUND; i++)
		assert_int_equal(link_install(&link, &second, 1000), RESULT_OK);
	link_down(&link);
}

static void tunnel_without_its_port_is_refused(void **state)
{
	const struct sockets sockets = {-1, -1, -1};
	struct link link = {.sockets = &sockets};
	struct initiator_sa sa, theirs;

	(void)state;
	sa_pair(SUITE_AES_128_GCM_16, &sa, &theirs);
	sa.mode = KEYEXCHANGE_UDP_TUNNEL;
	assert_int_equal(link_install(&link, &sa, 0), RESULT_BAD);
	assert_int_equal(link_send(&link, SLICE("x")), RESULT_NOT_FOUND);
}

static enum result receive(const struct sockets *sockets, bool is_encap, int wait_ms,
			   struct received *out)
{
	struct pollfd ready = {.fd = is_encap ? sockets->encap : sockets->esp, .events = POLLIN};
	static struct inbox inbox;
	enum result result = inbox_next(&inbox, out);

	if (result != RESULT_NOT_FOUND)
		return result;
	(void)poll(&ready, 1, wait_ms);
	return inbox_receive(&inbox, sockets, is_encap) ? inbox_next(&inbox, out)
							: RESULT_NOT_FOUND;
}

/* One message from a to b; both ends of an address hear every ESP packet, theirs is not ours. */
static void pass_one(struct link *a, struct link *b, bool is_tunnel, struct slice sent)
{
	struct received received;
	struct slice message;
	enum result result;

	assert_int_equal(link_send(a, sent), RESULT_OK);
	/* In a tunnel a long one comes in pieces. */
	do {
		assert_int_equal(receive(b->sockets, is_tunnel, 2000, &received), RESULT_OK);
		assert_true(!is_tunnel || received.len <= INNER_FRAGMENTS_PATH_BYTES - 28);
		result = link_open(b, &received, is_tunnel, &message);
	} while (result == RESULT_MORE && is_tunnel);
	assert_int_equal(result, RESULT_OK);
	assert_true(slice_is_equal(message, sent));
	while (receive(a->sockets, is_tunnel, 0, &received) == RESULT_OK)
		assert_int_equal(link_open(a, &received, is_tunnel, &message), RESULT_DENIED);
}

/* Every suite and mode between two ends, messages up to the longest, through the kernel. */
static void pass_all(const char *end_a, const char *end_b, bool has_tunnel)
{
	static char bytes[LIMIT_SIP_MESSAGE_BYTES];
	struct sip_address a = address(end_a), b = address(end_b);
	struct sockets sockets_a, sockets_b;
	struct initiator_sa sa, theirs;

	if (sockets_open(&a, false, &sockets_a) != RESULT_OK) {
		print_message("no raw sockets here: %s\n", strerror(errno));
		skip();
	}
	memset(bytes, 'm', sizeof(bytes));
	assert_int_equal(sockets_open(&b, true, &sockets_b), RESULT_OK);
	for (unsigned way = 0; way < 10; way++) {
		struct link link_a = {.sockets = &sockets_a, .gateway = b};
		struct link link_b = {.sockets = &sockets_b, .gateway = a};
		bool is_tunnel = way >= 5;

		if (is_tunnel && !has_tunnel)
			break;
		sa_pair((enum suite)(way % 5 + 1), &sa, &theirs);
		sa.inner = a;
		theirs.inner = b;
		sa.mode = theirs.mode = is_tunnel ? KEYEXCHANGE_UDP_TUNNEL : KEYEXCHANGE_TRANSPORT;
		assert_int_equal(link_install(&link_a, &sa, 0), RESULT_OK);
		assert_int_equal(link_install(&link_b, &theirs, 0), RESULT_OK);
		pass_one(&link_a, &link_b, is_tunnel, slice_make(bytes, sizeof(bytes)));
		pass_one(&link_b, &link_a, is_tunnel, slice_make(bytes, 1));
		link_down(&link_a);
		link_down(&link_b);
	}
	sockets_close(&sockets_a);
	sockets_close(&sockets_b);
}

static void messages_pass_through_real_sockets_over_ipv4(void **state)
{
	(void)state;
	pass_all("127.0.0.1:15060", "127.0.0.2:15060", true);
}

/* There is one IPv6 loopback address, and port 4500 only once on it. */
static void messages_pass_through_real_sockets_over_ipv6(void **state)
{
	(void)state;
	pass_all("[::1]:15060", "[::1]:15061", false);
}

static void packet_that_came_the_other_way_is_refused(void **state)
{
	const struct sip_address own = address("127.0.0.1:15060");
	const struct sip_address gateway = address("127.0.0.2:5060");
	struct sip_address encap = gateway;
	struct link link = {.gateway = gateway};
	struct initiator_sa sa, theirs;
	struct received received;
	struct slice message;
	uint8_t packet[256];

	(void)state;
	encap.port = SOCKETS_ENCAP_PORT;
	sa_pair(SUITE_AES_128_GCM_16, &sa, &theirs);
	assert_int_equal(link_install(&link, &sa, 0), RESULT_OK);
	received =
		(struct received){encap, packet, packet_of(&theirs, &gateway, &own, "SIP", packet)};
	assert_int_equal(link_open(&link, &received, true, &message), RESULT_DENIED);
	link_down(&link);
}

/* What the gateway sends in a dummy, in the tunnel. */
static size_t dummy_of(const struct initiator_sa *theirs, const uint8_t *content, size_t len,
		       uint8_t packet[256])
{
	struct esp_outbound *out;
	size_t packet_len;

	assert_int_equal(esp_outbound_create(esp_suite_by_number(theirs->suite), theirs->spi_out,
					     theirs->key_out, &out),
			 RESULT_OK);
	assert_int_equal(
		esp_outbound_seal(out, ESP_NEXT_DUMMY, content, len, packet, 256, &packet_len),
		RESULT_OK);
	esp_outbound_destroy(out);
	return packet_len;
}

static void a_tunnel_learns_from_where_it_is_seen_and_believes_no_other_answer(void **state)
{
	const struct sockets sockets = {-1, -1, 1 << 20}; /* none that takes anything */
	const struct sip_address gateway = address("127.0.0.2:5060");
	struct link link = {.sockets = &sockets, .gateway = gateway, .random = random_system()};
	struct initiator_sa sa, theirs;
	struct received received = {.from = gateway};
	uint8_t packet[256], answer[WHERE_BYTES];
	struct slice message;

	(void)state;
	sa_pair(SUITE_AES_128_GCM_16, &sa, &theirs);
	sa.mode = KEYEXCHANGE_UDP_TUNNEL;
	assert_int_equal(link_install(&link, &sa, 1000), RESULT_OK);
	assert_true(link_deadline(&link) <= 1000);
	link_tick(&link, 1000);
	assert_int_equal(link.where_tries, 1);
	assert_int_equal(link_deadline(&link), 1000 + LINK_WHERE_AGAIN_MS);
	link_tick(&link, 1000 + LINK_WHERE_AGAIN_MS);
	received.from.port = SOCKETS_ENCAP_PORT;
	received.at = packet;
	for (unsigned i = 0; i < 2; i++) {
		where_ask(link.where_cookie, answer);
		answer[WHERE_LABEL_BYTES] = 1;
		memcpy(answer + WHERE_BYTES - 19, "\x04\x9c\x40\xc6\x33\x64\x09", 7);
		if (i == 0)
			answer[WHERE_LABEL_BYTES + 1] ^= 1; /* to another question */
		received.len = dummy_of(&theirs, answer, sizeof(answer), packet);
		theirs.spi_out = sa.spi_in;
		if (i == 1) { /* under a number of its own */
			link_down(&link);
			assert_int_equal(link_install(&link, &sa, 1000), RESULT_OK);
			link.where_tries = 1;
		}
		assert_int_equal(link_open(&link, &received, true, &message), RESULT_MORE);
		assert_int_equal(link.seen.family, i == 0 ? 0 : 4);
	}
	assert_int_equal(link.seen.port, 40000);
	assert_int_equal(link.seen.bytes[3], 9);
	assert_int_equal(link.where_tries, 0);
	link_down(&link);
	assert_int_equal(link.seen.family, 0);
	assert_int_equal(link_deadline(&link), UINT64_MAX);
}

static void a_gateway_that_does_not_say_is_asked_seldom(void **state)
{
	const struct sockets sockets = {-1, -1, 1 << 20};
	struct link link = {.sockets = &sockets,
			    .gateway = address("127.0.0.2:5060"),
			    .random = random_system()};
	struct initiator_sa sa, theirs;
	uint64_t now_ms = 1000;

	(void)state;
	sa_pair(SUITE_AES_128_GCM_16, &sa, &theirs);
	sa.mode = KEYEXCHANGE_UDP_TUNNEL;
	assert_int_equal(link_install(&link, &sa, now_ms), RESULT_OK);
	for (unsigned i = 0; i <= LINK_WHERE_TRIES; i++, now_ms += LINK_WHERE_AGAIN_MS)
		link_tick(&link, now_ms);
	assert_int_equal(esp_outbound_packets(link.out), LINK_WHERE_TRIES);
	assert_true(link.where_ms >= now_ms + LINK_WHERE_MS - LINK_WHERE_AGAIN_MS);
	link_down(&link);
}

static void own_address_is_the_one_towards_the_gateway(void **state)
{
	struct sip_address to = address("127.0.0.5:5060"), own;

	(void)state;
	assert_int_equal(sockets_own_address(&to, &own), RESULT_OK);
	assert_int_equal(own.family, 4);
	assert_int_equal(own.bytes[0], 127);
	assert_int_equal(own.port, 0);
}

static void address_of_others_cannot_be_opened(void **state)
{
	struct sip_address foreign = address("192.0.2.77:15060");
	struct sockets sockets;

	(void)state;
	assert_int_equal(sockets_open(&foreign, false, &sockets), RESULT_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_is_taken_from_the_gateway_and_its_port_only),
		cmocka_unit_test(replaced_keys_are_taken_for_a_while),
		cmocka_unit_test(tunnel_without_its_port_is_refused),
		cmocka_unit_test(messages_pass_through_real_sockets_over_ipv4),
		cmocka_unit_test(messages_pass_through_real_sockets_over_ipv6),
		cmocka_unit_test(packet_that_came_the_other_way_is_refused),
		cmocka_unit_test(
			a_tunnel_learns_from_where_it_is_seen_and_believes_no_other_answer),
		cmocka_unit_test(a_gateway_that_does_not_say_is_asked_seldom),
		cmocka_unit_test(own_address_is_the_one_towards_the_gateway),
		cmocka_unit_test(address_of_others_cannot_be_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
