#include "tests/unit/terminal/channel_bench.h"

#include "terminal/channel/path.h"
#include "terminal/channel/search.h"
#include "terminal/channel/tunnel.h"

#define NOW 1000000

/* One end, and what it last sent and delivered. */
struct side {
	struct tunnel *tunnel;
	struct sip_address address; /* its own, outer */
	struct overlay own, peer;
	uint8_t sent[2048], delivered[2048];
	size_t sent_len, delivered_len;
	struct sip_address sent_to, found, followed;
	unsigned sent_count, renewed_count;
};

struct pair {
	struct negotiation caller, callee;
	struct side a, b;
};

static void keep_sent(void *context, const struct sip_address *to, const uint8_t *packet,
		      size_t len)
{
	struct side *side = context;

	assert_int_equal(to->family, 6);
	memcpy(side->sent, packet, len);
	side->sent_len = len;
	side->sent_to = *to;
	side->sent_count++;
}

static void keep_delivered(void *context, const uint8_t *packet, size_t len)
{
	struct side *side = context;

	memcpy(side->delivered, packet, len);
	side->delivered_len = len;
}

static void count_renewed(void *context, const struct renewal_sas *sas)
{
	struct side *side = context;

	assert_int_not_equal(sas->spi_in, sas->spi_out);
	side->renewed_count++;
}

static void keep_followed(void *context, const struct sip_address *address)
{
	struct side *side = context;

	side->followed = *address;
}

static void keep_found(void *context, const struct sip_address *place)
{
	struct side *side = context;

	assert_int_equal(side->found.family, 0);
	side->found = *place;
}

static void side_make(struct side *side, const struct agreement *agreement, uint8_t last)
{
	struct tunnel_port port = {side,	  keep_sent,  keep_delivered,
				   count_renewed, keep_found, keep_followed};

	assert_int_equal(tunnel_create(agreement, &port, NOW, &side->tunnel), RESULT_OK);
	side->address = address_of(last);
	side->own = agreement->own;
	side->peer = agreement->peer;
}

static int begin(void **state)
{
	static struct pair pair;

	memset(&pair, 0, sizeof(pair));
	agree(&pair.caller, &pair.callee);
	side_make(&pair.a, &pair.caller.agreement, 1);
	side_make(&pair.b, &pair.callee.agreement, 2);
	*state = &pair;
	return 0;
}

static int end(void **state)
{
	struct pair *pair = *state;

	tunnel_destroy(pair->a.tunnel);
	tunnel_destroy(pair->b.tunnel);
	negotiation_end(&pair->caller);
	negotiation_end(&pair->callee);
	return 0;
}

/* What from sent last arrives at to. */
static void pass(struct side *from, struct side *to, uint64_t now_ms)
{
	uint8_t packet[sizeof(from->sent)];

	memcpy(packet, from->sent, from->sent_len);
	tunnel_receive(to->tunnel, now_ms, &from->address, packet, from->sent_len);
}

/* What from said is heard at to, and what that says to it, until nobody has an answer. */
static void converse(struct side *from, struct side *to, uint64_t now_ms)
{
	unsigned before = to->sent_count;

	pass(from, to, now_ms);
	if (to->sent_count > before)
		converse(to, from, now_ms);
}

/* Both find the way to each other: the caller asks, the callee asks back, and he takes it. */
static void confirm(struct pair *pair)
{
	for (unsigned i = 0; i < 6; i++) {
		struct side *from = i % 2 ? &pair->b : &pair->a;
		unsigned before = from->sent_count;

		assert_int_equal(tunnel_tick(from->tunnel, NOW), TUNNEL_LIVES);
		if (from->sent_count > before)
			converse(from, i % 2 ? &pair->a : &pair->b, NOW);
	}
	assert_true(tunnel_is_confirmed(pair->a.tunnel));
	assert_true(tunnel_is_confirmed(pair->b.tunnel));
	assert_true(sip_address_is_same_host(&pair->a.found, &pair->b.address));
	assert_true(sip_address_is_same_host(&pair->b.found, &pair->a.address));
	assert_int_equal(tunnel_place(pair->a.tunnel).port, 0);
}

