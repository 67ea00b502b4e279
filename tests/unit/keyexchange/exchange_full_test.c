/* An exchange for which there is no room, no store, or no more due. */
#include "controlplane/keyexchange/exchange.h"

#include "tests/unit/shared/sip_check.h"

#include "tests/unit/keyexchange/exchange_scene.h"

/* A 503 that tells the operator why. */
static void assert_unavailable(const struct scene *s, const char *reason)
{
	assert_int_equal(s->outcome.verdict, EXCHANGE_UNAVAILABLE);
	assert_string_equal(s->outcome.reason, reason);
	assert_int_equal(scene_status(s), 503);
}

static void when_anything_is_full_it_is_503_and_nothing_leaks(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	s->settings.used_cookies = 3;
	scene_restart(s);
	for (unsigned n = 0; n < 3; n++) {
		assert_int_equal(initiator_start(i), RESULT_OK);
		scene_to_message_3(s, i);
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	}
	assert_int_equal(initiator_start(i), RESULT_OK);
	scene_to_message_3(s, i);
	(void)scene_give(s, initiator_message(i));
	assert_unavailable(s, "no more SAs may be opened within a cookie's lifetime");
	assert_int_equal(sa_allocator_used(s->allocator), 3);
	s->now_ms += s->settings.cookie_lifetime_ms - 1;
	exchange_tick(s->gateway, s->now_ms + 1);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void when_every_sa_is_in_use_or_rests_it_is_503_until_there_is_one(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	struct sa_slot slot[1023];

	for (unsigned n = 0; n < 1023; n++)
		assert_int_equal(sa_allocator_take(s->allocator, s->now_ms / 1000, &slot[n]),
				 RESULT_OK);
	scene_to_message_3(s, i);
	(void)scene_give(s, initiator_message(i));
	assert_unavailable(s, "every SA is in use or rests");
	assert_int_equal(sa_allocator_used(s->allocator), 1023);
	assert_int_equal(sa_allocator_release(s->allocator, slot[0].index, slot[0].generation,
					      s->now_ms / 1000),
			 RESULT_OK);
	/* which rests yet */
	(void)scene_give(s, initiator_message(i));
	assert_unavailable(s, "every SA is in use or rests");
	initiator_destroy(i);
}

#define RATE_PLACES 4096

/* Random enough, and the same each time: SplitMix64 of a count. */
static enum result counted_fill(void *context, void *out, size_t len)
{
	uint64_t *count = context;
	uint8_t *at = out;

	for (size_t i = 0; i < len; i++) {
		uint64_t z = (*count)++ * 0x9e3779b97f4a7c15u;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		at[i] = (uint8_t)(z >> 56);
	}
	return RESULT_OK;
}

static void one_subscriber_cannot_use_up_the_sa_table(void **state)
{
	uint64_t counted = 1;
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	struct initiator_settings other = scene_terminal(SLICE("user-c@abc.com"), SCENE_PASSWORD);
	unsigned established = 0;

	/* so many places of the rate, by a seed of its own, that no two of them meet in one */
	s->settings.used_cookies = RATE_PLACES;
	s->settings.random = (struct random_source){.fill = counted_fill, .context = &counted};
	scene_restart(s);
	for (unsigned n = 0; n < 50; n++) {
		assert_int_equal(initiator_start(i), RESULT_OK);
		scene_to_message_3(s, i);
		if (scene_give(s, initiator_message(i)) == EXCHANGE_ESTABLISHED)
			established++;
		else
			assert_unavailable(s, "the subscriber opens SAs too often");
	}
	assert_int_equal(established, 16);
	assert_int_equal(sa_allocator_used(s->allocator), 16);
	initiator_destroy(i);
	/* others are served */
	other.subscriber = SLICE("carol");
	i = scene_initiator(&other);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void while_the_store_is_locked_it_is_503(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	s->store_result = RESULT_STALE;
	(void)scene_give(s, initiator_message(i));
	assert_unavailable(s, "the store cannot tell");
	assert_string_equal(s->outcome.who, "user-a@abc.com");
	s->store_result = RESULT_OK;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(when_anything_is_full_it_is_503_and_nothing_leaks),
		SCENE_TEST(when_every_sa_is_in_use_or_rests_it_is_503_until_there_is_one),
		SCENE_TEST(one_subscriber_cannot_use_up_the_sa_table),
		SCENE_TEST(while_the_store_is_locked_it_is_503),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
