/* A stream of bytes cut into SIP messages. */
#include "tests/unit/shared/sip_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/sip/stream.h"

#define ONE "OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
#define TWO "MESSAGE sip:a SIP/2.0\r\nl :  5\r\n\r\nhello"

static struct stream *stream_make(void)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	assert_non_null(stream);
	return stream;
}

static void feed(struct stream *stream, const char *bytes, size_t len)
{
	assert_true(stream->len + len <= sizeof(stream->bytes));
	memcpy(stream->bytes + stream->len, bytes, len);
	stream->len += len;
}

static void messages_come_out_whole_however_they_came(void **state)
{
	static const char both[] = ONE TWO;
	struct stream *stream = stream_make();
	struct slice message;
	unsigned found = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(both) - 1; i++) {
		feed(stream, &both[i], 1);
		if (stream_next(stream, &message) != STREAM_MESSAGE)
			continue;
		assert_int_equal(message.len, strlen(found ? TWO : ONE));
		assert_memory_equal(message.at, found ? TWO : ONE, message.len);
		found++;
		stream_skip(stream, message.len);
	}
	assert_int_equal(found, 2);
	assert_int_equal(stream->len, 0);
	feed(stream, both, sizeof(both) - 1);
	assert_int_equal(stream_next(stream, &message), STREAM_MESSAGE);
	stream_skip(stream, message.len);
	assert_int_equal(stream_next(stream, &message), STREAM_MESSAGE);
	assert_memory_equal(message.at, TWO, message.len);
	free(stream);
}

static void an_empty_line_is_skipped_and_two_are_a_ping(void **state)
{
	struct stream *stream = stream_make();
	struct slice message;

	(void)state;
	feed(stream, "\r\n" ONE, strlen("\r\n" ONE));
	assert_int_equal(stream_next(stream, &message), STREAM_MESSAGE);
	stream_skip(stream, message.len);
	feed(stream, "\r\n\r\n", 4);
	assert_int_equal(stream_next(stream, &message), STREAM_PING);
	assert_int_equal(stream_next(stream, &message), STREAM_MORE);
	free(stream);
}

static void what_has_no_length_or_too_much_is_bad(void **state)
{
	static const char *const bad[] = {
		"OPTIONS sip:a SIP/2.0\r\nCall-ID: 1\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: 16384\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999999999\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"\n\n\r\n\r\n",
	};
	struct slice message;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct stream *stream = stream_make();

		feed(stream, bad[i], strlen(bad[i]));
		assert_int_equal(stream_next(stream, &message), STREAM_BAD);
		free(stream);
	}
}

static void a_head_that_never_ends_is_bad_once_it_fills_the_room(void **state)
{
	struct stream *stream = stream_make();
	struct slice message;

	(void)state;
	while (stream->len < sizeof(stream->bytes)) {
		assert_int_equal(stream_next(stream, &message), STREAM_MORE);
		feed(stream, "xxxxxxxxxxxxxxxx", 16);
	}
	assert_int_equal(stream_next(stream, &message), STREAM_BAD);
	free(stream);
}

/* Who sends byte by byte must not make us read what is there as often: 16 KB for each byte of it.
 */
static void what_has_been_read_of_a_message_is_not_read_again(void **state)
{
	static const char head[] = "MESSAGE sip:a SIP/2.0\r\nl: 5\r\n\r\n";
	struct stream *stream = stream_make();
	struct slice message;

	(void)state;
	feed(stream, head, 30);
	assert_int_equal(stream_next(stream, &message), STREAM_MORE);
	assert_int_equal(stream->seen, 27);
	feed(stream, head + 30, strlen(head) - 30);
	assert_int_equal(stream_next(stream, &message), STREAM_MORE);
	assert_int_equal(stream->wanted, strlen(head) + 5);
	memset(stream->bytes, 'x', strlen(head)); /* it would not be understood a second time */
	feed(stream, "hell", 4);
	assert_int_equal(stream_next(stream, &message), STREAM_MORE);
	feed(stream, "o", 1);
	assert_int_equal(stream_next(stream, &message), STREAM_MESSAGE);
	assert_int_equal(message.len, strlen(head) + 5);
	stream_skip(stream, message.len);
	feed(stream, ONE, strlen(ONE));
	assert_int_equal(stream_next(stream, &message), STREAM_MESSAGE);
	assert_int_equal(message.len, strlen(ONE));
	free(stream);
}

static void the_end_of_a_head_is_found_wherever_it_is_broken(void **state)
{
	struct slice message;

	(void)state;
	for (size_t at = 1; at < strlen(ONE); at++) {
		struct stream *stream = stream_make();

		feed(stream, ONE, at);
		assert_int_equal(stream_next(stream, &message), STREAM_MORE);
		stream_skip(stream, 0); /* nothing was taken: nothing is forgotten */
		feed(stream, &(ONE TWO)[at], strlen(ONE TWO) - at);
		assert_int_equal(stream_next(stream, &message), STREAM_MESSAGE);
		assert_int_equal(message.len, strlen(ONE));
		free(stream);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_out_whole_however_they_came),
		cmocka_unit_test(an_empty_line_is_skipped_and_two_are_a_ping),
		cmocka_unit_test(what_has_no_length_or_too_much_is_bad),
		cmocka_unit_test(a_head_that_never_ends_is_bad_once_it_fills_the_room),
		cmocka_unit_test(what_has_been_read_of_a_message_is_not_read_again),
		cmocka_unit_test(the_end_of_a_head_is_found_wherever_it_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
