#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/via_state.h"
#include "tests/unit/rules/kh_oracle.h"

static const struct sip_cseq cseq = {
	.number = 314159, .method = SIP_METHOD_INVITE, .method_name = {"INVITE", 6}};

static struct via_proof proof_make(void)
{
	return (struct via_proof){
		.branch = SLICE("z9hG4bKours"),
		.call_id = SLICE("call"),
		.cseq = &cseq,
		.from = SLICE("user-a@abc.com"),
		.from_tag = SLICE("a"),
		.to = SLICE("user-b@xyz.com"),
		.below = SLICE("SIP/2.0/UDP below;rport;branch=x"),
	};
}

static struct via_state state_make(void)
{
	struct via_state made = {.count = 3, .is_recorded = true, .digest = {1, 2, 3, 4, 5, 6}};
	struct sip_address clear = kit_address("2001:db8::1", 5060);

	leg_of_terminal(&made.ingress, 1, 2, 3, 4);
	leg_of_clear(&made.egress, 1, 0, &clear);
	return made;
}

static const struct rotating_key *key_of(const struct gateway_kit *kit)
{
	return rotating_keys_maker(&key_table_view(&kit->keys)->sk, kit->now_ms / 1000);
}

static void value_write(struct via_state *made, const struct rotating_key *key,
			const struct via_proof *proof, struct writer *w)
{
	struct keyed_hash hash, *one = &hash;

	via_state_make(made, key, &made->ingress, &made->egress);
	via_state_proof_begin(made, key, proof, &hash);
	keyed_hash_finish(&one, 1);
	via_state_seal(made, &hash);
	via_state_write(made, w);
}

static bool is_proven(const struct via_state *state, const struct rotating_key *key,
		      const struct via_proof *proof)
{
	struct keyed_hash hash, *one = &hash;

	via_state_proof_begin(state, key, proof, &hash);
	keyed_hash_finish(&one, 1);
	return via_state_is_proven(state, &hash);
}

/* docs/protocol.md 3.4, worked by the oracle. */
static void expect_what_the_page_says(struct gateway_kit *kit, const char *call_id)
{
	struct contract_key put = {.purpose = CONTRACT_KEY_SK, .id = 9, .key = {5, 5, 5}};
	struct via_state made = state_make();
	struct via_proof proof = proof_make();
	char have[VIA_STATE_CHARS_MAX], expected[256];
	struct writer w = writer_make(have, sizeof(have));
	static struct kh_data value, data;
	uint8_t mac[16];

	proof.call_id = slice_make(call_id, strlen(call_id));
	value.length = data.length = 0;
	assert_int_equal(key_table_put(&kit->keys, &put), RESULT_OK);
	kh_u8(&value, 9);
	kh_bytes(&value, made.ingress.bytes, made.ingress.length);
	kh_bytes(&value, made.egress.bytes, made.egress.length);
	kh_u8(&value, 3 + 128);
	kh_bytes(&value, made.digest, 6);
	kh_text(&data, "sk");
	kh_field(&data, value.bytes, value.length);
	kh_text(&data, "z9hG4bKours");
	kh_text(&data, call_id);
	kh_u32(&data, 314159);
	kh_text(&data, "INVITE");
	kh_text(&data, "user-a@abc.com");
	kh_text(&data, "a");
	kh_text(&data, "user-b@xyz.com");
	kh_text(&data, "SIP/2.0/UDP below;rport;branch=x");
	kh_oracle(put.key, &data, mac);
	kh_bytes(&value, mac, 10);
	kh_base64url(value.bytes, value.length, expected);
	value_write(&made, key_table_view(&kit->keys)->sk.by_id[9], &proof, &w);
	assert_int_equal(w.len, strlen(expected));
	assert_memory_equal(have, expected, w.len);
}

/* However long: what is hashed has room at once, or just not, or goes in several rounds. */
static void value_is_what_the_page_says(void **state)
{
	char call_id[1200];

	expect_what_the_page_says(*state, "call");
	for (size_t length = 330; length < 420; length++) {
		memset(call_id, 'c', length);
		call_id[length] = 0;
		expect_what_the_page_says(*state, call_id);
	}
	memset(call_id, 'd', sizeof(call_id) - 1);
	call_id[sizeof(call_id) - 1] = 0;
	expect_what_the_page_says(*state, call_id);
}

static void value_is_read_again_and_verifies(void **state)
{
	struct via_state made = state_make(), read;
	struct via_proof proof = proof_make();
	struct gateway_kit *kit = *state;
	char text[VIA_STATE_CHARS_MAX];
	struct writer w = writer_make(text, sizeof(text));
	struct slice sk;
	uint8_t key_id;

	value_write(&made, key_of(kit), &proof, &w);
	sk = slice_make(text, w.len);
	assert_int_equal(via_state_read(sk, &read, &key_id), RESULT_OK);
	assert_int_equal(key_id, 1);
	assert_true(leg_is_equal(&read.ingress, &made.ingress));
	assert_true(leg_is_equal(&read.egress, &made.egress));
	assert_int_equal(read.count, 3);
	assert_true(read.is_recorded);
	assert_memory_equal(read.digest, made.digest, sizeof(read.digest));
	assert_true(is_proven(&read, key_of(kit), &proof));
	proof.call_id = SLICE("calm");
	assert_false(is_proven(&read, key_of(kit), &proof));
}

