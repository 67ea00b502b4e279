#include "controlplane/keyexchange/used_cookies.h"

#include "tests/unit/shared/sip_check.h"

static void id_of(uint32_t n, uint8_t id[COOKIE_ID_BYTES])
{
	memset(id, 0, COOKIE_ID_BYTES);
	memcpy(id, &n, sizeof(n));
}

static enum result put(struct used_cookies *used, uint32_t n, uint64_t expires_ms)
{
	uint8_t id[COOKIE_ID_BYTES], h123[KDF_HASH_BYTES];
	char text[16];
	int len = snprintf(text, sizeof(text), "answer %u", n);

	id_of(n, id);
	memset(h123, (int)n, sizeof(h123));
	return used_cookies_put(used, id, h123, slice_make(text, (size_t)len), expires_ms);
}

static void settle(struct used_cookies *used, uint32_t n, bool is_there)
{
	uint8_t id[COOKIE_ID_BYTES];

	id_of(n, id);
	used_cookies_settle(used, id, is_there);
}

static enum result find(struct used_cookies *used, uint32_t n, uint32_t h, struct slice *answer)
{
	uint8_t id[COOKIE_ID_BYTES], h123[KDF_HASH_BYTES];

	id_of(n, id);
	memset(h123, (int)h, sizeof(h123));
	return used_cookies_find(used, id, h123, answer);
}

static void the_same_message_3_gets_the_same_answer_another_gets_none(void **state)
{
	(void)state;
	struct used_cookies *used;
	struct slice answer;

	assert_int_equal(used_cookies_create(8, &used), RESULT_OK);
	assert_int_equal(find(used, 1, 1, &answer), RESULT_NOT_FOUND);
	assert_int_equal(put(used, 1, 100), RESULT_OK);
	settle(used, 1, true);
	assert_int_equal(find(used, 1, 1, &answer), RESULT_OK);
	assert_slice(answer, "answer 1");
	assert_int_equal(find(used, 1, 2, &answer), RESULT_STALE);
	assert_int_equal(find(used, 2, 1, &answer), RESULT_NOT_FOUND);
	assert_int_equal(put(used, 1, 200), RESULT_EXISTS);
	used_cookies_destroy(used);
}

static void what_came_to_nothing_is_used_up_all_the_same(void **state)
{
	(void)state;
	struct used_cookies *used;
	struct slice answer;

	assert_int_equal(used_cookies_create(2, &used), RESULT_OK);
	settle(used, 1, true);
	assert_int_equal(find(used, 1, 1, &answer), RESULT_NOT_FOUND);
	assert_int_equal(put(used, 1, 100), RESULT_OK);
	assert_int_equal(find(used, 1, 1, &answer), RESULT_MORE);
	assert_int_equal(find(used, 1, 2, &answer), RESULT_STALE);
	settle(used, 1, false);
	assert_int_equal(find(used, 1, 1, &answer), RESULT_STALE);
	assert_int_equal(put(used, 1, 100), RESULT_EXISTS);
	assert_true(used_cookies_make_room(used, 100));
	/* the place is another's now: nothing of the one before is left */
	assert_int_equal(put(used, 3, 200), RESULT_OK);
	assert_int_equal(find(used, 3, 3, &answer), RESULT_MORE);
	used_cookies_destroy(used);
}

static void it_is_bounded_and_nothing_alive_is_pushed_out(void **state)
{
	(void)state;
	struct used_cookies *used;
	struct slice answer;

	assert_int_equal(used_cookies_create(8, &used), RESULT_OK);
	for (uint32_t n = 0; n < 8; n++) {
		assert_true(used_cookies_make_room(used, 0));
		assert_int_equal(put(used, n * 8, 100 + n), RESULT_OK);
		settle(used, n * 8, true);
	}
	assert_false(used_cookies_make_room(used, 99));
	assert_int_equal(put(used, 99, 200), RESULT_SPACE);
	for (uint32_t n = 0; n < 8; n++)
		assert_int_equal(find(used, n * 8, n * 8, &answer), RESULT_OK);
	assert_true(used_cookies_make_room(used, 101));
	assert_int_equal(used_cookies_count(used), 6);
	assert_int_equal(find(used, 0, 0, &answer), RESULT_NOT_FOUND);
	assert_int_equal(find(used, 8, 8, &answer), RESULT_NOT_FOUND);
	assert_int_equal(find(used, 16, 16, &answer), RESULT_OK);
	used_cookies_destroy(used);
}

/* All ids in one chain, round and round the ring. */
static void many_come_and_go(void **state)
{
	(void)state;
	struct used_cookies *used;
	struct slice answer;

	assert_int_equal(used_cookies_create(5, &used), RESULT_OK);
	for (uint32_t n = 0; n < 1000; n++) {
		assert_true(used_cookies_make_room(used, n));
		assert_int_equal(put(used, n * 16, n + 4), RESULT_OK);
		assert_int_equal(find(used, n * 16, n * 16 & 255, &answer), RESULT_MORE);
		settle(used, n * 16, true);
		assert_int_equal(find(used, n * 16, n * 16 & 255, &answer), RESULT_OK);
		if (n >= 4)
			assert_int_equal(find(used, (n - 4) * 16, 0, &answer), RESULT_NOT_FOUND);
	}
	used_cookies_destroy(used);
}

static void no_room_at_all_is_refused(void **state)
{
	(void)state;
	struct used_cookies *used;

	assert_int_equal(used_cookies_create(0, &used), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_message_3_gets_the_same_answer_another_gets_none),
		cmocka_unit_test(what_came_to_nothing_is_used_up_all_the_same),
		cmocka_unit_test(it_is_bounded_and_nothing_alive_is_pushed_out),
		cmocka_unit_test(many_come_and_go),
		cmocka_unit_test(no_room_at_all_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
