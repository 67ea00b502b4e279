#include "controlplane/keyexchange/exchange.h"

#include "tests/unit/shared/sip_check.h"
#include "shared/base64url.h"
#include "shared/keyexchange/scram_messages.h"
#include "tests/unit/keyexchange/exchange_scene.h"

static void message_2_is_no_longer_than_message_1_and_remembers_nothing(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	for (unsigned n = 0; n < 100; n++) {
		assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
		assert_int_equal(scene_status(s), 401);
		assert_in_range(s->outcome.reply_len, 1, 1200);
	}
	assert_int_equal(sa_allocator_used(s->allocator), 0);
	initiator_destroy(i);
}

static void less_than_1200_bytes_get_no_answer(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	struct slice cut =
		scene_changed(initiator_message(i), "Security-Padding: 00", "Security-Padding: 0");

	assert_int_equal(initiator_message(i).len, 1200);
	assert_int_equal(scene_give(s, cut), EXCHANGE_DROPPED_SHORT);
	assert_int_equal(s->outcome.reply_len, 0);
	assert_int_equal(s->store_reads, 0);
	/* through an SA the address is proved */
	s->through = (struct exchange_through){.index = 5,
					       .generation = 1,
					       .mode = KEYEXCHANGE_TRANSPORT,
					       .subscriber = SCENE_ALICE};
	assert_int_equal(scene_give(s, cut), EXCHANGE_CHALLENGED);
	initiator_destroy(i);
}

static void malformed_messages_get_400(void **state)
{
	struct scene *s = *state;
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"REGISTER sip:abc.com SIP", "REGISTER sip:other.com SIP"},
		{"REGISTER sip:abc.com SIP", "REGISTER sip:user-a@abc.com SIP"},
		{"REGISTER sip:abc.com SIP", "REGISTER sip:abc.com:5062 SIP"},
		{"REGISTER sip:abc.com SIP", "REGISTER tel:+1 SIP"},
		{"To: <sip:user-a@abc.com>", "To: <sip:user-b@abc.com>"},
		{"To: <sip:user-a@abc.com>", "To: <sip:user-a@abc.com>;tag=x"},
		{"From: <sip:user-a@abc.com>;tag=", "From: <sip:user-a@abc.com>;t="},
		{"Max-Forwards: 70\r\n", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKy\r\n"},
		{"Security-Client: sekisho-x25519;", "Security-Client: sekisho-x448;"},
		{"Security-Client: ", "Security-Client: x\r\nSecurity-Client: "},
		{";share=", ";chare="},
		{";nonce=", ";nonce=A"},
		{"Authorization: SCRAM-SHA-256 ", "Authorization: SCRAM-SHA-1 "},
		{"Authorization: SCRAM", "Proxy-Authorization: SCRAM"},
		{"data=\"", "data=\"AAAA"},
		{"[2001:1234::10]:5060\"", "[2001:1234::10]\""},
		{"[2001:1234::10]:5060\"", "10.0.0.1:5060\""},
		{"[2001:1234::10]:5060\"", "[::1]:5060\""},
		{"[2001:1234::10]:5060\"", "[0:0:0:0:0:0:0:0]:5060\""},
		{"[2001:1234::10]:5060\"", "[::ffff:10.0.0.1]:5060\""},
		{"[2001:1234::10]:5060\"", "[ff02::1]:5060\""},
	};

	for (size_t n = 0; n < COUNT(rows); n++) {
		struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
		struct slice m = scene_changed(initiator_message(i), rows[n].from, rows[n].to);
		char padded[4096];

		/* at least as long as before, so that it is the form and not the length */
		memcpy(padded, m.at, m.len);
		m = scene_changed(slice_make(padded, m.len), "Security-Padding: 0000000000",
				  m.len > 1220 ? "Security-Padding: "
					       : "Security-Padding: 00000000000000000000");
		if (scene_give(s, m) != EXCHANGE_MALFORMED)
			fail_msg("taken with %s", rows[n].to);
		assert_row(rows[n].to, scene_status(s) == 400);
		initiator_destroy(i);
	}
	assert_int_equal(s->store_reads, 0);
}

