/* The channel over its sockets: two ends on the loopback device where raw sockets are allowed. */
#include "tests/unit/terminal/cmocka_setup.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "shared/limits.h"
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
	const struct sip_address other_port = address("127.0.0.2:5061");
	struct link link = {.gateway = gateway};
	struct initiator_sa sa, theirs;
	struct received received;
	struct slice message;
	uint8_t packet[256];

	(void)state;
	sa_pair(SUITE_AES_128_GCM_16, &sa, &theirs);
	assert_int_equal(link_install(&link, &sa, 0), RESULT_OK);
	received =
		(struct received){other, packet, packet_of(&theirs, &gateway, &own, "SIP", packet)};
	assert_int_equal(link_open(&link, &received, &message), RESULT_DENIED);
	received.from = gateway;
	assert_int_equal(link_open(&link, &received, &message), RESULT_OK);
	assert_true(slice_is_equal(message, SLICE("SIP")));
	link_down(&link);

	assert_int_equal(link_install(&link, &sa, 0), RESULT_OK);
	received = (struct received){gateway, packet,
				     packet_of(&theirs, &other_port, &own, "SIP", packet)};
	assert_int_equal(link_open(&link, &received, &message), RESULT_DENIED);
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
	received.at = packet;
	received.len = packet_of(&first_theirs, &gateway, &own, "old", packet);
	link_tick(&link, 1000 + LINK_OLD_SA_MS - 1);
	assert_int_equal(link_open(&link, &received, &message), RESULT_OK);
	received.len = packet_of(&second_theirs, &gateway, &own, "new", packet);
	assert_int_equal(link_open(&link, &received, &message), RESULT_OK);
	link_tick(&link, 1000 + LINK_OLD_SA_MS);
	received.len = packet_of(&first_theirs, &gateway, &own, "old", packet);
	assert_int_equal(link_open(&link, &received, &message), RESULT_DENIED);
	/* more replacements than are kept leak nothing and leave the newest in use */
	for (unsigned i = 0; i < 2 * LINK_INBOUND; i++)
		assert_int_equal(link_install(&link, &second, 1000), RESULT_OK);
	link_down(&link);
}

static void mode_that_is_not_spoken_is_refused(void **state)
{
	struct link link = {0};
	struct initiator_sa sa, theirs;

	(void)state;
	sa_pair(SUITE_AES_128_GCM_16, &sa, &theirs);
	sa.mode = KEYEXCHANGE_UDP_TUNNEL;
	assert_int_equal(link_install(&link, &sa, 0), RESULT_BAD);
	assert_int_equal(link_send(&link, SLICE("x")), RESULT_NOT_FOUND);
}

static enum result wait_esp(const struct sockets *sockets, uint8_t *buffer, size_t size,
			    struct received *out)
{
	struct pollfd ready = {.fd = sockets->esp, .events = POLLIN};

	assert_int_equal(poll(&ready, 1, 2000), 1);
	return sockets_receive_esp(sockets, buffer, size, out);
}

/* Every family and suite, messages up to the longest, through the kernel. */
static void messages_pass_through_real_sockets(void **state)
{
	static const char *const ends[][2] = {{"127.0.0.1:15060", "127.0.0.2:15060"},
					      {"[::1]:15060", "[::1]:15061"}};
	static char long_message[LIMIT_SIP_MESSAGE_BYTES];
	static uint8_t buffer[LIMIT_SIP_MESSAGE_BYTES + 1024];

	(void)state;
	memset(long_message, 'm', sizeof(long_message));
	for (size_t i = 0; i < 2; i++) {
		struct sip_address a = address(ends[i][0]), b = address(ends[i][1]);
		struct sockets sockets_a, sockets_b;
		struct initiator_sa sa, theirs;

		if (sockets_open(&a, &sockets_a) != RESULT_OK) {
			print_message("no raw sockets here: %s\n", strerror(errno));
			skip();
		}
		assert_int_equal(sockets_open(&b, &sockets_b), RESULT_OK);
		for (unsigned suite = 1; suite <= 5; suite++) {
			struct link link_a = {.sockets = &sockets_a, .gateway = b};
			struct link link_b = {.sockets = &sockets_b, .gateway = a};
			struct received received;
			struct slice message;

			sa_pair((enum suite)suite, &sa, &theirs);
			sa.inner = a;
			theirs.inner = b;
			assert_int_equal(link_install(&link_a, &sa, 0), RESULT_OK);
			assert_int_equal(link_install(&link_b, &theirs, 0), RESULT_OK);
			assert_int_equal(
				link_send(&link_a, slice_make(long_message, sizeof(long_message))),
				RESULT_OK);
			assert_int_equal(wait_esp(&sockets_b, buffer, sizeof(buffer), &received),
					 RESULT_OK);
			assert_int_equal(link_open(&link_b, &received, &message), RESULT_OK);
			assert_int_equal(message.len, sizeof(long_message));
			/* On one address both ends hear every packet: theirs is not ours. */
			while (sockets_receive_esp(&sockets_a, buffer, sizeof(buffer), &received) ==
			       RESULT_OK)
				assert_int_equal(link_open(&link_a, &received, &message),
						 RESULT_DENIED);
			link_down(&link_a);
			link_down(&link_b);
		}
		sockets_close(&sockets_a);
		sockets_close(&sockets_b);
	}
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
	assert_int_equal(sockets_open(&foreign, &sockets), RESULT_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_is_taken_from_the_gateway_and_its_port_only),
		cmocka_unit_test(replaced_keys_are_taken_for_a_while),
		cmocka_unit_test(mode_that_is_not_spoken_is_refused),
		cmocka_unit_test(messages_pass_through_real_sockets),
		cmocka_unit_test(own_address_is_the_one_towards_the_gateway),
		cmocka_unit_test(address_of_others_cannot_be_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
