#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include <cmocka.h>

#include "dataplane/rules/keyed_hash.h"
#include "tests/unit/rules/kh_oracle.h"

static IMB_MGR *mb;

static int manager_make(void **state)
{
	mb = alloc_mb_mgr(0);
	init_mb_mgr_auto(mb, NULL);
	*state = mb;
	return mb ? 0 : -1;
}

static int manager_end(void **state)
{
	free_mb_mgr(*state);
	return 0;
}

static struct keyed_hash_key *key_make(const uint8_t secret[32])
{
	struct keyed_hash_key *key = aligned_alloc(64, (sizeof(*key) + 63) & ~(size_t)63);

	assert_non_null(key);
	keyed_hash_key_set(key, mb, secret);
	return key;
}

static void oracle(const uint8_t secret[32], const void *at, size_t length, uint8_t out[16])
{
	static struct kh_data data;

	data.length = 0;
	kh_bytes(&data, at, length);
	kh_oracle(secret, &data, out);
}

static void secret_fill(uint8_t secret[32], unsigned seed)
{
	for (unsigned i = 0; i < 32; i++)
		secret[i] = (uint8_t)(i * 7 + seed * 31 + 1);
}

static void every_length_equals_openssl(void **state)
{
	uint8_t secret[32], data[1600], expected[16], have[16];
	struct keyed_hash_key *key;
	struct keyed_hash hash;

	(void)state;
	secret_fill(secret, 1);
	key = key_make(secret);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 13 + 5);
	for (size_t length = 0; length <= sizeof(data); length++) {
		oracle(secret, data, length, expected);
		keyed_hash_begin(&hash, key);
		keyed_hash_raw(&hash, data, length);
		keyed_hash_end(&hash, have, 16);
		assert_memory_equal(have, expected, 16);
	}
	free(key);
}

/* Where the machine has both ways, they are one. */
static void vectors_and_ipsec_mb_come_to_the_same(void **state)
{
	uint8_t secret[32], data[1600], by_vector[16], by_library[16];
	struct keyed_hash_key *key;
	struct keyed_hash hash;

	(void)state;
	secret_fill(secret, 9);
	key = key_make(secret);
	assert_int_equal(key->is_vector, keyed_hash_vector_is_possible());
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 11 + 3);
	for (size_t length = 0; key->is_vector && length <= sizeof(data); length++) {
		keyed_hash_begin(&hash, key);
		keyed_hash_raw(&hash, data, length);
		keyed_hash_end(&hash, by_vector, 16);
		key->is_vector = false;
		keyed_hash_begin(&hash, key);
		keyed_hash_raw(&hash, data, length);
		keyed_hash_end(&hash, by_library, 16);
		key->is_vector = true;
		assert_memory_equal(by_vector, by_library, 16);
	}
	free(key);
}

static void pieces_of_any_size_equal_one_piece(void **state)
{
	uint8_t secret[32], data[2000], expected[16], have[16];
	struct keyed_hash_key *key;
	struct keyed_hash hash;

	(void)state;
	secret_fill(secret, 2);
	key = key_make(secret);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i ^ i >> 3);
	oracle(secret, data, sizeof(data), expected);
	for (size_t piece = 1; piece < 700; piece++) {
		keyed_hash_begin(&hash, key);
		for (size_t at = 0; at < sizeof(data); at += piece)
			keyed_hash_raw(&hash, data + at,
				       piece < sizeof(data) - at ? piece : sizeof(data) - at);
		keyed_hash_end(&hash, have, 16);
		assert_memory_equal(have, expected, 16);
	}
	free(key);
}

