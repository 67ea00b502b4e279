#include "tests/unit/terminal/cmocka_setup.h"

#include "terminal/channel/keys.h"

static const uint8_t nonce_a[PROPOSAL_NONCE_BYTES] = {1, 2, 3}, nonce_b[PROPOSAL_NONCE_BYTES] = {4};
static const uint8_t reveal[KEYS_REVEAL_BYTES] = {0x5a};

static struct keys_context context_make(void)
{
	return (struct keys_context){
		.call_id = SLICE("call"),
		.caller_tag = SLICE("a"),
		.callee_tag = SLICE("b"),
		.caller = SLICE("user-a@abc.com"),
		.callee = SLICE("user-b@xyz.com"),
		.offer = SLICE("1;offer"),
		.answer = SLICE("1;answer"),
		.offer_nonce = nonce_a,
		.answer_nonce = nonce_b,
	};
}

static struct keys keys_of(const struct keys_context *context)
{
	const struct secret z = {{7, 8, 9}};
	struct keys keys;

	assert_int_equal(keys_make(context, &z, &keys), RESULT_OK);
	return keys;
}

static void sa_key(const struct keys *keys, uint8_t out[SUITE_KEY_BYTES])
{
	memset(out, 0, SUITE_KEY_BYTES);
	assert_int_equal(keys_sa(keys, KEYS_FROM_CALLER, SUITE_AES_128_GCM_16, 0x1000, out),
			 RESULT_OK);
}

/* Made by Python's hashlib and hmac from docs/protocol.md 6.2 and 6.3. */
static void keys_and_string_are_those_of_the_protocol(void **state)
{
	static const uint8_t expected[20] = {0x32, 0x1b, 0xb8, 0x88, 0x14, 0xb6, 0x51,
					     0x5b, 0x54, 0xe0, 0x2f, 0x13, 0x2a, 0x48,
					     0x8e, 0x97, 0xae, 0xb5, 0x9f, 0x06};
	struct keys_context context = context_make();
	struct keys keys = keys_of(&context);
	uint8_t key[SUITE_KEY_BYTES];
	char string[KEYS_STRING_BYTES];

	(void)state;
	sa_key(&keys, key);
	assert_memory_equal(key, expected, sizeof(expected));
	assert_int_equal(keys_string(&keys, reveal, string), RESULT_OK);
	assert_string_equal(string, "5j7g-gvhy");
}

static void every_field_of_the_context_changes_the_keys(void **state)
{
	struct keys_context context = context_make();
	struct keys keys = keys_of(&context);
	uint8_t right[SUITE_KEY_BYTES], other[SUITE_KEY_BYTES];
	struct slice *fields[] = {&context.call_id, &context.caller_tag, &context.callee_tag,
				  &context.caller,  &context.callee,	 &context.offer,
				  &context.answer};

	(void)state;
	sa_key(&keys, right);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct slice kept = *fields[i];

		fields[i]->len--;
		keys = keys_of(&context);
		sa_key(&keys, other);
		assert_memory_not_equal(other, right, sizeof(other));
		*fields[i] = kept;
	}
	context.offer_nonce = nonce_b;
	keys = keys_of(&context);
	sa_key(&keys, other);
	assert_memory_not_equal(other, right, sizeof(other));
}

static void bytes_do_not_move_from_one_field_to_the_next(void **state)
{
	struct keys_context context = context_make();
	struct keys keys = keys_of(&context), moved;

	(void)state;
	context.call_id = SLICE("cal");
	context.caller_tag = SLICE("la");
	moved = keys_of(&context);
	assert_memory_not_equal(keys.transcript, moved.transcript, sizeof(keys.transcript));
}

