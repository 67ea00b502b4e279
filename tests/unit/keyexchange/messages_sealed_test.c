#include "shared/keyexchange/messages.h"

#include "tests/unit/shared/sip_check.h"
#include "tests/unit/keyexchange/vectors.h"

static void the_plaintext_of_message_3_is_that_of_the_page(void **state)
{
	(void)state;
	struct vectors *v = vectors_create();
	struct slice text = vectors_block(v, "message-3-plaintext");
	struct sealed_request request;
	char buffer[KEYEXCHANGE_SEALED_BYTES];
	struct writer w = writer_make(buffer, sizeof(buffer));

	assert_int_equal(sealed_request_parse(text, &request), RESULT_OK);
	assert_int_equal(request.spi, 0xa1b2c3d4);
	sealed_request_write(&w, &request);
	assert_true(slice_is_equal(slice_make(buffer, w.len), text));
	vectors_destroy(v);
}

static void the_plaintext_of_message_4_is_that_of_the_page(void **state)
{
	(void)state;
	struct vectors *v = vectors_create();
	struct slice text = vectors_block(v, "message-4-plaintext");
	struct sealed_reply reply;
	char buffer[KEYEXCHANGE_SEALED_BYTES];
	struct writer w = writer_make(buffer, sizeof(buffer));

	assert_int_equal(sealed_reply_parse(text, &reply), RESULT_OK);
	assert_slice(reply.gateway, "abc.com");
	assert_int_equal(reply.spi, 0x01000001);
	assert_int_equal(reply.level, 3);
	assert_int_equal(reply.mode, KEYEXCHANGE_TRANSPORT);
	assert_int_equal(reply.inner.port, 5060);
	assert_int_equal(reply.soft_s, 2700);
	assert_int_equal(reply.hard_s, 3600);
	assert_int_equal(reply.packets, 1ull << 32);
	assert_int_equal(reply.bytes, 1ull << 40);
	sealed_reply_write(&w, &reply);
	assert_true(slice_is_equal(slice_make(buffer, w.len), text));
	for (size_t len = 0; len < text.len; len++)
		assert_int_equal(sealed_reply_parse(slice_make(text.at, len), &reply), RESULT_BAD);
	vectors_destroy(v);
}

static void malformed_requests_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		"",
		"scram=x\r\n",
		"spi=00000101\r\n",
		"spi=00000101\r\nscram=x\r\n",
		"scram=x\r\nspi=00000101",
		"scram=x\nspi=00000101\r\n",
		"scram=x\r\nspi=00000101\r\nmore=1\r\n",
		"scram=x\r\nmore=1\r\nspi=00000101\r\n",
		"scram=x\r\nscram=x\r\nspi=00000101\r\n",
		"scram=x\r\nspi=000000ff\r\n",
		"scram=x\r\nspi=00000000\r\n",
		"scram=x\r\nspi=101\r\n",
		"scram=x\r\nspi=0000010g\r\n",
		"scram=x\r\nspi=000001010\r\n",
		"scram=x\r\nspi=0x000101\r\n",
		"scram=x\r\nspi\r\n",
		"scram=x\r\n=00000101\r\n",
		"\r\nscram=x\r\nspi=00000101\r\n",
	};
	struct sealed_request request;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i],
			   sealed_request_parse(text_slice(rows[i]), &request) == RESULT_BAD);
	assert_int_equal(sealed_request_parse(SLICE("scram=x\0y\r\nspi=00000101\r\n"), &request),
			 RESULT_BAD);
}

#define REPLY(level, mode, inner, soft, packets)                                                   \
	"scram=v=x\r\ngateway=abc.com\r\nspi=01000001\r\nlevel=" level "\r\nmode=" mode            \
	"\r\ninner=" inner "\r\nsoft=" soft "\r\nhard=3600\r\npackets=" packets "\r\nbytes=5\r\n"

static void malformed_replies_are_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {
		REPLY("4", "transport", "192.0.2.1:5060", "1", "1"),
		REPLY("", "transport", "192.0.2.1:5060", "1", "1"),
		REPLY("3", "tunnel", "192.0.2.1:5060", "1", "1"),
		REPLY("3", "transport", "192.0.2.1", "1", "1"),
		REPLY("3", "transport", "192.0.2.1:0", "1", "1"),
		REPLY("3", "transport", "host:5060", "1", "1"),
		REPLY("3", "transport", "192.0.2.1:5060", "4294967296", "1"),
		REPLY("3", "transport", "192.0.2.1:5060", "01", "1"),
		REPLY("3", "transport", "192.0.2.1:5060", "-1", "1"),
		REPLY("3", "transport", "192.0.2.1:5060", "1", "18446744073709551616"),
		REPLY("3", "transport", "192.0.2.1:5060", "1", "1 "),
		REPLY("3", "transport", "192.0.2.1:5060", "1", "1") "bytes=5\r\n",
	};
	struct sealed_reply reply;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], sealed_reply_parse(text_slice(rows[i]), &reply) == RESULT_BAD);
}

static void names_a_terminal_does_not_know_are_passed_over(void **state)
{
	(void)state;
	struct sealed_reply reply;

	assert_int_equal(sealed_reply_parse(SLICE("overlay=10.0.0.1\r\n" REPLY(
						    "2", "udp-tunnel", "192.0.2.1:5060", "1",
						    "18446744073709551615") "later=x=y\r\n"),
					    &reply),
			 RESULT_OK);
	assert_int_equal(reply.level, 2);
	assert_int_equal(reply.mode, KEYEXCHANGE_UDP_TUNNEL);
	assert_true(reply.packets == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_plaintext_of_message_3_is_that_of_the_page),
		cmocka_unit_test(the_plaintext_of_message_4_is_that_of_the_page),
		cmocka_unit_test(malformed_requests_are_refused),
		cmocka_unit_test(malformed_replies_are_refused),
		cmocka_unit_test(names_a_terminal_does_not_know_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