/* count of them, each of two keys for `run` in a row; small pieces, then one of any length. */
static void finish_together_and_check(struct keyed_hash_key *const key[2],
				      const uint8_t secret[2][32], const uint8_t data[1024],
				      size_t count, size_t run)
{
	static struct keyed_hash hashes[KEYED_HASH_TOGETHER];
	struct keyed_hash *all[KEYED_HASH_TOGETHER];
	uint8_t expected[16];

	for (size_t i = 0; i < count; i++) {
		all[i] = &hashes[i];
		keyed_hash_begin(&hashes[i], key[i / run % 2]);
		for (size_t at = 0; at < 6 + i % 30; at++)
			keyed_hash_u8(&hashes[i], data[at]);
		keyed_hash_raw(&hashes[i], data + 6 + i % 30, (i * 37 + count * 11) % 900);
	}
	keyed_hash_finish(all, count);
	for (size_t i = 0; i < count; i++) {
		oracle(secret[i / run % 2], data, 6 + i % 30 + (i * 37 + count * 11) % 900,
		       expected);
		assert_memory_equal(hashes[i].result, expected, 16);
	}
}

/* However many are finished at once, whether one of them is too long to be gathered, and whether
 * all of eight have one key, four of them, or none as its neighbour. */
static void hashes_finished_together_are_what_they_are_alone(void **state)
{
	uint8_t data[1024], secret[2][32];
	struct keyed_hash_key *key[2];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 29 + 1);
	for (unsigned i = 0; i < 2; i++) {
		secret_fill(secret[i], 20 + i);
		key[i] = key_make(secret[i]);
	}
	for (size_t count = 1; count <= KEYED_HASH_TOGETHER; count++)
		for (size_t run = 1; run <= KEYED_HASH_TOGETHER; run++)
			finish_together_and_check(key, secret, data, count, run);
	free(key[0]);
	free(key[1]);
}

static void field_is_its_length_and_its_bytes(void **state)
{
	static const uint8_t written[] = {0,	3,    'a',  'b',  'c',	0,    0,
					  0x7f, 0x12, 0x34, 0x56, 0x78, 0xab, 0xcd};
	uint8_t secret[32], expected[16], have[16];
	struct keyed_hash_key *key;
	struct keyed_hash hash;

	(void)state;
	secret_fill(secret, 3);
	key = key_make(secret);
	oracle(secret, written, sizeof(written), expected);
	keyed_hash_begin(&hash, key);
	keyed_hash_field(&hash, SLICE("abc"));
	keyed_hash_field(&hash, SLICE(""));
	keyed_hash_u8(&hash, 0x7f);
	keyed_hash_u32(&hash, 0x12345678);
	keyed_hash_u16(&hash, 0xabcd);
	keyed_hash_end(&hash, have, 16);
	assert_memory_equal(have, expected, 16);
	free(key);
}

/* Three fields and a number, of a size that was foretold right, or that no room can be for. */
static void put_all(struct keyed_hash *hash, const struct keyed_hash_key *key, size_t size,
		    const struct slice fields[3])
{
	uint8_t *at = keyed_hash_open(hash, key, size);

	assert_true((at == NULL) == (size > KEYED_HASH_GATHER_BYTES));
	at = keyed_hash_put_field(hash, at, fields[0]);
	at = keyed_hash_put_u32(hash, at, 0x12345678);
	at = keyed_hash_put_field(hash, at, fields[1]);
	at = keyed_hash_put_u64(hash, at, 0x0102030405060708);
	at = keyed_hash_put_field(hash, at, fields[2]);
	keyed_hash_close(hash, at);
}

static void quick_way_comes_to_the_same_for_every_length(void **state)
{
	static const uint8_t numbers[] = {0x12, 0x34, 0x56, 0x78, 1, 2, 3, 4, 5, 6, 7, 8};
	uint8_t secret[32], have[16], expected[16];
	struct keyed_hash_key *key;
	struct keyed_hash hash;
	char text[700];

	(void)state;
	secret_fill(secret, 11);
	key = key_make(secret);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7 + 1);
	for (size_t length = 0; length < 600; length++) {
		struct slice fields[3] = {slice_make(text, length), slice_make(text + 3, 70),
					  slice_make(text + 5, length % 90)};
		size_t size = 6 + 12 + length + 70 + length % 90;

		keyed_hash_begin(&hash, key);
		keyed_hash_field(&hash, fields[0]);
		keyed_hash_raw(&hash, numbers, 4);
		keyed_hash_field(&hash, fields[1]);
		keyed_hash_raw(&hash, numbers + 4, 8);
		keyed_hash_field(&hash, fields[2]);
		keyed_hash_end(&hash, expected, 16);
		put_all(&hash, key, size, fields);
		keyed_hash_end(&hash, have, 16);
		assert_memory_equal(have, expected, 16);
		put_all(&hash, key, SIZE_MAX, fields);
		keyed_hash_end(&hash, have, 16);
		assert_memory_equal(have, expected, 16);
	}
	free(key);
}

