#include "tests/unit/rules/test_body.h"

#include "dataplane/rules/series.h"
#include "tests/unit/rules/kh_oracle.h"

static void digest_is_what_the_page_says_wrong_entries_included(void **state)
{
	static const uint8_t secret[32] = {9, 8, 7};
	struct keyed_hash_key *key = aligned_alloc(64, (sizeof(*key) + 63) & ~(size_t)63);
	struct sip_address ipv6 = kit_address("2001:1234::10", 0),
			   ipv4 = kit_address("192.0.2.1", 0);
	struct sip_route_security series = {.count = 3};
	uint8_t expected[16], have[SERIES_DIGEST_BYTES];
	struct gateway_kit *kit = *state;
	static struct kh_data data;
	struct keyed_hash hash;

	keyed_hash_key_set(key, kit->mb, secret);
	sip_route_security_entry_parse(SLICE("[2001:1234::10];level=3"), &series.entries[0]);
	sip_route_security_entry_parse(SLICE("192.0.2.1"), &series.entries[1]);
	sip_route_security_entry_parse(SLICE("nonsense ;level=3"), &series.entries[2]);
	kh_text(&data, "series");
	kh_u8(&data, 4);
	kh_bytes(&data, ipv4.bytes, 4);
	kh_u8(&data, 2);
	kh_u8(&data, 6);
	kh_bytes(&data, ipv6.bytes, 16);
	kh_u8(&data, 3);
	kh_u8(&data, 4);
	kh_bytes(&data, ipv4.bytes, 4);
	kh_u8(&data, 255);
	kh_u8(&data, 0);
	kh_text(&data, "nonsense ;level=3");
	kh_oracle(secret, &data, expected);
	series_begin(&hash, key);
	series_add(&hash, &ipv4, 2);
	series_add_from(&hash, &series, 0);
	series_end(&hash, have);
	assert_memory_equal(have, expected, sizeof(have));
	free(key);
}

static void spelling_does_not_count_but_order_and_number_do(void **state)
{
	struct gateway_kit *kit = *state;
	const struct keyed_hash_key *key = key_table_view(&kit->keys)->branch;
	uint8_t first[SERIES_DIGEST_BYTES], other[SERIES_DIGEST_BYTES];
	struct sip_route_security series = {.count = 2};
	struct keyed_hash hash;

	sip_route_security_entry_parse(SLICE("[2001:1234::10];level=3"), &series.entries[0]);
	sip_route_security_entry_parse(SLICE("192.0.2.1;level=3"), &series.entries[1]);
	series_begin(&hash, key);
	series_add_from(&hash, &series, 0);
	series_end(&hash, first);
	sip_route_security_entry_parse(SLICE("[2001:1234:0::0010] ; Level=3"), &series.entries[0]);
	series_begin(&hash, key);
	series_add_from(&hash, &series, 0);
	series_end(&hash, other);
	assert_memory_equal(first, other, sizeof(first));
	series_begin(&hash, key);
	series_add_from(&hash, &series, 1);
	series_end(&hash, other);
	assert_memory_not_equal(first, other, sizeof(first));
}

/* docs/protocol.md 3.4: the bytes that the digest would be of. */
static void packed_series_is_what_the_page_says_and_unpacks_again(void **state)
{
	static const uint8_t expected[24] = {4, 192, 0, 2, 1, 255, 6, 0x20, 1, 0x12, 0x34,
					     [22] = 0x10, [23] = 3};
	struct sip_address ipv4 = kit_address("192.0.2.1", 0);
	struct sip_route_security series = {.count = 2}, back;
	struct series_packed packed = {0};

	(void)state;
	sip_route_security_entry_parse(SLICE("nonsense"), &series.entries[0]);
	sip_route_security_entry_parse(SLICE("[2001:1234::10];level=3"), &series.entries[1]);
	assert_int_equal(series_packed_add(&packed, &ipv4, SIP_LEVEL_ABSENT), RESULT_OK);
	assert_int_equal(series_packed_add_from(&packed, &series, 1), RESULT_OK);
	assert_int_equal(packed.count, 2);
	assert_int_equal(packed.length, 24);
	assert_memory_equal(packed.bytes, expected, sizeof(expected));
	assert_int_equal(series_unpack(&packed, &back), RESULT_OK);
	assert_int_equal(back.count, 2);
	assert_true(sip_route_security_entry_is(&back.entries[0], &ipv4, SIP_LEVEL_ABSENT));
	assert_true(sip_route_security_entry_is_equal(&back.entries[1], &series.entries[1]));
	assert_int_equal(series_packed_add_from(&packed, &series, 0), RESULT_BAD);
}

static void packed_series_holds_eight_entries_and_no_ninth(void **state)
{
	struct sip_address ipv6 = kit_address("2001:1234::10", 0);
	struct sip_route_security series = {.count = LIMIT_ROUTE_SECURITY_ENTRIES + 1};
	struct series_packed packed = {0};

	(void)state;
	for (unsigned i = 0; i < LIMIT_LEGACY_SERIES_ENTRIES; i++)
		assert_int_equal(series_packed_add(&packed, &ipv6, 3), RESULT_OK);
	assert_int_equal(packed.length, SERIES_PACKED_BYTES);
	assert_int_equal(series_packed_add(&packed, &ipv6, 3), RESULT_SPACE);
	packed = (struct series_packed){0};
	assert_int_equal(series_packed_add_from(&packed, &series, LIMIT_ROUTE_SECURITY_ENTRIES),
			 RESULT_SPACE);
}

static void bytes_that_are_no_packed_series_are_refused(void **state)
{
	struct sip_address ipv4 = kit_address("192.0.2.1", 0);
	struct series_packed good = {0}, bad;
	struct sip_route_security out;

	(void)state;
	assert_int_equal(series_packed_add(&good, &ipv4, 3), RESULT_OK);
	for (unsigned length = 0; length < 20; length++) {
		bad = good;
		bad.length = (uint8_t)length;
		assert_int_equal(series_unpack(&bad, &out) == RESULT_OK, length == good.length);
	}
	for (unsigned count = 0; count < 256; count++) {
		bad = good;
		bad.count = (uint8_t)count;
		assert_int_equal(series_unpack(&bad, &out) == RESULT_OK, count == 1);
	}
	for (unsigned family = 0; family < 256; family++) {
		bad = good;
		bad.bytes[0] = (uint8_t)family;
		assert_int_equal(series_unpack(&bad, &out) == RESULT_OK, family == 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(digest_is_what_the_page_says_wrong_entries_included),
		KIT_TEST(packed_series_is_what_the_page_says_and_unpacks_again),
		KIT_TEST(packed_series_holds_eight_entries_and_no_ninth),
		KIT_TEST(bytes_that_are_no_packed_series_are_refused),
		KIT_TEST(spelling_does_not_count_but_order_and_number_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
