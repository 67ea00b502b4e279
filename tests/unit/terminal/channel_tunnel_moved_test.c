/* The other side is elsewhere, or silent: followed, or given up. */
#include "tests/unit/terminal/tunnel_pair.h"

#include "terminal/channel/tunnel.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(a_peer_never_heard_is_given_up),
		PAIR_TEST(a_silent_peer_is_lost_and_dummies_keep_it),
		PAIR_TEST(a_peer_that_moves_is_asked_there_and_followed),
		PAIR_TEST(who_copies_a_packet_from_elsewhere_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
