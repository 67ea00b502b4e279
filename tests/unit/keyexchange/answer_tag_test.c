#include "controlplane/keyexchange/answer_tag.h"

#include "tests/unit/shared/sip_check.h"

static struct answer_tag tag_of(const char *call, const char *from_tag, const char *cseq,
				uint8_t key)
{
	char text[512];
	struct secret secret = {.bytes = {key}};
	struct sip_message m;
	struct answer_tag tag;
	int len = snprintf(text, sizeof(text),
			   "REGISTER sip:abc.com SIP/2.0\r\n"
			   "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n"
			   "From: <sip:a@abc.com>;tag=%s\r\nTo: <sip:a@abc.com>\r\n"
			   "Call-ID: %s\r\nCSeq: %s REGISTER\r\n\r\n",
			   from_tag, call, cseq);

	assert_int_equal(sip_message_parse(text, (size_t)len, &m), SIP_VERDICT_OK);
	assert_int_equal(answer_tag_make(&secret, &m, &tag), RESULT_OK);
	return tag;
}

static void the_tag_hangs_on_the_request_and_the_secret_alone(void **state)
{
	(void)state;
	struct answer_tag tag = tag_of("c", "f", "1", 1), again = tag_of("c", "f", "1", 1);
	const struct answer_tag others[] = {
		tag_of("d", "f", "1", 1),
		tag_of("c", "g", "1", 1),
		tag_of("c", "f", "2", 1),
		tag_of("c", "f", "1", 2),
	};

	assert_memory_equal(tag.at, again.at, ANSWER_TAG_CHARS);
	assert_memory_equal(tag.at, "sk", 2);
	for (size_t n = 0; n < COUNT(others); n++)
		assert_memory_not_equal(tag.at, others[n].at, ANSWER_TAG_CHARS);
}

static void a_request_that_did_not_parse_gets_one_too(void **state)
{
	(void)state;
	static const char text[] = "REGISTER sip:abc.com SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n\r\n";
	struct secret secret = {.bytes = {1}};
	struct sip_message m;
	struct answer_tag tag, again;

	memset(&m, 0xff, sizeof(m));
	assert_int_equal(sip_message_parse(text, sizeof(text) - 1, &m), SIP_VERDICT_REFUSE);
	assert_int_equal(answer_tag_make(&secret, &m, &tag), RESULT_OK);
	assert_int_equal(answer_tag_make(&secret, &m, &again), RESULT_OK);
	assert_memory_equal(tag.at, again.at, ANSWER_TAG_CHARS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tag_hangs_on_the_request_and_the_secret_alone),
		cmocka_unit_test(a_request_that_did_not_parse_gets_one_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
