#include "controlplane/keyexchange/cookie.h"

#include "tests/unit/shared/sip_check.h"
#include "controlplane/keyexchange/cookie_text.h"

static const uint64_t start = 1700000000000;

struct scene {
	struct cookie_jar *jar;
	struct cookie cookie, opened;
	uint8_t id[COOKIE_ID_BYTES];
	uint64_t expires_ms;
	char text[KEYEXCHANGE_COOKIE_CHARS + 1];
	size_t text_len;
};

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(cookie_jar_create(30000, random_system(), &s->jar), RESULT_OK);
	memset(s->cookie.h12, 1, sizeof(s->cookie.h12));
	memset(s->cookie.ni, 2, sizeof(s->cookie.ni));
	memset(s->cookie.ng, 3, sizeof(s->cookie.ng));
	memset(s->cookie.share, 4, sizeof(s->cookie.share));
	memset(s->cookie.name_hash, 5, sizeof(s->cookie.name_hash));
	s->cookie.share_epoch = 0x01020304;
	s->cookie.suite = SUITE_AES_256_GCM_16;
	s->cookie.mode = KEYEXCHANGE_UDP_TUNNEL;
	s->cookie.domain = 3;
	assert_int_equal(
		sip_address_parse_port(SLICE("[2001:1234::10]:5060"), &s->cookie.source.address),
		RESULT_OK);
	assert_int_equal(sip_address_parse_port(SLICE("10.1.2.3:5062"), &s->cookie.inner),
			 RESULT_OK);
	memcpy(s->cookie.subscriber, "carol", 5);
	s->cookie.subscriber_len = 5;
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	cookie_jar_destroy(s->jar);
	free(s);
	return 0;
}

static void seal(struct scene *s, uint64_t now_ms)
{
	struct writer w = writer_make(s->text, KEYEXCHANGE_COOKIE_CHARS);

	assert_int_equal(cookie_seal(s->jar, now_ms, &s->cookie, &w), RESULT_OK);
	s->text_len = w.len;
}

static enum result open_at(struct scene *s, uint64_t now_ms)
{
	return cookie_open(s->jar, now_ms, slice_make(s->text, s->text_len), &s->cookie.source,
			   &s->opened, s->id, &s->expires_ms);
}

static void a_cookie_holds_what_was_put_into_it(void **state)
{
	struct scene *s = *state;

	seal(s, start);
	assert_int_equal(open_at(s, start), RESULT_OK);
	assert_memory_equal(&s->opened, &s->cookie, sizeof(s->cookie));
	assert_int_equal(s->expires_ms, start + 30000);
	/* and where the terminal is inside is where it is outside */
	s->cookie.inner = s->cookie.source.address;
	s->cookie.subscriber_len = 0;
	memset(s->cookie.subscriber, 0, sizeof(s->cookie.subscriber));
	seal(s, start);
	assert_int_equal(open_at(s, start), RESULT_OK);
	assert_memory_equal(&s->opened, &s->cookie, sizeof(s->cookie));
}

static void it_expires(void **state)
{
	struct scene *s = *state;

	seal(s, start);
	assert_int_equal(open_at(s, start + 29999), RESULT_OK);
	assert_int_equal(open_at(s, start + 30000), RESULT_STALE);
}

static void from_another_source_it_is_nothing(void **state)
{
	struct scene *s = *state;
	const struct cookie_source right = s->cookie.source;

	seal(s, start);
	s->cookie.source.address.bytes[15] ^= 1;
	assert_int_equal(open_at(s, start), RESULT_DENIED);
	s->cookie.source = right;
	s->cookie.source.address.port++;
	assert_int_equal(open_at(s, start), RESULT_DENIED);
	s->cookie.source = right;
	s->cookie.source.sa_index = 7;
	assert_int_equal(open_at(s, start), RESULT_DENIED);
	s->cookie.source = right;
	s->cookie.source.sa_generation = 1;
	assert_int_equal(open_at(s, start), RESULT_DENIED);
	s->cookie.source = right;
	assert_int_equal(open_at(s, start), RESULT_OK);
}

