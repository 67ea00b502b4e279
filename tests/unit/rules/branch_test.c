#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/branch.h"
#include "tests/unit/rules/kh_oracle.h"

/* The two halves of a product, by long multiplication of 32 bits each. */
static uint64_t oracle_m(uint64_t a, uint64_t b)
{
	uint64_t ll = (a & UINT32_MAX) * (b & UINT32_MAX), lh = (a & UINT32_MAX) * (b >> 32);
	uint64_t hl = (a >> 32) * (b & UINT32_MAX), hh = (a >> 32) * (b >> 32);
	uint64_t middle = (ll >> 32) + (lh & UINT32_MAX) + (hl & UINT32_MAX);

	return (middle << 32 | (ll & UINT32_MAX)) ^ (hh + (lh >> 32) + (hl >> 32) + (middle >> 32));
}

static uint64_t oracle_word(const char *at, size_t length)
{
	uint64_t word = 0;

	while (length-- > 0)
		word = word << 8 | (uint8_t)at[length];
	return word;
}

/* T of docs/protocol.md 3.3, from the page. */
static uint64_t oracle_t(const char *text, size_t n)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ n, p = 0, q = 0;

	for (size_t at = 0; n - at > 16; at += 16)
		h = oracle_m(oracle_word(text + at, 8) ^ 0xa0761d6478bd642fu,
			     oracle_word(text + at + 8, 8) ^ h);
	if (n >= 8) {
		p = oracle_word(n >= 16 ? text + n - 16 : text, 8);
		q = oracle_word(text + n - 8, 8);
	} else if (n >= 4) {
		p = oracle_word(text, 4) * 4294967296 + oracle_word(text + n - 4, 4);
	} else if (n > 0) {
		p = oracle_word(text, 1) * 65536 + oracle_word(text + n / 2, 1) * 256 +
		    oracle_word(text + n - 1, 1);
	}
	h = oracle_m(p ^ 0xe7037ed1a0b428dbu, q ^ h);
	return oracle_m(h ^ 0x8ebc6af09c88c6e3u, 0x589965cc75374cc3u);
}

static uint64_t oracle_way(uint64_t way, const void *at, size_t length)
{
	return oracle_m(way ^ 0xa0761d6478bd642fu, oracle_t(at, length) ^ 0xe7037ed1a0b428dbu);
}

static void hash_of_a_text_is_what_the_page_says(void **state)
{
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 37 + 200);
	for (size_t length = 0; length <= sizeof(text); length++)
		assert_true(text_hash(slice_make(text, length)) == oracle_t(text, length));
}

/* docs/protocol.md 3.3, worked by the oracle. */
static void branch_is_what_the_page_says(void **state)
{
	static const uint8_t secret[32] = {7, 7, 7};
	struct keyed_hash_key *key = aligned_alloc(64, (sizeof(*key) + 63) & ~(size_t)63);
	struct text_key target = text_key_make(SLICE("user-b@xyz.com"));
	static struct sip_message message;
	static struct kh_data transaction;
	struct gateway_kit *kit = *state;
	char expected[64], have[BRANCH_CHARS];
	struct branch_making making;
	struct keyed_hash *one = &making.transaction;
	uint8_t result[16];
	uint64_t way;
	struct text text;
	struct leg leg;

	keyed_hash_key_set(key, kit->mb, secret);
	request_write(&(struct request_text){.more = "Route: <sip:x@abc.com;lr>, <sip:y@z>\r\n",
					     .target = "sip:user-b@XYZ.com;p=1"},
		      &text);
	assert_int_equal(sip_message_parse(text.bytes, text.length, &message), SIP_VERDICT_OK);
	leg_of_terminal(&leg, 1, 2, 3, 4);
	way = oracle_way(oracle_t("user-b@xyz.com", 14), leg.bytes, leg.length);
	way = oracle_way(way, "<sip:x@abc.com;lr>", 18);
	way = oracle_way(way, "<sip:y@z>", 9);
	kh_text(&transaction, "z9hG4bKt1");
	kh_text(&transaction, "[2001:1234::10]:5060");
	kh_field(&transaction, leg.bytes, leg.length);
	kh_text(&transaction, "call-1");
	kh_text(&transaction, "a");
	kh_u32(&transaction, 1);
	kh_text(&transaction, "sip:user-b@XYZ.com;p=1");
	kh_u32(&transaction, (uint32_t)(way >> 32));
	kh_u32(&transaction, (uint32_t)way);
	kh_oracle(secret, &transaction, result);
	strcpy(expected, "z9hG4bK");
	kh_base64url(result, 9, expected + 7);
	snprintf(expected + 19, 9, "%08x", (uint32_t)(way >> 32));
	branch_begin(&making, key, &message, &leg, &target);
	keyed_hash_finish(&one, 1);
	branch_write(&making, have);
	assert_int_equal(strlen(expected), BRANCH_CHARS);
	assert_memory_equal(have, expected, BRANCH_CHARS);
	free(key);
}

