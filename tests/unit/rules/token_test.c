#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/token.h"
#include "tests/unit/rules/kh_oracle.h"

static const struct token_dialog dialog = {
	.call_id = {"call", 4},
	.tag = {"a", 1},
	.caller = {"user-a@abc.com", 14},
	.callee = {"user-b@xyz.com", 14},
};

static void legs_make(struct leg *caller, struct leg *callee)
{
	static const struct peer peer = {.leg = {1, 2, 3, 4, 5, 6}};

	leg_of_terminal(caller, 1, 2, 3, 4);
	leg_of_peer(callee, &peer);
}

static void value_write(const struct rotating_key *key, enum token_method method, uint64_t now_s,
			const struct leg *caller, const struct leg *callee, struct writer *w)
{
	struct keyed_hash hash, *one = &hash;
	struct token token;

	token_make(&token, key, method, now_s, caller, callee);
	token_proof_begin(&token, key, &dialog, &hash);
	keyed_hash_finish(&one, 1);
	token_seal(&token, &hash);
	token_write(&token, w);
}

/* docs/protocol.md 3.5, worked by the oracle. */
static void token_is_what_the_page_says(void **state)
{
	struct contract_key put = {.purpose = CONTRACT_KEY_TOKEN, .id = 9, .key = {6, 6, 6}};
	char have[TOKEN_CHARS_MAX], expected[256];
	struct writer w = writer_make(have, sizeof(have));
	static struct kh_data value, data;
	struct gateway_kit *kit = *state;
	struct leg caller, callee;
	uint8_t mac[16];

	assert_int_equal(key_table_put(&kit->keys, &put), RESULT_OK);
	legs_make(&caller, &callee);
	kh_u8(&value, 9);
	kh_u32(&value, 1700000000);
	kh_u8(&value, 2);
	kh_bytes(&value, caller.bytes, caller.length);
	kh_bytes(&value, callee.bytes, callee.length);
	kh_text(&data, "token");
	kh_field(&data, value.bytes, value.length);
	kh_text(&data, "call");
	kh_text(&data, "a");
	kh_text(&data, "user-a@abc.com");
	kh_text(&data, "user-b@xyz.com");
	kh_oracle(put.key, &data, mac);
	kh_bytes(&value, mac, 10);
	kh_base64url(value.bytes, value.length, expected);
	value_write(key_table_view(&kit->keys)->token.by_id[9], TOKEN_SUBSCRIBE, 1700000000,
		    &caller, &callee, &w);
	assert_int_equal(w.len, strlen(expected));
	assert_memory_equal(have, expected, w.len);
}

static void token_is_read_again_and_verifies_for_its_dialog_only(void **state)
{
	struct gateway_kit *kit = *state;
	const struct rotating_key *key =
		rotating_keys_maker(&key_table_view(&kit->keys)->token, kit->now_ms / 1000);
	struct token_dialog other = dialog;
	char text[TOKEN_CHARS_MAX];
	struct writer w = writer_make(text, sizeof(text));
	struct leg caller, callee;
	struct token token;

	legs_make(&caller, &callee);
	value_write(key, TOKEN_INVITE, 77, &caller, &callee, &w);
	assert_int_equal(token_read(slice_make(text, w.len), &token), RESULT_OK);
	assert_int_equal(token.key_id, 1);
	assert_int_equal(token.issued_s, 77);
	assert_int_equal(token.method, TOKEN_INVITE);
	assert_true(leg_is_equal(&token.caller, &caller));
	assert_true(leg_is_equal(&token.callee, &callee));
	assert_int_equal(token_verify(key, &token, &dialog), RESULT_OK);
	other.caller = dialog.callee;
	other.callee = dialog.caller;
	assert_int_equal(token_verify(key, &token, &other), RESULT_DENIED);
	token.bytes[4] ^= 1;
	assert_int_equal(token_verify(key, &token, &dialog), RESULT_DENIED);
}

static void what_is_cut_longer_or_foreign_is_no_token(void **state)
{
	struct gateway_kit *kit = *state;
	const struct rotating_key *key =
		rotating_keys_maker(&key_table_view(&kit->keys)->token, kit->now_ms / 1000);
	char text[TOKEN_CHARS_MAX + 4];
	struct writer w = writer_make(text, TOKEN_CHARS_MAX);
	struct leg caller, callee;
	struct token token;

	legs_make(&caller, &callee);
	value_write(key, TOKEN_INVITE, 77, &caller, &callee, &w);
	memset(text + w.len, 'A', 4);
	for (size_t length = 0; length < w.len + 4; length++) {
		if (length != w.len)
			assert_int_equal(token_read(slice_make(text, length), &token), RESULT_BAD);
	}
	assert_int_equal(token_read(SLICE("user-b"), &token), RESULT_BAD);
	text[6] = 'A'; /* the method's bits */
	text[7] = 'A';
	assert_int_equal(token_read(slice_make(text, w.len), &token), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(token_is_what_the_page_says),
		KIT_TEST(token_is_read_again_and_verifies_for_its_dialog_only),
		KIT_TEST(what_is_cut_longer_or_foreign_is_no_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
