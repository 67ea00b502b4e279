#include "controlplane/keyexchange/exchange.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/keyexchange/exchange_scene.h"

static void a_terminal_with_the_password_gets_an_sa(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings =
		scene_terminal(SLICE("user-a@abc.com"), SCENE_PASSWORD);
	struct initiator *i = scene_initiator(&settings);
	const struct initiator_sa *t;
	const struct exchange_sa *g = &s->outcome.sa;

	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	t = initiator_established(i);
	assert_memory_equal(t->key_in, g->key_out, SUITE_KEY_BYTES);
	assert_memory_equal(t->key_out, g->key_in, SUITE_KEY_BYTES);
	assert_memory_not_equal(t->key_out, t->key_in, 16);
	assert_int_equal(t->spi_out, sa_slot_spi(&g->slot));
	assert_int_equal(t->spi_in, g->spi_out);
	assert_int_equal(t->suite, SUITE_AES_128_GCM_16);
	assert_int_equal(g->suite, SUITE_AES_128_GCM_16);
	assert_int_equal(g->mode, KEYEXCHANGE_TRANSPORT);
	assert_int_equal(g->level, 3);
	assert_string_equal(g->subscriber, "user-a@abc.com");
	assert_int_equal(g->replaces.index, 0);
	assert_int_equal(sa_allocator_used(s->allocator), 1);
	initiator_destroy(i);
}

static void a_subscriber_id_need_not_be_the_name(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings =
		scene_terminal(SLICE("user-c@abc.com"), SCENE_PASSWORD);
	struct initiator *i;

	settings.subscriber = SLICE("carol");
	i = scene_initiator(&settings);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	assert_string_equal(s->outcome.sa.subscriber, "carol");
	initiator_destroy(i);
}

static void what_is_no_exchange_is_not_taken_for_one(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is_for;
	} rows[] = {
		{"Security-Client: x\r\n", true},
		{"Content-Type: application/sekisho-sealed\r\n", true},
		{"Security-Cookie: x\r\n", false},
		{"", false},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		char text[512];
		struct sip_message m;
		int len = snprintf(text, sizeof(text),
				   "REGISTER sip:abc.com SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx\r\n"
				   "From: <sip:a@abc.com>;tag=1\r\nTo: <sip:a@abc.com>\r\n"
				   "Call-ID: 1\r\nCSeq: 1 REGISTER\r\n%s\r\n",
				   rows[n].text);

		assert_int_equal(sip_message_parse(text, (size_t)len, &m), SIP_VERDICT_OK);
		assert_row(rows[n].text, exchange_is_for(&m) == rows[n].is_for);
	}
}

static void settings_out_of_range_are_refused(void **state)
{
	struct scene *s = *state;
	struct exchange *x;
	struct exchange_settings bad[] = {s->settings, s->settings, s->settings,
					  s->settings, s->settings, s->settings};

	bad[0].domain_count = 0;
	bad[1].suites.count = 0;
	bad[2].soft_s = bad[2].hard_s + 1;
	bad[3].iterations = 4095;
	bad[4].cookie_lifetime_ms = 60001;
	bad[5].used_cookies = 0;
	for (size_t n = 0; n < COUNT(bad); n++)
		assert_int_equal(exchange_create(&bad[n], &x), RESULT_BAD);
}

static void more_than_udp_may_carry_is_dropped(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings =
		scene_terminal(SLICE("user-a@abc.com"), SCENE_PASSWORD);
	struct initiator *i = scene_initiator(&settings);

	assert_int_equal(scene_give(s, scene_changed(initiator_message(i), "Security-Padding: ",
						     "Security-Padding: 012345678901234567890123"
						     "456789012")),
			 EXCHANGE_DROPPED_SHORT);
	assert_int_equal(s->outcome.reply_len, 0);
	initiator_destroy(i);
}

static void cookies_are_void_after_a_restart_and_secrets_are_not(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings =
		scene_terminal(SLICE("user-a@abc.com"), SCENE_PASSWORD);
	struct initiator *i = scene_initiator(&settings);

	scene_to_message_3(s, i);
	scene_restart(s);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_WRONG);
	scene_return(s, i, INITIATOR_RESTART);
	assert_int_equal(initiator_start(i), RESULT_OK);
	scene_to_message_3(s, i);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void every_verdict_has_a_word(void **state)
{
	(void)state;
	for (unsigned v = 0; v < EXCHANGE_VERDICT_COUNT; v++)
		assert_string_not_equal(exchange_verdict_text(v), "unknown");
	assert_string_equal(exchange_verdict_text(EXCHANGE_VERDICT_COUNT), "unknown");
}

static void a_credential_has_its_identities_and_no_others(void **state)
{
	struct scene *s = *state;

	assert_true(subscriber_credential_has(&s->alice, SLICE("user-a2@abc.com")));
	assert_false(subscriber_credential_has(&s->alice, SLICE("user-a2@abc.co")));
	assert_false(subscriber_credential_has(&s->alice, SLICE("user-c@abc.com")));
	assert_false(subscriber_credential_has(&s->alice, SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(a_terminal_with_the_password_gets_an_sa),
		SCENE_TEST(a_subscriber_id_need_not_be_the_name),
		SCENE_TEST(what_is_no_exchange_is_not_taken_for_one),
		SCENE_TEST(settings_out_of_range_are_refused),
		SCENE_TEST(more_than_udp_may_carry_is_dropped),
		SCENE_TEST(cookies_are_void_after_a_restart_and_secrets_are_not),
		SCENE_TEST(every_verdict_has_a_word),
		SCENE_TEST(a_credential_has_its_identities_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
