#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/peers/peer_message.h"

#define SHARE "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static enum result decode(const char *text, struct peer_message *message)
{
	return peer_message_decode(text, strlen(text), message);
}

static void what_is_encoded_decodes_to_the_same(void **state)
{
	struct peer_message message[] = {
		{.type = PEER_HELLO, .domain = "abc.com", .gateway = 63, .workers = 64},
		{.type = PEER_OFFER,
		 .epoch = 7,
		 .suite = 1,
		 .share = {1, 2, 255},
		 .nonce = {3},
		 .spi_count = 2,
		 .spi = {0x01000001, 0xffffffff}},
		{.type = PEER_ANSWER, .epoch = 7, .spi_count = 1, .spi = {256}},
		{.type = PEER_READY, .epoch = UINT32_MAX},
		{.type = PEER_PING},
		{.type = PEER_PONG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(message) / sizeof(message[0]); i++) {
		struct peer_message back;
		size_t length;
		char *text = peer_message_encode(&message[i], &length);

		assert_non_null(text);
		assert_int_equal(peer_message_decode(text, length, &back), RESULT_OK);
		assert_memory_equal(&back, &message[i], sizeof(back));
		free(text);
	}
}

static void what_is_missing_or_out_of_range_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"type\":\"offer\"}",
		"{\"type\":\"shout\"}",
		"{\"type\":\"ping\",\"type\":\"ping\"}",
		"{\"type\":\"hello\",\"domain\":\"\",\"gateway\":1,\"workers\":1}",
		"{\"type\":\"hello\",\"domain\":\"a\",\"gateway\":64,\"workers\":1}",
		"{\"type\":\"hello\",\"domain\":\"a\",\"gateway\":1,\"workers\":0}",
		"{\"type\":\"hello\",\"domain\":\"a\",\"gateway\":1,\"workers\":65}",
		"{\"type\":\"hello\",\"domain\":\"a\\u0000b\",\"gateway\":1,\"workers\":1}",
		"{\"type\":\"ready\",\"epoch\":0}",
		"{\"type\":\"ready\",\"epoch\":4294967296}",
		"{\"type\":\"answer\",\"epoch\":1,\"share\":\"" SHARE "\",\"nonce\":\"" SHARE
		"\",\"spis\":[]}",
		"{\"type\":\"answer\",\"epoch\":1,\"share\":\"" SHARE "\",\"nonce\":\"" SHARE
		"\",\"spis\":[255]}",
		"{\"type\":\"answer\",\"epoch\":1,\"share\":\"" SHARE "AA\",\"nonce\":\"" SHARE
		"\",\"spis\":[256]}",
		"{\"type\":\"answer\",\"epoch\":1,\"share\":\"AA\",\"nonce\":\"" SHARE
		"\",\"spis\":[256]}",
		"{\"type\":\"answer\",\"epoch\":1,\"share\":\"" SHARE "\",\"spis\":[256]}",
		"{\"type\":\"offer\",\"epoch\":1,\"share\":\"" SHARE "\",\"nonce\":\"" SHARE
		"\",\"spis\":[256]}",
	};
	struct peer_message message = {.type = PEER_PONG};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(decode(bad[i], &message), RESULT_BAD);
	assert_int_equal(message.type, PEER_PONG);
	assert_int_equal(decode("{\"type\":\"answer\",\"epoch\":1,\"share\":\"" SHARE
				"\",\"nonce\":\"" SHARE "\",\"spis\":[256]}",
				&message),
			 RESULT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_encoded_decodes_to_the_same),
		cmocka_unit_test(what_is_missing_or_out_of_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
