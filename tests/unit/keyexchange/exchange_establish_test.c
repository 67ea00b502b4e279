#include "controlplane/keyexchange/exchange.h"

#include "tests/unit/shared/sip_check.h"

#include "tests/unit/keyexchange/exchange_scene.h"

static void a_difference_of_addresses_selects_the_tunnel(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	const struct initiator_sa *sa;

	s->source.bytes[15] = 0x99;
	s->source.port = 40000;
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	sa = initiator_established(i);
	assert_int_equal(sa->mode, KEYEXCHANGE_UDP_TUNNEL);
	/* Its inner address is the gateway's to give, whatever it said of itself. */
	assert_memory_equal(sa->inner.bytes, ((uint8_t[16]){0xfd, 0, 0, 1, [15] = 1}), 16);
	assert_int_equal(sa->inner.port, 5060);
	assert_true(sip_address_is_same_host(&sa->inner, &s->outcome.sa.inner));
	assert_int_equal(s->outcome.sa.mode, KEYEXCHANGE_UDP_TUNNEL);
	assert_int_equal(s->outcome.sa.outer.bytes[15], 0x99);
	initiator_destroy(i);
}

/* Two terminals claim the same address: each gets one of its own, a third none. */
static void no_two_tunnels_have_one_inner_address(void **state)
{
	struct scene *s = *state;
	struct sip_address given[2];

	s->source.bytes[15] = 0x99;
	for (unsigned n = 0; n < 3; n++) {
		struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

		scene_to_message_3(s, i);
		assert_int_equal(scene_give(s, initiator_message(i)),
				 n < 2 ? EXCHANGE_ESTABLISHED : EXCHANGE_UNAVAILABLE);
		if (n < 2) {
			given[n] = s->outcome.sa.inner;
			inner_pool_hold(s->pool, &given[n]);
		}
		initiator_destroy(i);
	}
	assert_false(sip_address_is_same_host(&given[0], &given[1]));
	assert_int_equal(sa_allocator_used(s->allocator), 2);
}

static void a_terminal_that_wants_udp_gets_it(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings = scene_terminal(SCENE_ALICE, SCENE_PASSWORD);
	struct initiator *i;

	settings.wants_encap = true;
	i = scene_initiator(&settings);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_int_equal(initiator_established(i)->mode, KEYEXCHANGE_UDP_TUNNEL);
	initiator_destroy(i);
}

static void a_rekey_keeps_mode_and_subscriber(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	struct initiator_settings other = scene_terminal(SLICE("user-c@abc.com"), SCENE_PASSWORD);

	s->through = (struct exchange_through){.index = 5,
					       .generation = 1,
					       .mode = KEYEXCHANGE_UDP_TUNNEL,
					       .subscriber = SCENE_ALICE};
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_int_equal(initiator_established(i)->mode, KEYEXCHANGE_UDP_TUNNEL);
	assert_int_equal(s->outcome.sa.replaces.index, 5);
	assert_int_equal(s->outcome.sa.replaces.generation, 1);
	assert_true(sip_address_is_same_host(&s->outcome.sa.inner, &s->source));
	initiator_destroy(i);
	/* through the SA of another he proves himself in vain */
	other.subscriber = SLICE("carol");
	i = scene_initiator(&other);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REFUSED);
	initiator_destroy(i);
}

static void level_2_is_what_integrity_alone_is_worth(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings = scene_terminal(SCENE_ALICE, SCENE_PASSWORD);
	struct initiator *i;

	settings.suites = (struct suite_list){.suite = {SUITE_NULL_HMAC_SHA_256_128}, .count = 1};
	i = scene_initiator(&settings);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	assert_int_equal(initiator_established(i)->level, 2);
	assert_int_equal(s->outcome.sa.level, 2);
	initiator_destroy(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(a_difference_of_addresses_selects_the_tunnel),
		SCENE_TEST(no_two_tunnels_have_one_inner_address),
		SCENE_TEST(a_terminal_that_wants_udp_gets_it),
		SCENE_TEST(a_rekey_keeps_mode_and_subscriber),
		SCENE_TEST(level_2_is_what_integrity_alone_is_worth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