/* The last eight digits of a request's branch, written at out. */
static void digits_make(const struct gateway_kit *kit, const char *routes, const char *target,
			uint32_t index, char out[BRANCH_ROUTING_CHARS])
{
	struct text_key key = text_key_make(slice_make(target, strlen(target)));
	static struct sip_message message;
	struct branch_making making;
	struct keyed_hash *one = &making.transaction;
	char branch[BRANCH_CHARS];
	struct text text;
	struct leg leg;

	request_write(&(struct request_text){.more = routes}, &text);
	assert_int_equal(sip_message_parse(text.bytes, text.length, &message), SIP_VERDICT_OK);
	leg_of_terminal(&leg, 1, index, 3, 4);
	branch_begin(&making, key_table_view(&kit->keys)->branch, &message, &leg, &key);
	keyed_hash_finish(&one, 1);
	branch_write(&making, branch);
	memcpy(out, branch + BRANCH_CHARS - BRANCH_ROUTING_CHARS, BRANCH_ROUTING_CHARS);
}

static void digits_depend_on_target_leg_and_every_route_entry(void **state)
{
	static const struct {
		const char *routes, *target;
		uint32_t index;
	} ways[] = {
		{"", "user-b@xyz.com", 2},
		{"", "user-c@xyz.com", 2},
		{"", "user-b@xyz.com", 3},
		{"Route: <sip:x;lr>\r\n", "user-b@xyz.com", 2},
		{"Route: <sip:y;lr>\r\n", "user-b@xyz.com", 2},
		{"Route: <sip:x;lr>, <sip:y;lr>\r\n", "user-b@xyz.com", 2},
		{"Route: <sip:y;lr>, <sip:x;lr>\r\n", "user-b@xyz.com", 2},
		{"Route: <sip:y;lr>, <sip:x;lr>\r\nRoute: <sip:x;lr>\r\n", "user-b@xyz.com", 2},
	};
	char digits[8][BRANCH_ROUTING_CHARS], again[BRANCH_ROUTING_CHARS];

	for (size_t i = 0; i < 8; i++)
		digits_make(*state, ways[i].routes, ways[i].target, ways[i].index, digits[i]);
	for (size_t i = 0; i < 8; i++)
		for (size_t other = 0; other < i; other++)
			assert_memory_not_equal(digits[i], digits[other], BRANCH_ROUTING_CHARS);
	digits_make(*state, "Route: <sip:y;lr>\r\nRoute: <sip:x;lr>\r\n", "user-b@xyz.com", 2,
		    again);
	assert_memory_equal(again, digits[6], BRANCH_ROUTING_CHARS);
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
		cmocka_unit_test(hash_of_a_text_is_what_the_page_says),
		KIT_TEST(branch_is_what_the_page_says),
		KIT_TEST(digits_depend_on_target_leg_and_every_route_entry),
		KIT_TEST(loop_is_a_via_of_our_form_with_the_same_last_eight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
