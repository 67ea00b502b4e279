/* The prepared headers, byte by byte. (With lengths and sums filled in: esp_seal_test.c.) */
#include "dataplane/tables/sa_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct contract_address local4 = {4, 0, 4500, {192, 0, 2, 1, 0xee, 0xee}};
static const struct contract_address remote4 = {4, 0, 31000, {192, 0, 2, 2, 0xee, 0xee}};
static const struct contract_address local6 = {6, 0, 5060, {0x20, 1, 0xd, 0xb8, [15] = 1}};
static const struct contract_address remote6 = {6, 0, 5062, {0x20, 1, 0xd, 0xb8, [15] = 2}};

static void an_ipv4_header_is_prepared(void **state)
{
	struct sa_outer outer;

	(void)state;
	sa_header_outer(&outer, &local4, &remote4, false, 46);
	assert_int_equal(outer.len, 20);
	assert_true(outer.is_ipv4);
	assert_memory_equal(outer.header, "\x45\xb8\0\0\0\0\x40\0\x40\x32", 10);
	assert_memory_equal(outer.header + 12, "\xc0\0\x02\x01\xc0\0\x02\x02", 8);
	/* 45b8 + 4000 + 4032 + c000 + 0201 + c000 + 0202 = 249ed -> 49ef, not complemented */
	assert_memory_equal(outer.header + 10, "\x49\xef", 2);
}

static void an_ipv4_header_with_udp_is_prepared(void **state)
{
	struct sa_outer outer;

	(void)state;
	sa_header_outer(&outer, &local4, &remote4, true, 0);
	assert_int_equal(outer.len, 28);
	assert_int_equal(outer.header[9], 17);
	assert_memory_equal(outer.header + 20, "\x11\x94\x79\x18\0\0\0\0", 8);
}

static void an_ipv6_header_is_prepared(void **state)
{
	struct sa_outer outer;

	(void)state;
	sa_header_outer(&outer, &local6, &remote6, false, 46);
	assert_int_equal(outer.len, 40);
	assert_false(outer.is_ipv4);
	assert_memory_equal(outer.header, "\x6b\x80\0\0\0\0\x32\x40", 8);
	assert_memory_equal(outer.header + 8, local6.bytes, 16);
	assert_memory_equal(outer.header + 24, remote6.bytes, 16);
	sa_header_outer(&outer, &local6, &remote6, true, 0);
	assert_int_equal(outer.len, 48);
	assert_int_equal(outer.header[6], 17);
	assert_memory_equal(outer.header + 40, "\x13\xc4\x13\xc6\0\0\0\0", 8);
	assert_int_not_equal(outer.udp_sum, 0);
}

static void an_inner_header_is_udp_alone_or_ip_and_udp(void **state)
{
	static struct sa_out out;

	(void)state;
	sa_header_inner(&out, &local6, &remote6, 0);
	assert_int_equal(out.inner_len, 8);
	assert_int_equal(out.flags, 0);
	assert_memory_equal(out.inner_header, "\x13\xc4\x13\xc6\0\0\0\0", 8);
	out.flags = SA_IS_TUNNEL;
	sa_header_inner(&out, &local6, &remote6, 0);
	assert_int_equal(out.inner_len, 48);
	assert_int_equal(out.inner_header[6], 17);
	sa_header_inner(&out, &local4, &remote4, 0);
	assert_int_equal(out.inner_len, 28);
	assert_int_equal(out.flags, SA_IS_TUNNEL | SA_IS_INNER_IPV4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_header_is_prepared),
		cmocka_unit_test(an_ipv4_header_with_udp_is_prepared),
		cmocka_unit_test(an_ipv6_header_is_prepared),
		cmocka_unit_test(an_inner_header_is_udp_alone_or_ip_and_udp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
