#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/buffer.h>
#include <string.h>

#include "controlplane/peers/frame.h"

static void what_was_added_is_seen_and_dropped(void **state)
{
	struct evbuffer *buffer = evbuffer_new();
	const char *at;
	size_t length;

	(void)state;
	assert_int_equal(frame_add(buffer, "abc", 3), RESULT_OK);
	assert_int_equal(frame_add(buffer, "d", 1), RESULT_OK);
	assert_int_equal(frame_view(buffer, &at, &length), RESULT_OK);
	assert_int_equal(length, 3);
	assert_memory_equal(at, "abc", 3);
	frame_drop(buffer, length);
	assert_int_equal(frame_view(buffer, &at, &length), RESULT_OK);
	assert_int_equal(length, 1);
	frame_drop(buffer, length);
	assert_int_equal(frame_view(buffer, &at, &length), RESULT_MORE);
	evbuffer_free(buffer);
}

static void a_frame_cut_anywhere_asks_for_more(void **state)
{
	static const uint8_t whole[] = {0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o'};

	(void)state;
	for (size_t cut = 0; cut < sizeof(whole); cut++) {
		struct evbuffer *buffer = evbuffer_new();
		const char *at;
		size_t length;

		evbuffer_add(buffer, whole, cut);
		assert_int_equal(frame_view(buffer, &at, &length), RESULT_MORE);
		evbuffer_free(buffer);
	}
}

static void an_empty_or_oversized_frame_is_refused(void **state)
{
	static const uint8_t prefix[][4] = {{0, 0, 0, 0}, {0, 1, 0, 1}, {0xff, 0xff, 0xff, 0xff}};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct evbuffer *buffer = evbuffer_new();
		const char *at;
		size_t length;

		evbuffer_add(buffer, prefix[i], 4);
		assert_int_equal(frame_view(buffer, &at, &length), RESULT_BAD);
		evbuffer_free(buffer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_seen_and_dropped),
		cmocka_unit_test(a_frame_cut_anywhere_asks_for_more),
		cmocka_unit_test(an_empty_or_oversized_frame_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
