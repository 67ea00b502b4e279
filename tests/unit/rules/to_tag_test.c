#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/to_tag.h"
#include "tests/unit/rules/kh_oracle.h"

static void parse(const struct request_text *request, struct text *text,
		  struct sip_message *message)
{
	request_write(request, text);
	assert_int_equal(sip_message_parse(text->bytes, text->length, message), SIP_VERDICT_OK);
}

/* docs/protocol.md 3.6, worked by the oracle from the persistent secret. */
static void tag_is_what_the_page_says(void **state)
{
	struct contract_key put = {.purpose = CONTRACT_KEY_PERSISTENT, .key = {1, 2, 3}};
	struct gateway_kit *kit = *state;
	char have[TO_TAG_CHARS], expected[32] = "sk";
	static struct sip_message message;
	static struct kh_data data;
	uint8_t secret[32], result[16];
	struct text text;
	struct leg leg;

	assert_int_equal(key_table_put(&kit->keys, &put), RESULT_OK);
	kh_expand(put.key, "sekisho to-tag", secret);
	leg_of_terminal(&leg, 1, 2, 3, 4);
	kh_field(&data, leg.bytes, leg.length);
	kh_text(&data, "z9hG4bKt1");
	kh_text(&data, "call-1");
	kh_text(&data, "a");
	kh_u32(&data, 1);
	kh_oracle(secret, &data, result);
	kh_base64url(result, 9, expected + 2);
	parse(&(struct request_text){0}, &text, &message);
	to_tag_make(key_table_view(&kit->keys)->to_tag, &leg, message.via.branch, &message, have);
	assert_int_equal(strlen(expected), TO_TAG_CHARS);
	assert_memory_equal(have, expected, TO_TAG_CHARS);
}

static void tag_is_known_again_and_no_other_is(void **state)
{
	struct gateway_kit *kit = *state;
	const struct keyed_hash_key *key = key_table_view(&kit->keys)->to_tag;
	static struct sip_message message;
	char tag[TO_TAG_CHARS + 1] = "";
	struct leg leg, other;
	struct text text;

	leg_of_terminal(&leg, 1, 2, 3, 4);
	leg_of_terminal(&other, 1, 2, 3, 5);
	parse(&(struct request_text){0}, &text, &message);
	assert_false(to_tag_is_ours(key, &leg, &message));
	to_tag_make(key, &leg, message.via.branch, &message, tag);
	parse(&(struct request_text){.method = "ACK", .to_tag = tag}, &text, &message);
	assert_true(to_tag_is_ours(key, &leg, &message));
	assert_false(to_tag_is_ours(key, &other, &message));
	tag[TO_TAG_CHARS - 1] ^= 1;
	parse(&(struct request_text){.method = "ACK", .to_tag = tag}, &text, &message);
	assert_false(to_tag_is_ours(key, &leg, &message));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(tag_is_what_the_page_says),
		KIT_TEST(tag_is_known_again_and_no_other_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
