#include "tests/unit/shared/sip_check.h"

#include <arpa/inet.h>

#include "shared/sip/host.h"

static void assert_written(const struct sip_address *address, const char *want)
{
	char buffer[SIP_ADDRESS_PORT_CHARS];
	struct writer w = writer_make(buffer, sizeof(buffer));

	sip_address_write(address, &w);
	assert_false(w.is_full);
	assert_slice(slice_make(w.at, w.len), want);
}

static void addresses_come_back_canonical(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"192.0.2.1", "192.0.2.1"},
		{"0.0.0.0", "0.0.0.0"},
		{"255.255.255.255:65535", "255.255.255.255:65535"},
		{"[2001:1234::10]:5060", "[2001:1234::10]:5060"},
		{"[2001:ABCD:0:0:0:0:0:5060]", "[2001:abcd::5060]"},
		{"[::]", "[::]"},
		{"[::1]", "[::1]"},
		{"[1::]", "[1::]"},
		{"[2001:db8:0:1:1:1:1:1]", "[2001:db8:0:1:1:1:1:1]"},
		{"[2001:0:0:1:0:0:0:1]", "[2001:0:0:1::1]"},
		{"[2001:db8:0:0:1:0:0:1]", "[2001:db8::1:0:0:1]"},
		{"[0001:0002:0003:0004:0005:0006:0007:0008]", "[1:2:3:4:5:6:7:8]"},
		{"[::ffff:192.0.2.128]", "[::ffff:192.0.2.128]"},
		{"[64:ff9b::192.0.2.33]", "[64:ff9b::c000:221]"},
		{"[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:102:304]"},
		{"[1:2:3:4:5:6:7::]", "[1:2:3:4:5:6:7:0]"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_address address;

		assert_row(rows[i].text,
			   sip_address_parse_port(text_slice(rows[i].text), &address) == RESULT_OK);
		assert_written(&address, rows[i].want);
	}
}

static void texts_that_are_no_address_are_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"1.2.3",
		"1.2.3.4.5",
		"256.1.1.1",
		"1.2.3.04",
		"1.2.3.4 ",
		" 1.2.3.4",
		"1..2.3",
		"a.b.c.d",
		"1.2.3.4:5060",
		":",
		":::",
		"1::2::3",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"12345::",
		"g::",
		"::1:",
		":1::",
		"1:2:3:4:5:6:7:8::",
		"::1.2.3",
		"::1.2.3.4:1",
		"1.2.3.4::",
		"[::1",
		"::1]",
		"[]",
		"[1.2.3.4]",
		"fe80::1%eth0",
		"::ffff:1.2.3.256",
		"1:2:3:4:5:6:7:1.2.3.4",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_address address;

		assert_row(rows[i], sip_address_parse(text_slice(rows[i]), &address) == RESULT_BAD);
	}
}

static void ports_are_one_to_65535(void **state)
{
	static const char *const bad[] = {"1.2.3.4:",
					  "1.2.3.4:0",
					  "1.2.3.4:65536",
					  "1.2.3.4:5060x",
					  "[::1]:",
					  "[::1]5060",
					  "[::1]:99999999999999999999",
					  "::1:5060"};
	struct sip_address address;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_row(bad[i],
			   sip_address_parse_port(text_slice(bad[i]), &address) == RESULT_BAD);
	assert_int_equal(sip_address_parse_port(SLICE("1.2.3.4:0005060"), &address), RESULT_OK);
	assert_int_equal(address.port, 5060);
}

/* The C library reads and writes the same, on addresses rich in zero groups. */
static void the_c_library_agrees(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct sip_address address = {.family = 6}, again;
		char want[INET6_ADDRSTRLEN], got[SIP_ADDRESS_CHARS];
		struct writer w = writer_make(got, sizeof(got));

		for (unsigned i = 0; i < 16; i++) {
			random = random * 1664525 + 1013904223;
			address.bytes[i] = (random >> 28) < 11 ? 0 : (uint8_t)(random >> 20);
		}
		if (memcmp(address.bytes, "\0\0\0\0\0\0\0\0\0\0\0\0", 12) == 0)
			continue; /* the library writes these with dots, RFC 5952 5 does not ask it
				   */
		sip_address_write_bare(&address, &w);
		assert_non_null(inet_ntop(AF_INET6, address.bytes, want, sizeof(want)));
		assert_slice(slice_make(w.at, w.len), want);
		assert_int_equal(sip_address_parse(text_slice(want), &again), RESULT_OK);
		assert_true(sip_address_is_same_host(&address, &again));
	}
}