static void a_nonce_that_is_not_scrams_is_refused(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD),
			 *other = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	struct slice m = initiator_message(other);
	const char *at = memmem(m.at, m.len, "data=\"", 6);
	char data[256];
	struct slice mine = initiator_message(i);
	const char *mine_at = memmem(mine.at, mine.len, "data=\"", 6);
	char mine_data[256];

	snprintf(data, sizeof(data), "%.*s", (int)(strcspn(at + 6, "\"") + 6), at);
	snprintf(mine_data, sizeof(mine_data), "%.*s", (int)(strcspn(mine_at + 6, "\"") + 6),
		 mine_at);
	assert_int_equal(scene_give(s, scene_changed(mine, mine_data, data)), EXCHANGE_MALFORMED);
	initiator_destroy(i);
	initiator_destroy(other);
}

static void without_a_suite_in_common_it_is_488(void **state)
{
	struct scene *s = *state;
	struct initiator_settings settings = scene_terminal(SCENE_ALICE, SCENE_PASSWORD);
	struct initiator *i;

	settings.suites =
		(struct suite_list){.suite = {SUITE_AES_128_CBC_HMAC_SHA_1_96}, .count = 1};
	i = scene_initiator(&settings);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_NO_SUITE);
	assert_int_equal(scene_status(s), 488);
	initiator_destroy(i);
}

/* Salt and iterations of message 2. */
static struct scram_server_first read_challenge(struct scene *s)
{
	struct scram_server_first out = {0};
	struct sip_message m;
	char buffer[512], salt[64];
	struct slice scram;
	const char *at;
	size_t len;

	assert_int_equal(sip_message_parse(s->outcome.reply, s->outcome.reply_len, &m),
			 SIP_VERDICT_OK);
	assert_int_equal(scram_data_parse(sip_message_value(&m, SIP_HEADER_WWW_AUTHENTICATE),
					  buffer, sizeof(buffer) - 1, &scram),
			 RESULT_OK);
	buffer[scram.len] = '\0';
	at = strstr(buffer, ",s=");
	assert_non_null(at);
	assert_int_equal(sscanf(at, ",s=%63[^,],i=%u", salt, &out.iterations), 2);
	assert_int_equal(base64_decode(text_slice(salt), out.salt, sizeof(out.salt), &len),
			 RESULT_OK);
	out.salt_len = (uint8_t)len;
	return out;
}

static struct scram_server_first challenge(struct scene *s, struct initiator *i)
{
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	return read_challenge(s);
}

static void who_does_not_exist_looks_like_who_does(void **state)
{
	struct scene *s = *state;
	struct initiator *known = scene_started(SCENE_ALICE, SCENE_PASSWORD),
			 *unknown = scene_started(SLICE("user-x@abc.com"), SCENE_PASSWORD);
	struct scram_server_first a = challenge(s, known), x, again;
	size_t known_len = s->outcome.reply_len;

	x = challenge(s, unknown);
	assert_int_equal(s->outcome.reply_len, known_len);
	assert_int_equal(x.iterations, a.iterations);
	assert_int_equal(x.salt_len, a.salt_len);
	/* the same each time, and after a restart */
	scene_restart(s);
	again = challenge(s, unknown);
	assert_memory_equal(x.salt, again.salt, x.salt_len);
	/* another domain's secret, another salt */
	s->settings.persistent[0] ^= 1;
	scene_restart(s);
	again = challenge(s, unknown);
	assert_memory_not_equal(x.salt, again.salt, x.salt_len);
	initiator_destroy(known);
	initiator_destroy(unknown);
}

static void in_a_flood_addresses_prove_themselves_first(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	s->settings.flood_threshold = 0;
	scene_restart(s);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_ASKED);
	assert_int_equal(scene_status(s), 401);
	assert_in_range(s->outcome.reply_len, 1, 1200);
	assert_int_equal(s->store_reads, 0);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	initiator_destroy(i);
}

/* A storm's: message 1 is sent more than once before its first answer is there. */
static void in_a_flood_a_late_second_answer_to_message_1_does_no_harm(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	enum initiator_event event;
	char late[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];
	struct slice first, second;

	s->settings.flood_threshold = 0;
	scene_restart(s);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_ASKED);
	first = scene_reply(s);
	memcpy(late, first.at, first.len);
	second = slice_make(late, first.len);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	assert_int_equal(initiator_receive(i, second, &event), RESULT_OK);
	assert_int_equal(event, INITIATOR_IGNORED);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	scene_return(s, i, INITIATOR_ESTABLISHED);
	initiator_destroy(i);
}