/* What a program of this machine sends; the ESP packet, if it is one, counts as sent. */
static void side_send(struct side *side, const uint8_t *packet, size_t len)
{
	uint8_t frame[TUNNEL_FRAME_BYTES];
	struct tunnel_sealed sealed;

	memcpy(frame + TUNNEL_FRONT_BYTES, packet, len);
	if (tunnel_seal(side->tunnel, NOW, frame, len, &sealed)) {
		assert_true(sealed.at >= frame && sealed.at + sealed.len <= frame + sizeof(frame));
		keep_sent(side, &sealed.to, sealed.at, sealed.len);
	}
}

static size_t packet_ipv6(uint8_t *packet, const struct overlay *from, const struct overlay *to)
{
	memset(packet, 0, 48);
	packet[0] = 0x60;
	packet[5] = 8;
	memcpy(packet + 8, from->ipv6.bytes, 16);
	memcpy(packet + 24, to->ipv6.bytes, 16);
	return 48;
}

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

/* Seals what a peer that lies would send. */
static void lie(struct pair *pair, const uint8_t *payload, size_t len, uint8_t next_header)
{
	const struct agreement *agreement = &pair->caller.agreement;
	struct esp_outbound *out;

	assert_int_equal(esp_outbound_create(esp_suite_by_number(agreement->suite),
					     agreement->spi_out, agreement->key_out, &out),
			 RESULT_OK);
	assert_int_equal(esp_outbound_seal(out, next_header, payload, len, pair->a.sent,
					   sizeof(pair->a.sent), &pair->a.sent_len),
			 RESULT_OK);
	esp_outbound_destroy(out);
	pass(&pair->a, &pair->b, NOW);
	assert_int_equal(pair->b.delivered_len, 0);
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

static void a_peer_never_heard_is_given_up(void **state)
{
	struct pair *pair = *state;
	uint64_t now_ms = NOW;

	while (now_ms < NOW + TUNNEL_CONFIRM_MS) {
		assert_int_equal(tunnel_tick(pair->a.tunnel, now_ms), TUNNEL_LIVES);
		assert_true(tunnel_deadline(pair->a.tunnel) > now_ms);
		now_ms = tunnel_deadline(pair->a.tunnel);
	}
	assert_int_equal(tunnel_tick(pair->a.tunnel, now_ms), TUNNEL_UNCONFIRMED);
	assert_int_equal(tunnel_place(pair->a.tunnel).family, 0);
	/* So little goes to two addresses that a liar may have named. */
	assert_in_range(pair->a.sent_count, 38, 2 * SEARCH_ASKS);
}

static void a_silent_peer_is_lost_and_dummies_keep_it(void **state)
{
	struct pair *pair = *state;
	uint64_t now_ms = NOW;

	confirm(pair);
	for (unsigned i = 0; i < 10; i++) {
		now_ms += TUNNEL_KEEP_ALIVE_MS;
		assert_int_equal(tunnel_tick(pair->a.tunnel, now_ms), TUNNEL_LIVES);
		assert_int_equal(tunnel_tick(pair->b.tunnel, now_ms), TUNNEL_LIVES);
		pass(&pair->a, &pair->b, now_ms);
		pass(&pair->b, &pair->a, now_ms);
	}
	assert_int_equal(pair->b.delivered_len, 0);
	assert_int_equal(tunnel_tick(pair->a.tunnel, now_ms + TUNNEL_LOST_MS - 1), TUNNEL_LIVES);
	assert_int_equal(tunnel_tick(pair->a.tunnel, now_ms + TUNNEL_LOST_MS), TUNNEL_LOST);
}

/* An ESP packet on its way. */
struct esp {
	uint8_t bytes[256];
	size_t len;
};

static struct esp sent_by(const struct side *side)
{
	struct esp esp = {.len = side->sent_len};

	assert_true(esp.len <= sizeof(esp.bytes));
	memcpy(esp.bytes, side->sent, esp.len);
	return esp;
}

/* A data packet of its own. */
static struct esp data_of(struct side *side)
{
	uint8_t packet[48];

	side_send(side, packet, packet_ipv6(packet, &side->own, &side->peer));
	return sent_by(side);
}

static void arrive(struct side *from, struct side *to, struct esp esp, uint64_t now_ms)
{
	tunnel_receive(to->tunnel, now_ms, &from->address, esp.bytes, esp.len);
}

/* What a side says when it is time. */
static struct esp tick(struct side *side, uint64_t now_ms)
{
	unsigned before = side->sent_count;

	assert_int_equal(tunnel_tick(side->tunnel, now_ms), TUNNEL_LIVES);
	assert_int_equal(side->sent_count, before + 1);
	return sent_by(side);
}

static void renewal_loses_no_packet_however_late(void **state)
{
	struct pair *pair = *state;
	struct side *a = &pair->a, *b = &pair->b;
	uint32_t spi = tunnel_spi_in(a->tunnel);
	struct esp renew, renewed, old_of_a, old_of_b;

	confirm(pair);
	tunnel_renew(a->tunnel);
	renew = tick(a, NOW);
	old_of_a = data_of(a);
	arrive(a, b, renew, NOW);
	renewed = sent_by(b);
	old_of_b = data_of(b);
	arrive(b, a, renewed, NOW);
	assert_int_not_equal(tunnel_spi_in(a->tunnel), spi);
	assert_int_equal(tunnel_spi_in(a->tunnel), tunnel_spi_out(b->tunnel));
	assert_int_equal(tunnel_spi_out(a->tunnel), tunnel_spi_in(b->tunnel));
	/* The new overtakes the old, both ways, and the dummies get lost. */
	arrive(a, b, data_of(a), NOW);
	arrive(b, a, data_of(b), NOW);
	arrive(a, b, old_of_a, NOW + TUNNEL_OLD_MS - 1);
	arrive(b, a, old_of_b, NOW + TUNNEL_OLD_MS - 1);
	assert_int_equal(tunnel_count(b->tunnel, TUNNEL_RECEIVED), 2);
	assert_int_equal(tunnel_count(a->tunnel, TUNNEL_RECEIVED), 2);
	assert_int_equal(a->renewed_count, 1);
	assert_int_equal(tunnel_count(b->tunnel, TUNNEL_RENEWALS), 1);
	assert_true(tunnel_has_spi(a->tunnel, spi));
	assert_int_equal(tunnel_tick(a->tunnel, NOW + TUNNEL_OLD_MS), TUNNEL_LIVES);
	assert_false(tunnel_has_spi(a->tunnel, spi));
	arrive(b, a, old_of_b, NOW + TUNNEL_OLD_MS);
	assert_int_equal(tunnel_count(a->tunnel, TUNNEL_DROP_MALFORMED), 1);
}

static void renewal_survives_the_loss_of_each_message(void **state)
{
	struct pair *pair = *state;
	struct side *a = &pair->a, *b = &pair->b;

	confirm(pair);
	tunnel_renew(b->tunnel);
	(void)tick(b, NOW); /* WANTED, lost */
	arrive(b, a, tick(b, NOW + RENEWAL_AGAIN_MS), NOW);
	(void)tick(a, NOW); /* RENEW, lost */
	arrive(a, b, tick(a, NOW + RENEWAL_AGAIN_MS), NOW);
	assert_int_equal(b->renewed_count, 1); /* RENEWED, lost */
	arrive(a, b, data_of(a), NOW);	       /* still under the old */
	arrive(b, a, data_of(b), NOW);
	arrive(a, b, tick(a, NOW + UINT64_C(2) * RENEWAL_AGAIN_MS), NOW);
	arrive(b, a, sent_by(b), NOW);
	assert_int_equal(b->renewed_count, 1);
	assert_int_equal(a->renewed_count, 1);
	arrive(a, b, data_of(a), NOW);
	arrive(b, a, data_of(b), NOW);
	assert_int_equal(tunnel_count(b->tunnel, TUNNEL_RECEIVED), 2);
	assert_int_equal(tunnel_count(a->tunnel, TUNNEL_RECEIVED), 2);
}

static void keys_are_not_renewed_while_those_before_are_taken(void **state)
{
	struct pair *pair = *state;
	struct side *a = &pair->a, *b = &pair->b;
	unsigned before;

	confirm(pair);
	tunnel_renew(a->tunnel);
	arrive(a, b, tick(a, NOW), NOW);
	arrive(b, a, sent_by(b), NOW);
	arrive(a, b, sent_by(a), NOW);
	arrive(b, a, sent_by(b), NOW);
	tunnel_renew(a->tunnel);
	before = a->sent_count;
	assert_int_equal(tunnel_tick(a->tunnel, NOW + 1), TUNNEL_LIVES);
	assert_int_equal(a->sent_count, before);
	assert_true(tunnel_deadline(a->tunnel) > NOW + 1);
	assert_int_equal(tunnel_tick(a->tunnel, NOW + TUNNEL_OLD_MS), TUNNEL_LIVES);
	assert_int_equal(tunnel_tick(b->tunnel, NOW + TUNNEL_OLD_MS), TUNNEL_LIVES);
	arrive(a, b, sent_by(a), NOW + TUNNEL_OLD_MS);
	assert_int_equal(tunnel_count(b->tunnel, TUNNEL_DROP_MALFORMED), 0);
}

static void control_that_says_nothing_is_dropped(void **state)
{
	struct pair *pair = *state;
	const uint8_t rubbish[RENEWAL_MESSAGE_BYTES] = {9};

	lie(pair, rubbish, sizeof(rubbish), ESP_NEXT_OWN);
	assert_int_equal(tunnel_count(pair->b.tunnel, TUNNEL_DROP_MALFORMED), 1);
	assert_int_equal(pair->b.renewed_count, 0);
}

static void a_peer_that_moves_is_asked_there_and_followed(void **state)
{
	struct pair *pair = *state;
	struct side *a = &pair->a, *b = &pair->b;
	struct sip_address before = a->address, after = address_of(9);

	confirm(pair);
	a->address = after;
	tunnel_moved(a->tunnel, NOW);
	arrive(a, b, sent_by(a), NOW);
	assert_true(sip_address_is_same_host(&b->sent_to, &after)); /* the question */
	arrive(b, a, sent_by(b), NOW);
	(void)data_of(b); /* not before the answer */
	assert_true(sip_address_is_same_host(&b->sent_to, &before));
	assert_int_equal(b->followed.family, 0);
	tunnel_moved(a->tunnel, NOW + PATH_AGAIN_MS);
	arrive(a, b, sent_by(a), NOW + PATH_AGAIN_MS);
	arrive(b, a, sent_by(b), NOW + PATH_AGAIN_MS);
	arrive(a, b, sent_by(a), NOW + PATH_AGAIN_MS); /* the answer */
	assert_true(sip_address_is_same_host(&b->followed, &after));
	arrive(b, a, data_of(b), NOW + PATH_AGAIN_MS);
	assert_true(sip_address_is_same_host(&b->sent_to, &after));
	assert_int_equal(tunnel_count(a->tunnel, TUNNEL_RECEIVED), 1);
	assert_int_equal(tunnel_count(b->tunnel, TUNNEL_DROP_STRANGER), 0);
	assert_true(tunnel_deadline(a->tunnel) <=
		    NOW + UINT64_C(2) * PATH_AGAIN_MS + TUNNEL_MOVED_AGAIN_MS);
}

static void who_copies_a_packet_from_elsewhere_is_not_followed(void **state)
{
	struct pair *pair = *state;
	struct side *a = &pair->a, *b = &pair->b;
	struct sip_address before = a->address;

	confirm(pair);
	struct esp copied = data_of(a);

	a->address = address_of(9);
	arrive(a, b, copied, NOW); /* overtakes the original */
	assert_int_equal(tunnel_count(b->tunnel, TUNNEL_RECEIVED), 1);
	a->address = before;
	arrive(b, a, sent_by(b), NOW); /* the question, handed on */
	assert_true(sip_address_is_same_host(&a->sent_to, &b->address));
	arrive(a, b, sent_by(a), NOW); /* the answer comes from where the peer is */
	assert_int_equal(b->followed.family, 0);
	a->address = address_of(9);
	arrive(a, b, copied, NOW);
	assert_int_equal(tunnel_count(b->tunnel, TUNNEL_DROP_STRANGER), 1);
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

#define PAIR_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

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
		PAIR_TEST(a_peer_never_heard_is_given_up),
		PAIR_TEST(a_silent_peer_is_lost_and_dummies_keep_it),
		PAIR_TEST(renewal_loses_no_packet_however_late),
		PAIR_TEST(renewal_survives_the_loss_of_each_message),
		PAIR_TEST(keys_are_not_renewed_while_those_before_are_taken),
		PAIR_TEST(control_that_says_nothing_is_dropped),
		PAIR_TEST(a_peer_that_moves_is_asked_there_and_followed),
		PAIR_TEST(who_copies_a_packet_from_elsewhere_is_not_followed),
		PAIR_TEST(a_suite_that_is_none_makes_no_tunnel),
		cmocka_unit_test(every_counter_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