static void directions_suites_and_spis_have_keys_of_their_own(void **state)
{
	struct keys_context context = context_make();
	struct keys keys = keys_of(&context);
	uint8_t a[SUITE_KEY_BYTES] = {0}, b[SUITE_KEY_BYTES] = {0};

	(void)state;
	sa_key(&keys, a);
	assert_int_equal(keys_sa(&keys, KEYS_FROM_CALLEE, SUITE_AES_128_GCM_16, 0x1000, b),
			 RESULT_OK);
	assert_memory_not_equal(a, b, 20);
	assert_int_equal(keys_sa(&keys, KEYS_FROM_CALLER, SUITE_AES_128_GCM_16, 0x1001, b),
			 RESULT_OK);
	assert_memory_not_equal(a, b, 20);
	assert_int_equal(keys_sa(&keys, KEYS_FROM_CALLER, SUITE_AES_256_GCM_16, 0x1000, b),
			 RESULT_OK);
	assert_memory_not_equal(a, b, 20);
	assert_int_equal(keys_sa(&keys, KEYS_FROM_CALLER, (enum suite)99, 0x1000, b), RESULT_BAD);
}

static void the_string_hangs_on_what_is_revealed(void **state)
{
	const uint8_t other[KEYS_REVEAL_BYTES] = {0x5b};
	struct keys_context context = context_make();
	struct keys keys = keys_of(&context);
	char a[KEYS_STRING_BYTES], b[KEYS_STRING_BYTES];

	(void)state;
	assert_int_equal(keys_string(&keys, reveal, a), RESULT_OK);
	assert_int_equal(keys_string(&keys, other, b), RESULT_OK);
	assert_string_not_equal(a, b);
	assert_int_equal(strlen(a), KEYS_STRING_CHARS + 1);
	assert_int_equal(a[4], '-');
}

static void a_commitment_fits_one_value_only(void **state)
{
	const uint8_t other[KEYS_REVEAL_BYTES] = {0x5b};
	uint8_t a[KDF_HASH_BYTES], b[KDF_HASH_BYTES];

	(void)state;
	assert_int_equal(keys_commit(reveal, a), RESULT_OK);
	assert_int_equal(keys_commit(other, b), RESULT_OK);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void wiped_keys_are_gone(void **state)
{
	static const struct keys zero;
	struct keys_context context = context_make();
	struct keys keys = keys_of(&context);

	(void)state;
	keys_wipe(&keys);
	assert_memory_equal(&keys, &zero, sizeof(keys));
}

static void renewed_keys_hang_on_all_that_went_into_them(void **state)
{
	struct keys_context context = context_make();
	struct keys old = keys_of(&context), first, other;
	struct secret z = {{1}};
	uint8_t key[SUITE_KEY_BYTES], another[SUITE_KEY_BYTES];

	(void)state;
	assert_int_equal(keys_renew(&old, &z, SLICE("asked"), SLICE("answered"), &first),
			 RESULT_OK);
	sa_key(&first, key);
	assert_int_equal(keys_renew(&old, &z, SLICE("asked"), SLICE("answereD"), &other),
			 RESULT_OK);
	sa_key(&other, another);
	assert_memory_not_equal(key, another, 20);
	z.bytes[31] = 1;
	assert_int_equal(keys_renew(&old, &z, SLICE("asked"), SLICE("answered"), &other),
			 RESULT_OK);
	sa_key(&other, another);
	assert_memory_not_equal(key, another, 20);
	z.bytes[31] = 0;
	old.prk.bytes[0] ^= 1;
	assert_int_equal(keys_renew(&old, &z, SLICE("asked"), SLICE("answered"), &other),
			 RESULT_OK);
	sa_key(&other, another);
	assert_memory_not_equal(key, another, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renewed_keys_hang_on_all_that_went_into_them),
		cmocka_unit_test(keys_and_string_are_those_of_the_protocol),
		cmocka_unit_test(every_field_of_the_context_changes_the_keys),
		cmocka_unit_test(bytes_do_not_move_from_one_field_to_the_next),
		cmocka_unit_test(directions_suites_and_spis_have_keys_of_their_own),
		cmocka_unit_test(the_string_hangs_on_what_is_revealed),
		cmocka_unit_test(a_commitment_fits_one_value_only),
		cmocka_unit_test(wiped_keys_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