/* Short texts over the characters that matter: both accept or both refuse. */
static void the_c_library_refuses_the_same(void **state)
{
	static const char characters[] = ":::..10af25";
	uint32_t random = 7;
	unsigned accepted = 0;

	(void)state;
	for (unsigned round = 0; round < 300000; round++) {
		char text[20];
		size_t len = 2 + round % 10;
		uint8_t bytes[16];
		struct sip_address address;
		bool is_ours, is_theirs;

		for (size_t i = 0; i < len; i++) {
			random = random * 1664525 + 1013904223;
			text[i] = characters[(random >> 16) % (sizeof(characters) - 1)];
		}
		text[len] = '\0';
		is_ours = sip_address_parse(text_slice(text), &address) == RESULT_OK;
		is_theirs = inet_pton(AF_INET6, text, bytes) == 1 ||
			    inet_pton(AF_INET, text, bytes) == 1;
		assert_row(text, is_ours == is_theirs);
		accepted += is_ours;
	}
	assert_true(accepted > 100);
}

static void a_host_is_a_name_or_an_address(void **state)
{
	static const struct {
		const char *text, *host; /* NULL: none */
	} rows[] = {
		{"abc.com:5060", "abc.com"},
		{"abc.com.;x", "abc.com."},
		{"[::1]:1", "[::1]"},
		{"a_b-c", "a_b-c"},
		{":5060", NULL},
		{"", NULL},
		{"[::1", NULL},
		{"[abc]", NULL},
		{"[1.2.3.4]", NULL},
		{";x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice s = text_slice(rows[i].text), host;
		const char *past = sip_host_scan(s.at, s.at + s.len, &host);

		assert_row(rows[i].text, (past == NULL) == (rows[i].host == NULL));
		if (past != NULL)
			assert_slice(host, rows[i].host);
	}
}

static void a_scanned_host_says_which_address_it_is(void **state)
{
	static const struct {
		const char *text;
		uint8_t family;
		size_t len;
	} rows[] = {
		{"[2001:db8::1]:5060", 6, 13}, {"192.0.2.1:5060", 4, 9}, {"192.0.2.256", 0, 11},
		{"abc.com;x", 0, 7},	       {"192.0.2", 0, 7},
	};
	static const uint8_t none[16];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice text = text_slice(rows[i].text), host;
		struct sip_address address, same;
		const char *past =
			sip_host_scan_address(text.at, text.at + text.len, &host, &address);

		assert_row(rows[i].text, past == text.at + rows[i].len);
		assert_int_equal(address.family, rows[i].family);
		if (rows[i].family == 0)
			assert_memory_equal(address.bytes, none, sizeof(none));
		else
			assert_row(rows[i].text, sip_address_parse(host, &same) == RESULT_OK &&
							 sip_address_is_same_host(&address, &same));
	}
}

static void a_trailing_dot_makes_another_host(void **state)
{
	(void)state;
	assert_true(sip_host_is_equal(SLICE("ABC.com"), SLICE("abc.COM")));
	assert_false(sip_host_is_equal(SLICE("abc.com"), SLICE("abc.com.")));
	assert_true(sip_host_is_equal(SLICE("[2001:DB8:0::1]"), SLICE("[2001:db8::1]")));
	assert_false(sip_host_is_equal(SLICE("[2001:db8::1]"), SLICE("[2001:db8::2]")));
	assert_false(sip_host_is_equal(SLICE("[::1]"), SLICE("")));
}

static void a_host_has_one_canonical_text(void **state)
{
	char buffer[64];
	struct writer w = writer_make(buffer, sizeof(buffer));

	(void)state;
	sip_host_write_canonical(SLICE("ABC.Com."), &w);
	writer_char(&w, ' ');
	sip_host_write_canonical(SLICE("[2001:DB8:0:0::1]"), &w);
	writer_char(&w, ' ');
	sip_host_write_canonical(SLICE("192.0.2.1"), &w);
	assert_slice(slice_make(w.at, w.len), "abc.com. [2001:db8::1] 192.0.2.1");
}

static void the_same_bytes_in_two_families_are_two_hosts(void **state)
{
	struct sip_address a = {.family = 4}, b = {.family = 6}, c = {.family = 4, .port = 5060};

	(void)state;
	assert_false(sip_address_is_same_host(&a, &b));
	assert_true(sip_address_is_same_host(&a, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_come_back_canonical),
		cmocka_unit_test(texts_that_are_no_address_are_refused),
		cmocka_unit_test(ports_are_one_to_65535),
		cmocka_unit_test(the_c_library_agrees),
		cmocka_unit_test(the_c_library_refuses_the_same),
		cmocka_unit_test(a_host_is_a_name_or_an_address),
		cmocka_unit_test(a_scanned_host_says_which_address_it_is),
		cmocka_unit_test(a_trailing_dot_makes_another_host),
		cmocka_unit_test(a_host_has_one_canonical_text),
		cmocka_unit_test(the_same_bytes_in_two_families_are_two_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
