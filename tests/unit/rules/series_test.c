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

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(digest_is_what_the_page_says_wrong_entries_included),
		KIT_TEST(spelling_does_not_count_but_order_and_number_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
