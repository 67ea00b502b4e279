/* Message 3 once more, and cookies where they do not belong. */
#include "controlplane/keyexchange/exchange.h"

#include "tests/unit/shared/sip_check.h"

#include "tests/unit/keyexchange/exchange_scene.h"

static void the_same_message_3_gets_identical_bytes_and_makes_one_sa(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	char first[2048];
	size_t first_len;

	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	first_len = s->outcome.reply_len;
	memcpy(first, s->outcome.reply, first_len);
	for (unsigned n = 0; n < 10; n++) {
		s->now_ms += 3000;
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REPEATED);
		assert_int_equal(s->outcome.reply_len, first_len);
		assert_memory_equal(s->outcome.reply, first, first_len);
		assert_int_equal(s->outcome.sa.slot.index, 0);
	}
	assert_int_equal(sa_allocator_used(s->allocator), 1);
	s->now_ms += 3000;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	assert_int_equal(scene_status(s), 401);
	assert_int_equal(sa_allocator_used(s->allocator), 1);
	initiator_destroy(i);
}

static void message_3_again_waits_with_the_first_for_the_sa(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	uint8_t cookie_id[COOKIE_ID_BYTES];

	s->is_unsettled = true;
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	memcpy(cookie_id, s->outcome.cookie_id, sizeof(cookie_id));
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_AWAITED);
	assert_int_equal(s->outcome.reply_len, 0);
	exchange_settle(s->gateway, cookie_id, true);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_REPEATED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	initiator_destroy(i);
}

static void message_3_whose_sa_came_to_nothing_is_told_to_start_anew(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	s->is_unsettled = true;
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	exchange_settle(s->gateway, s->outcome.cookie_id, false);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	assert_int_equal(scene_status(s), 401);
	scene_return(s, i, INITIATOR_RESTART);
	/* long after, of what nobody knows any more */
	s->now_ms += 60000;
	exchange_tick(s->gateway, s->now_ms);
	exchange_settle(s->gateway, s->outcome.cookie_id, true);
	initiator_destroy(i);
}

static void another_message_3_on_a_used_cookie_is_refused(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_int_equal(scene_give(s, scene_changed(initiator_message(i), "Max-Forwards: 70",
						     "Max-Forwards: 71")),
			 EXCHANGE_COOKIE_WRONG);
	assert_int_equal(scene_status(s), 401);
	assert_null(memmem(s->outcome.reply, s->outcome.reply_len, "Security-Cookie", 15));
	assert_int_equal(sa_allocator_used(s->allocator), 1);
	initiator_destroy(i);
}

static void a_cookie_from_another_address_opens_nothing(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	s->source.bytes[15] ^= 1;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	s->source.bytes[15] ^= 1;
	s->source.port++;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	s->source.port--;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void an_expired_cookie_opens_nothing(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	s->now_ms += s->settings.cookie_lifetime_ms;
	exchange_tick(s->gateway, s->now_ms);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	assert_int_equal(scene_status(s), 401);
	scene_return(s, i, INITIATOR_RESTART);
	initiator_destroy(i);
}

static void a_cookie_of_another_name_opens_nothing(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	char changed[2048];
	struct slice m;

	scene_to_message_3(s, i);
	m = scene_changed(initiator_message(i), "From: <sip:user-a@", "From: <sip:user-b@");
	memcpy(changed, m.at, m.len);
	m = scene_changed(slice_make(changed, m.len), "To: <sip:user-a@", "To: <sip:user-b@");
	assert_int_equal(scene_give(s, m), EXCHANGE_COOKIE_WRONG);
	m = scene_changed(initiator_message(i), "REGISTER sip:abc.com", "REGISTER sip:example.net");
	assert_int_equal(scene_give(s, m), EXCHANGE_COOKIE_WRONG);
	initiator_destroy(i);
}

static void cookies_of_any_bytes_are_refused(void **state)
{
	struct scene *s = *state;
	static const char *const cookies[] = {
		"Security-Cookie: A\r\nX: ",
		"Security-Cookie: \r\nX: ",
		"Security-Cookie: =\r\nX: ",
		"Security-Cookie: a b c\r\nX: ",
		"Security-Cookie: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\nX: ",
	};
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	scene_to_message_3(s, i);
	for (size_t n = 0; n < COUNT(cookies); n++)
		assert_int_equal(scene_give(s, scene_changed(initiator_message(i),
							     "Security-Cookie: ", cookies[n])),
				 EXCHANGE_COOKIE_WRONG);
	initiator_destroy(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(the_same_message_3_gets_identical_bytes_and_makes_one_sa),
		SCENE_TEST(message_3_again_waits_with_the_first_for_the_sa),
		SCENE_TEST(message_3_whose_sa_came_to_nothing_is_told_to_start_anew),
		SCENE_TEST(another_message_3_on_a_used_cookie_is_refused),
		SCENE_TEST(a_cookie_from_another_address_opens_nothing),
		SCENE_TEST(an_expired_cookie_opens_nothing),
		SCENE_TEST(a_cookie_of_another_name_opens_nothing),
		SCENE_TEST(cookies_of_any_bytes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
