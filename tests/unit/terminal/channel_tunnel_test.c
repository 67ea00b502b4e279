/* What passes through a data channel, and what is dropped on the way. */
#include "tests/unit/terminal/tunnel_pair.h"

#include "terminal/channel/tunnel.h"

static void a_packet_goes_through(void **state)
{
	struct pair *pair = *state;
	uint8_t packet[48];
	size_t len = packet_ipv6(packet, &pair->a.own, &pair->a.peer);

	confirm(pair);
	side_send(&pair->a, packet, len);
	pass(&pair->a, &pair->b, NOW);
	assert_int_equal(pair->b.delivered_len, len);
	assert_memory_equal(pair->b.delivered, packet, len);
	assert_int_equal(tunnel_count(pair->a.tunnel, TUNNEL_SENT), 1);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_RECEIVED_BYTES), len);
}

static void nothing_is_sent_before_the_peer_was_heard(void **state)
{
	struct pair *pair = *state;
	uint8_t packet[48];
	size_t len = packet_ipv6(packet, &pair->a.own, &pair->a.peer);

	side_send(&pair->a, packet, len);
	assert_int_equal(pair->a.sent_count, 0);
	assert_int_equal(tunnel_count(pair->a.tunnel, TUNNEL_DROP_UNCONFIRMED), 1);
}

static void what_is_not_for_the_peer_stays_here(void **state)
{
	struct pair *pair = *state;
	uint8_t packet[48];
	size_t len = packet_ipv6(packet, &pair->a.peer, &pair->a.own);
	unsigned before;

	confirm(pair);
	before = pair->a.sent_count;
	side_send(&pair->a, packet, len);
	assert_int_equal(pair->a.sent_count, before);
	assert_int_equal(tunnel_count(pair->a.tunnel, TUNNEL_DROP_ELSEWHERE), 1);
}

static void an_overlay_source_not_the_peers_is_dropped(void **state)
{
	struct pair *pair = *state;
	uint8_t packet[48];
	size_t len = packet_ipv6(packet, &pair->a.own, &pair->a.peer);

	packet[23] ^= 1;
	lie(pair, packet, len, ESP_NEXT_IPV6);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_DROP_SPOOFED), 1);
}

static void an_overlay_destination_not_ours_is_dropped(void **state)
{
	struct pair *pair = *state;
	uint8_t packet[48];
	size_t len = packet_ipv6(packet, &pair->a.own, &pair->a.peer);

	packet[39] ^= 1;
	lie(pair, packet, len, ESP_NEXT_IPV6);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_DROP_SPOOFED), 1);
}

static void a_next_header_of_another_version_is_dropped(void **state)
{
	struct pair *pair = *state;
	uint8_t packet[48];
	size_t len = packet_ipv6(packet, &pair->a.own, &pair->a.peer);

	lie(pair, packet, len, ESP_NEXT_IPV4);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_RECEIVED), 0);
}

static void what_is_no_packet_is_dropped(void **state)
{
	struct pair *pair = *state;
	const uint8_t nothing[] = {0};

	lie(pair, nothing, sizeof(nothing), ESP_NEXT_IPV6);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_DROP_MALFORMED), 1);
}

static void a_replay_is_dropped(void **state)
{
	struct pair *pair = *state;

	uint8_t packet[48];

	confirm(pair);
	side_send(&pair->a, packet, packet_ipv6(packet, &pair->a.own, &pair->a.peer));
	pass(&pair->a, &pair->b, NOW);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_DROP_REPLAY), 0);
	pass(&pair->a, &pair->b, NOW);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_DROP_REPLAY), 1);
}

static void forged_esp_confirms_nothing(void **state)
{
	struct pair *pair = *state;

	assert_int_equal(tunnel_tick(pair->a.tunnel, NOW), TUNNEL_LIVES);
	pair->a.sent[pair->a.sent_len - 1] ^= 1;
	pass(&pair->a, &pair->b, NOW);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_DROP_FORGED), 1);
	assert_false(tunnel_is_confirmed(pair->b.tunnel));
	assert_int_equal(pair->b.sent_count, 0);
}

static void a_stranger_that_forges_is_told_from_the_peer(void **state)
{
	struct pair *pair = *state;

	assert_int_equal(tunnel_tick(pair->a.tunnel, NOW), TUNNEL_LIVES);
	pair->a.address.bytes[15] = 9;
	pair->a.sent[pair->a.sent_len - 1] ^= 1;
	pass(&pair->a, &pair->b, NOW);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_DROP_STRANGER), 1);
	assert_false(tunnel_has_heard(pair->b.tunnel));
	assert_int_equal(pair->b.sent_count, 0);
}

static void control_that_says_nothing_is_dropped(void **state)
{
	struct pair *pair = *state;
	const uint8_t rubbish[RENEWAL_MESSAGE_BYTES] = {9};

	lie(pair, rubbish, sizeof(rubbish), ESP_NEXT_OWN);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_DROP_MALFORMED), 1);
	assert_int_equal(pair->b.renewed_count, 0);
}

static void a_suite_that_is_none_makes_no_tunnel(void **state)
{
	struct pair *pair = *state;
	struct agreement agreement = pair->caller.agreement;
	struct tunnel_port port = {NULL,	  keep_sent,  keep_delivered,
				   count_renewed, keep_found, keep_followed};
	struct tunnel *tunnel;

	agreement.suite = (enum suite)99;
	assert_int_equal(tunnel_create(&agreement, &port, NOW, &tunnel), RESULT_BAD);
}

static void every_counter_has_a_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TUNNEL_COUNTER_COUNT; i++)
		assert_non_null(tunnel_counter_name((enum tunnel_counter)i));
	assert_string_equal(tunnel_counter_name(TUNNEL_DROP_SPOOFED), "drop-spoofed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(a_packet_goes_through),
		PAIR_TEST(nothing_is_sent_before_the_peer_was_heard),
		PAIR_TEST(what_is_not_for_the_peer_stays_here),
		PAIR_TEST(an_overlay_source_not_the_peers_is_dropped),
		PAIR_TEST(an_overlay_destination_not_ours_is_dropped),
		PAIR_TEST(a_next_header_of_another_version_is_dropped),
		PAIR_TEST(what_is_no_packet_is_dropped),
		PAIR_TEST(a_replay_is_dropped),
		PAIR_TEST(forged_esp_confirms_nothing),
		PAIR_TEST(a_stranger_that_forges_is_told_from_the_peer),
		PAIR_TEST(control_that_says_nothing_is_dropped),
		PAIR_TEST(a_suite_that_is_none_makes_no_tunnel),
		cmocka_unit_test(every_counter_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