static void one_character_changed_and_it_is_nothing(void **state)
{
	struct scene *s = *state;

	seal(s, start);
	for (size_t i = 0; i < s->text_len; i++) {
		char was = s->text[i];

		s->text[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(open_at(s, start), RESULT_DENIED);
		s->text[i] = was;
	}
	for (size_t len = 0; len < s->text_len; len++) {
		struct slice cut = slice_make(s->text, len);

		assert_int_equal(cookie_open(s->jar, start, cut, &s->cookie.source, &s->opened,
					     s->id, &s->expires_ms),
				 RESULT_DENIED);
	}
	s->text[s->text_len++] = 'A';
	assert_int_equal(open_at(s, start), RESULT_DENIED);
}

static void another_jar_cannot_open_it(void **state)
{
	struct scene *s = *state;

	seal(s, start);
	cookie_jar_destroy(s->jar);
	assert_int_equal(cookie_jar_create(30000, random_system(), &s->jar), RESULT_OK);
	assert_int_equal(open_at(s, start), RESULT_DENIED);
}

static void a_cookie_lives_over_the_change_of_keys_and_its_key_no_longer(void **state)
{
	struct scene *s = *state;
	char old[KEYEXCHANGE_COOKIE_CHARS + 1];
	size_t old_len;

	seal(s, start);
	seal(s, start + COOKIE_KEY_MS - 1);
	memcpy(old, s->text, s->text_len);
	old_len = s->text_len;
	seal(s, start + COOKIE_KEY_MS);
	memcpy(s->text, old, old_len);
	s->text_len = old_len;
	cookie_jar_expire(s->jar, start + COOKIE_KEY_MS + 29998);
	assert_int_equal(open_at(s, start + COOKIE_KEY_MS + 29998), RESULT_OK);
	cookie_jar_expire(s->jar, start + COOKIE_KEY_MS + 30000);
	/* erased: not even with the clock set back */
	assert_int_equal(open_at(s, start + COOKIE_KEY_MS), RESULT_DENIED);
}

static void no_two_cookies_have_one_id(void **state)
{
	struct scene *s = *state;
	uint8_t first[COOKIE_ID_BYTES];

	seal(s, start);
	assert_int_equal(open_at(s, start), RESULT_OK);
	memcpy(first, s->id, sizeof(first));
	seal(s, start);
	assert_int_equal(open_at(s, start), RESULT_OK);
	assert_memory_not_equal(first, s->id, sizeof(first));
}

static void the_cookie_of_a_flood_proves_an_address_and_nothing_else(void **state)
{
	struct scene *s = *state;
	struct writer w = writer_make(s->text, KEYEXCHANGE_COOKIE_CHARS);
	struct slice text;
	struct cookie_source other = s->cookie.source;

	assert_int_equal(cookie_seal_address(s->jar, start, &s->cookie.source, &w), RESULT_OK);
	s->text_len = w.len;
	text = slice_make(s->text, s->text_len);
	assert_int_equal(cookie_open_address(s->jar, start, text, &s->cookie.source), RESULT_OK);
	assert_int_equal(cookie_open_address(s->jar, start + 30000, text, &s->cookie.source),
			 RESULT_STALE);
	other.address.bytes[0] ^= 1;
	assert_int_equal(cookie_open_address(s->jar, start, text, &other), RESULT_DENIED);
	assert_int_equal(open_at(s, start), RESULT_DENIED);
	seal(s, start);
	assert_int_equal(cookie_open_address(s->jar, start, slice_make(s->text, s->text_len),
					     &s->cookie.source),
			 RESULT_DENIED);
}

static void it_never_exceeds_what_a_terminal_takes(void **state)
{
	struct scene *s = *state;
	char text[1024];
	size_t longest = 0;

	for (size_t len = 0; len <= LIMIT_AOR_BYTES; len++) {
		struct writer w = writer_make(text, sizeof(text));
		enum result result;

		s->cookie.subscriber_len = len;
		result = cookie_seal(s->jar, start, &s->cookie, &w);
		if (result == RESULT_OK)
			longest = w.len;
		else
			assert_int_equal(result, RESULT_SPACE);
	}
	assert_in_range(longest, KEYEXCHANGE_COOKIE_CHARS - 2, KEYEXCHANGE_COOKIE_CHARS);
}

static void texts_that_nobody_writes_are_refused(void **state)
{
	struct scene *s = *state;
	char bytes[COOKIE_TEXT_BYTES];
	struct writer w = writer_make(bytes, sizeof(bytes));
	struct cookie_text text = {.kind = COOKIE_EXCHANGE,
				   .expires_ms = start,
				   .source = s->cookie.source,
				   .cookie = s->cookie};
	struct cookie_text got;

	cookie_text_write(&w, &text);
	assert_int_equal(cookie_text_parse(slice_make(bytes, w.len), &got), RESULT_OK);
	assert_memory_equal(&got.cookie, &s->cookie, sizeof(s->cookie));
	for (size_t len = 0; len < w.len; len++)
		assert_int_equal(cookie_text_parse(slice_make(bytes, len), &got), RESULT_BAD);
	bytes[w.len] = 0;
	assert_int_equal(cookie_text_parse(slice_make(bytes, w.len + 1), &got), RESULT_BAD);
	bytes[0] = 3;
	assert_int_equal(cookie_text_parse(slice_make(bytes, w.len), &got), RESULT_BAD);
	bytes[0] = COOKIE_EXCHANGE;
	bytes[9] = 5;
	assert_int_equal(cookie_text_parse(slice_make(bytes, w.len), &got), RESULT_BAD);
}

static void settings_out_of_range_are_refused(void **state)
{
	(void)state;
	struct cookie_jar *jar;

	assert_int_equal(cookie_jar_create(0, random_system(), &jar), RESULT_BAD);
	assert_int_equal(cookie_jar_create(60001, random_system(), &jar), RESULT_BAD);
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE(a_cookie_holds_what_was_put_into_it),
		SCENE(it_expires),
		SCENE(from_another_source_it_is_nothing),
		SCENE(one_character_changed_and_it_is_nothing),
		SCENE(another_jar_cannot_open_it),
		SCENE(a_cookie_lives_over_the_change_of_keys_and_its_key_no_longer),
		SCENE(no_two_cookies_have_one_id),
		SCENE(the_cookie_of_a_flood_proves_an_address_and_nothing_else),
		SCENE(it_never_exceeds_what_a_terminal_takes),
		SCENE(texts_that_nobody_writes_are_refused),
		SCENE(settings_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