/* A Via with changes yet to be made hashes as the Via with them made. */
static void patched_via_below_counts_as_sent(void **state)
{
	struct via_state made = state_make(), read;
	struct via_proof proof = proof_make();
	struct sip_address source = kit_address("2001:1234::10", 5061);
	struct sip_via_patch patches[SIP_VIA_PATCHES];
	struct gateway_kit *kit = *state;
	char text[VIA_STATE_CHARS_MAX];
	struct writer w = writer_make(text, sizeof(text));
	struct sip_via via;
	uint8_t key_id;

	assert_int_equal(sip_via_parse(proof.below, &via), RESULT_OK);
	proof.patches = patches;
	proof.patch_count = sip_via_stamp(&via, &source, slice_make("", 0), patches);
	assert_int_equal(proof.patch_count, 2);
	value_write(&made, key_of(kit), &proof, &w);
	proof.patch_count = 0;
	assert_int_equal(via_state_read(slice_make(text, w.len), &read, &key_id), RESULT_OK);
	assert_false(is_proven(&read, key_of(kit), &proof));
	proof.below = SLICE("SIP/2.0/UDP below;rport=5061;branch=x;received=2001:1234::10");
	assert_true(is_proven(&read, key_of(kit), &proof));
}

static void what_is_cut_longer_or_foreign_is_no_value(void **state)
{
	struct via_state made = state_make(), read;
	struct via_proof proof = proof_make();
	struct gateway_kit *kit = *state;
	char text[VIA_STATE_CHARS_MAX + 4];
	struct writer w = writer_make(text, VIA_STATE_CHARS_MAX);
	uint8_t key_id;

	value_write(&made, key_of(kit), &proof, &w);
	memset(text + w.len, 'A', 4);
	for (size_t length = 0; length < w.len + 4; length++) {
		if (length != w.len)
			assert_int_equal(via_state_read(slice_make(text, length), &read, &key_id),
					 RESULT_BAD);
	}
	text[3] = '+';
	assert_int_equal(via_state_read(slice_make(text, w.len), &read, &key_id), RESULT_BAD);
	assert_int_equal(via_state_read(SLICE("AAAA"), &read, &key_id), RESULT_BAD);
}

/* Towards a leg marked legacy the series stands in the digest's place. */
static void value_holds_the_series_itself_where_it_is_to_be_put_back(void **state)
{
	struct via_state made = state_make(), read;
	struct sip_address entry = kit_address("2001:1234:1111:2222:3333:4444:5555:8888", 0);
	struct via_proof proof = proof_make();
	struct gateway_kit *kit = *state;
	char text[VIA_STATE_CHARS_MAX];
	uint8_t key_id;

	made.has_series = true;
	for (made.count = 1; made.count <= LIMIT_LEGACY_SERIES_ENTRIES; made.count++) {
		struct writer w = writer_make(text, sizeof(text));
		size_t at = (size_t)1 + made.ingress.length + made.egress.length;

		assert_int_equal(series_packed_add(&made.series, &entry, 3), RESULT_OK);
		value_write(&made, key_of(kit), &proof, &w);
		assert_false(w.is_full);
		assert_int_equal(made.length, at + 1 + made.series.length + VIA_STATE_MAC_BYTES);
		assert_int_equal(made.bytes[at], made.count + 128 + 64);
		assert_memory_equal(made.bytes + at + 1, made.series.bytes, made.series.length);
		assert_int_equal(via_state_read(slice_make(text, w.len), &read, &key_id),
				 RESULT_OK);
		assert_true(read.has_series && read.is_recorded);
		assert_int_equal(read.count, made.count);
		assert_int_equal(read.series.count, made.count);
		assert_int_equal(read.series.length, made.series.length);
		assert_memory_equal(read.series.bytes, made.series.bytes, made.series.length);
		assert_true(is_proven(&read, key_of(kit), &proof));
		for (size_t length = 0; length < w.len; length++)
			assert_int_equal(via_state_read(slice_make(text, length), &read, &key_id),
					 RESULT_BAD);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(value_is_what_the_page_says),
		KIT_TEST(value_is_read_again_and_verifies),
		KIT_TEST(patched_via_below_counts_as_sent),
		KIT_TEST(value_holds_the_series_itself_where_it_is_to_be_put_back),
		KIT_TEST(what_is_cut_longer_or_foreign_is_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
