/* New keys while a data channel is in use. */
#include "tests/unit/terminal/tunnel_pair.h"

#include "terminal/channel/tunnel.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(renewal_loses_no_packet_however_late),
		PAIR_TEST(renewal_survives_the_loss_of_each_message),
		PAIR_TEST(keys_are_not_renewed_while_those_before_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