/* The flood is over for the first message 1 when it comes again, and its sender has a cookie by
 * then. */
static void a_challenge_to_message_1_without_the_cookie_is_none_to_the_one_with_it(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);
	char bytes[LIMIT_KEYEXCHANGE_MESSAGE_BYTES];
	struct slice before = initiator_message(i);

	memcpy(bytes, before.at, before.len);
	before = slice_make(bytes, before.len);
	s->settings.flood_threshold = 0;
	scene_restart(s);
	assert_int_equal(scene_give(s, before), EXCHANGE_COOKIE_ASKED);
	scene_return(s, i, INITIATOR_SEND);
	s->settings.flood_threshold = 1000;
	assert_int_equal(exchange_adjust(s->gateway, &s->settings), RESULT_OK);
	s->now_ms += 20000;
	assert_int_equal(scene_give(s, before), EXCHANGE_CHALLENGED);
	scene_return(s, i, INITIATOR_IGNORED);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_CHALLENGED);
	scene_return(s, i, INITIATOR_SEND);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_ESTABLISHED);
	initiator_destroy(i);
}

static void in_a_flood_a_cookie_of_another_address_is_asked_again(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	s->settings.flood_threshold = 0;
	scene_restart(s);
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_COOKIE_ASKED);
	scene_return(s, i, INITIATOR_SEND);
	s->source.bytes[15] ^= 1;
	/* unpadded as it is now it gets nothing at all */
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_DROPPED_SHORT);
	s->source.bytes[15] ^= 1;
	s->now_ms += s->settings.cookie_lifetime_ms;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_DROPPED_SHORT);
	initiator_destroy(i);
}

static void while_the_store_is_locked_it_is_503(void **state)
{
	struct scene *s = *state;
	struct initiator *i = scene_started(SCENE_ALICE, SCENE_PASSWORD);

	s->store_result = RESULT_STALE;
	assert_int_equal(scene_give(s, initiator_message(i)), EXCHANGE_UNAVAILABLE);
	assert_string_equal(s->outcome.reason, "the store cannot tell");
	assert_int_equal(scene_status(s), 503);
	initiator_destroy(i);
}

static void names_too_long_for_message_2_are_refused_not_cut(void **state)
{
	struct scene *s = *state;
	char aor[256];
	unsigned refused = 0;

	memset(aor, 'a', sizeof(aor));
	for (size_t len = 20; len < 150; len++) {
		struct initiator_settings settings;
		struct initiator *i;

		memcpy(aor + len - 8, "@abc.com", 8);
		settings = scene_terminal(slice_make(aor, len), SCENE_PASSWORD);
		settings.subscriber = SLICE("carol");
		assert_int_equal(initiator_create(&settings, &i), RESULT_OK);
		if (initiator_start(i) == RESULT_OK) {
			if (scene_give(s, initiator_message(i)) == EXCHANGE_MALFORMED)
				refused++;
			else
				assert_int_equal(s->outcome.verdict, EXCHANGE_CHALLENGED);
			assert_true(s->outcome.reply_len <= 1200);
			assert_true(len > 100 || refused == 0);
		}
		initiator_destroy(i);
		memset(aor + len - 8, 'a', 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(message_2_is_no_longer_than_message_1_and_remembers_nothing),
		SCENE_TEST(less_than_1200_bytes_get_no_answer),
		SCENE_TEST(malformed_messages_get_400),
		SCENE_TEST(a_nonce_that_is_not_scrams_is_refused),
		SCENE_TEST(without_a_suite_in_common_it_is_488),
		SCENE_TEST(who_does_not_exist_looks_like_who_does),
		SCENE_TEST(in_a_flood_addresses_prove_themselves_first),
		SCENE_TEST(in_a_flood_a_late_second_answer_to_message_1_does_no_harm),
		SCENE_TEST(a_challenge_to_message_1_without_the_cookie_is_none_to_the_one_with_it),
		SCENE_TEST(in_a_flood_a_cookie_of_another_address_is_asked_again),
		SCENE_TEST(while_the_store_is_locked_it_is_503),
		SCENE_TEST(names_too_long_for_message_2_are_refused_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