static void field_of_a_whole_datagram_is_hashed(void **state)
{
	static char text[65535];
	static uint8_t written[sizeof(text) + 2];
	uint8_t secret[32], expected[16], have[16];
	struct keyed_hash_key *key;
	struct keyed_hash hash;

	(void)state;
	secret_fill(secret, 4);
	key = key_make(secret);
	memset(text, 'x', sizeof(text));
	written[0] = written[1] = 0xff;
	memcpy(written + 2, text, sizeof(text));
	oracle(secret, written, sizeof(written), expected);
	keyed_hash_begin(&hash, key);
	keyed_hash_field(&hash, slice_make(text, sizeof(text)));
	keyed_hash_end(&hash, have, 16);
	assert_memory_equal(have, expected, 16);
	free(key);
}

static void shorter_result_is_the_start_of_the_longer(void **state)
{
	uint8_t secret[32], whole[16], part[16];
	struct keyed_hash_key *key;
	struct keyed_hash hash;

	(void)state;
	secret_fill(secret, 5);
	key = key_make(secret);
	keyed_hash_begin(&hash, key);
	keyed_hash_end(&hash, whole, 16);
	keyed_hash_begin(&hash, key);
	keyed_hash_end(&hash, part, 6);
	assert_memory_equal(part, whole, 6);
	free(key);
}

static void wiped_key_holds_nothing(void **state)
{
	static const uint8_t zeros[sizeof(struct keyed_hash_key)];
	uint8_t secret[32];
	struct keyed_hash_key *key;

	(void)state;
	secret_fill(secret, 6);
	key = key_make(secret);
	keyed_hash_key_wipe(key);
	assert_memory_equal(key, zeros, sizeof(*key));
	free(key);
}

static void four_hundred_bytes_cost_little(void **state)
{
	uint8_t secret[32], data[400] = {1}, out[16];
	uint64_t best = UINT64_MAX;
	struct keyed_hash_key *key;
	struct keyed_hash hash;

	(void)state;
	secret_fill(secret, 7);
	key = key_make(secret);
	for (unsigned run = 0; run < 2000; run++) {
		uint64_t begun = __rdtsc();

		keyed_hash_begin(&hash, key);
		keyed_hash_raw(&hash, data, sizeof(data));
		keyed_hash_end(&hash, out, 10);
		if (__rdtsc() - begun < best)
			best = __rdtsc() - begun;
		data[0] = out[0];
	}
	print_message("400 bytes: %lu cycles\n", best);
	/* Far above what it takes: a fallback without carry-less multiplication would show. */
	assert_true(best < 20000);
	free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_equals_openssl),
		cmocka_unit_test(vectors_and_ipsec_mb_come_to_the_same),
		cmocka_unit_test(pieces_of_any_size_equal_one_piece),
		cmocka_unit_test(hashes_finished_together_are_what_they_are_alone),
		cmocka_unit_test(field_is_its_length_and_its_bytes),
		cmocka_unit_test(quick_way_comes_to_the_same_for_every_length),
		cmocka_unit_test(field_of_a_whole_datagram_is_hashed),
		cmocka_unit_test(shorter_result_is_the_start_of_the_longer),
		cmocka_unit_test(wiped_key_holds_nothing),
		cmocka_unit_test(four_hundred_bytes_cost_little),
	};

	return cmocka_run_group_tests(tests, manager_make, manager_end);
}
