#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/branch.h"
#include "tests/unit/rules/kh_oracle.h"

/* docs/protocol.md 3.3, worked by the oracle. */
static void branch_is_what_the_page_says(void **state)
{
	static const uint8_t secret[32] = {7, 7, 7};
	struct keyed_hash_key *key = aligned_alloc(64, (sizeof(*key) + 63) & ~(size_t)63);
	static struct kh_data transaction, routing;
	static struct sip_message message;
	struct gateway_kit *kit = *state;
	char expected[64], have[BRANCH_CHARS];
	struct branch_hashes hashes;
	struct keyed_hash *both[] = {&hashes.transaction, &hashes.routing};
	uint8_t result[16];
	struct text text;
	struct leg leg;

	keyed_hash_key_set(key, kit->mb, secret);
	request_write(&(struct request_text){.more = "Route: <sip:x@abc.com;lr>, <sip:y@z>\r\n",
					     .target = "sip:user-b@XYZ.com;p=1"},
		      &text);
	assert_int_equal(sip_message_parse(text.bytes, text.length, &message), SIP_VERDICT_OK);
	leg_of_terminal(&leg, 1, 2, 3, 4);
	kh_text(&transaction, "z9hG4bKt1");
	kh_text(&transaction, "[2001:1234::10]:5060");
	kh_field(&transaction, leg.bytes, leg.length);
	kh_text(&transaction, "call-1");
	kh_text(&transaction, "a");
	kh_u32(&transaction, 1);
	kh_text(&transaction, "sip:user-b@XYZ.com;p=1");
	kh_text(&transaction, "<sip:x@abc.com;lr>");
	kh_text(&transaction, "<sip:y@z>");
	kh_oracle(secret, &transaction, result);
	strcpy(expected, "z9hG4bK");
	kh_base64url(result, 9, expected + 7);
	kh_text(&routing, "routing");
	kh_text(&routing, "user-b@xyz.com");
	kh_text(&routing, "<sip:x@abc.com;lr>");
	kh_text(&routing, "<sip:y@z>");
	kh_field(&routing, leg.bytes, leg.length);
	kh_oracle(secret, &routing, result);
	for (unsigned i = 0; i < 4; i++)
		snprintf(expected + 19 + 2 * i, 3, "%02x", result[i]);
	branch_begin(&hashes, key, &message, &leg, SLICE("user-b@xyz.com"));
	keyed_hash_finish(both, 2);
	branch_write(&hashes, have);
	assert_int_equal(strlen(expected), BRANCH_CHARS);
	assert_memory_equal(have, expected, BRANCH_CHARS);
	free(key);
}

static bool is_loop(const char *via, const char *branch)
{
	static struct sip_message message;
	char lines[512];
	struct text text;

	snprintf(lines, sizeof(lines), "%s%s", VIA_1, via);
	request_write(&(struct request_text){.via = lines}, &text);
	assert_int_equal(sip_message_parse(text.bytes, text.length, &message), SIP_VERDICT_OK);
	return branch_is_loop(&message, branch);
}

static void loop_is_a_via_of_our_form_with_the_same_last_eight(void **state)
{
	static const char branch[] = "z9hG4bKAAAAAAAAAAAA01234567";

	(void)state;
	assert_true(
		is_loop("Via: SIP/2.0/UDP x;branch=z9hG4bKBBBBBBBBBBBB01234567;sk=A\r\n", branch));
	assert_true(is_loop("Via: SIP/2.0/UDP y, SIP/2.0/UDP x;sk=A;"
			    "branch=z9hG4bKBBBBBBBBBBBB01234567\r\n",
			    branch));
	assert_false(
		is_loop("Via: SIP/2.0/UDP x;branch=z9hG4bKBBBBBBBBBBBB01234568;sk=A\r\n", branch));
	assert_false(is_loop("Via: SIP/2.0/UDP x;branch=z9hG4bKBBBBBBBBBBBB01234567\r\n", branch));
	assert_false(
		is_loop("Via: SIP/2.0/UDP x;branch=z9hG4bKBBBBBBBBBBB01234567;sk=A\r\n", branch));
	assert_false(is_loop("", branch));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(branch_is_what_the_page_says),
		KIT_TEST(loop_is_a_via_of_our_form_with_the_same_last_eight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
