#include "tests/unit/shared/sip_request.h"

#include "shared/sip/route_security.h"

static struct sip_message message;
static struct sip_route_security series;

static struct sip_address address(const char *text)
{
	struct sip_address out;

	assert_int_equal(sip_address_parse(text_slice(text), &out), RESULT_OK);
	return out;
}

static void read_series(const char *text)
{
	request_parse(text, &message);
	sip_route_security_read(&message, &series);
}

static void the_series_is_read_newest_first(void **state)
{
	struct sip_address a = address("2001:abcd::5060"), b = address("2001:1234::10"),
			   c = address("192.0.2.1");

	(void)state;
	read_series(REQUEST("Route-Security: [2001:ABCD:0::5060];level=3,\r\n 192.0.2.1\r\n"
			    "Subject: between\r\nroute-security :[2001:1234::10] ; LEVEL = 2\r\n"));
	assert_int_equal(series.count, 3);
	assert_true(sip_route_security_entry_is(&series.entries[0], &a, SIP_LEVEL_CONFIDENTIAL));
	assert_true(sip_route_security_entry_is(&series.entries[1], &c, SIP_LEVEL_ABSENT));
	assert_true(sip_route_security_entry_is(&series.entries[2], &b, SIP_LEVEL_INTEGRITY));
	assert_false(sip_route_security_entry_is(&series.entries[2], &b, SIP_LEVEL_CONFIDENTIAL));
	assert_false(sip_route_security_entry_is(&series.entries[2], &a, SIP_LEVEL_INTEGRITY));
}

/* With a host that is known beforehand the result is the same, whatever the entries are. */
static void a_known_host_changes_nothing(void **state)
{
	static const char text[] = REQUEST(
		"Route-Security: [2001:abcd::5060];level=3, [2001:abcd::5060];level=4\r\n"
		"Route-Security: [2001:abcd::5060] ;level=2, [2001:abcd::506];level=3\r\n"
		"Route-Security: [2001:abcd::50600];level=3, [2001:abcd::5060]\r\n"
		"Route-Security: [2001:abcd::5060];Level=1, x[2001:abcd::5060];level=3\r\n");
	struct sip_address host = address("2001:abcd::5060"), none = {.family = 0};
	static struct sip_route_security known;

	(void)state;
	read_series(text);
	sip_route_security_read_from(&message, SLICE("[2001:abcd::5060]"), &host, &known);
	assert_int_equal(known.count, 8);
	assert_int_equal(series.count, 8);
	for (unsigned i = 0; i < 8; i++) {
		const struct sip_route_security_entry *a = &known.entries[i];
		const struct sip_route_security_entry *b = &series.entries[i];

		assert_true(slice_is_equal(a->text, b->text));
		assert_int_equal(a->is_wellformed, b->is_wellformed);
		assert_int_equal(a->level, b->level);
		assert_int_equal(a->address.port, b->address.port);
		assert_true(sip_address_is_same_host(&a->address, &b->address));
	}
	sip_route_security_read_from(&message, SLICE(""), &none, &known);
	assert_int_equal(known.count, 8);
	assert_true(sip_route_security_entry_is(&known.entries[0], &host, SIP_LEVEL_CONFIDENTIAL));
}

/* Lines known as a whole, and lines taken apart, between one another and past what there is room for. */
static void lines_of_one_and_of_several_are_counted_alike(void **state)
{
	struct sip_address host = address("2001:abcd::5060");
	char text[4096] = REQUEST_START REQUEST_VIA;
	struct writer w = writer_make(text, sizeof(text));
	unsigned sent = 0;

	(void)state;
	w.len = strlen(text);
	for (; sent <= LIMIT_ROUTE_SECURITY_ENTRIES; sent += 3)
		WRITER_LITERAL(&w, "Route-Security: [2001:abcd::5060];level=3\r\n"
				   "Route-Security: 192.0.2.1, 192.0.2.2\r\n");
	WRITER_LITERAL(&w, "Route-Security: [2001:abcd::5060];level=3\r\n" REQUEST_REST "\r\n");
	text[w.len] = '\0';
	request_parse(text, &message);
	sip_route_security_read_from(&message, SLICE("[2001:abcd::5060]"), &host, &series);
	assert_int_equal(series.count, sent + 1);
	for (unsigned i = 0; i < LIMIT_ROUTE_SECURITY_ENTRIES; i += 3)
		assert_true(sip_route_security_entry_is(&series.entries[i], &host,
							SIP_LEVEL_CONFIDENTIAL));
	for (unsigned i = 2; i < LIMIT_ROUTE_SECURITY_ENTRIES; i += 3)
		assert_slice(series.entries[i].text, "192.0.2.2");
}

static void a_wrong_entry_is_kept_and_marked(void **state)
{
	static const char *const rows[] = {
		"",
		"abc.com",
		"abc.com;level=3",
		"[abc]",
		"2001:db8::1",
		"[192.0.2.1]",
		"[::1",
		"[::1]:5060;level=3",
		"192.0.2.1:5060",
		"192.0.2.01",
		"[::1];level=4",
		"[::1];level=-1",
		"[::1];level=03",
		"[::1];level=",
		"[::1];level",
		"[::1];level=3;x",
		"[::1];x=1",
		"[::1];level=3;level=3",
		"[::1];level=\"3\"",
		"[::1];;level=3",
		"[::1] level=3",
		"[::1];",
		"<[::1]>;level=3",
		"[::1%eth0];level=3",
		"[::1];level=3 3",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[512];

		(void)snprintf(text, sizeof(text),
			       REQUEST_START REQUEST_VIA
			       "Route-Security: %s\r\n"
			       "Route-Security: 192.0.2.9\r\n" REQUEST_REST "\r\n",
			       rows[i]);
		read_series(text);
		assert_row(rows[i], series.count == 2);
		assert_row(rows[i], !series.entries[0].is_wellformed);
		assert_row(rows[i], series.entries[0].address.family == 0);
		assert_row(rows[i], series.entries[0].level == SIP_LEVEL_ABSENT);
		assert_slice(series.entries[0].text, rows[i]);
		assert_true(series.entries[1].is_wellformed);
		assert_false(
			sip_route_security_entry_is_equal(&series.entries[0], &series.entries[0]));
	}
}

/* That one is read by comparing it with the Via. */
static void an_entry_of_the_top_vias_host_is_read_as_any_other(void **state)
{
	static const char *const rows[] = {
		"[2001:1234::10];level=3", "[2001:1234::10];level=0", "[2001:1234::10];level=4",
		"[2001:1234::10];level= ", "[2001:1234::10];Level=3", "[2001:1234::10];level=33",
		"[2001:1234::11];level=3", "[2001:1234::10]",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_route_security_entry alone;

		snprintf(text, sizeof(text), REQUEST("Route-Security: %s\r\n"), rows[i]);
		read_series(text);
		sip_route_security_entry_parse(text_slice(rows[i]), &alone);
		assert_int_equal(series.count, 1);
		assert_int_equal(series.entries[0].is_wellformed, alone.is_wellformed);
		assert_int_equal(series.entries[0].level, alone.level);
		assert_true(sip_address_is_same_host(&series.entries[0].address, &alone.address));
	}
}

static void equality_is_over_address_and_level(void **state)
{
	struct sip_route_security_entry a, b;

	(void)state;
	sip_route_security_entry_parse(SLICE("[2001:db8:0::1];level=3"), &a);
	sip_route_security_entry_parse(SLICE("[2001:DB8::1] ;Level=3"), &b);
	assert_true(sip_route_security_entry_is_equal(&a, &b));
	sip_route_security_entry_parse(SLICE("[2001:db8::1]"), &b);
	assert_false(sip_route_security_entry_is_equal(&a, &b));
	sip_route_security_entry_parse(SLICE("[2001:db8::2];level=3"), &b);
	assert_false(sip_route_security_entry_is_equal(&a, &b));
}

static void entries_beyond_the_array_are_counted(void **state)
{
	char text[2048] = REQUEST_START REQUEST_VIA "Route-Security: 192.0.2.1";

	(void)state;
	for (unsigned i = 0; i < 19; i++)
		strcat(text, i % 4 == 0 ? "\r\nRoute-Security: 192.0.2.2" : ", [::1];level=1");
	strcat(text, "\r\n" REQUEST_REST "\r\n");
	read_series(text);
	assert_int_equal(series.count, 20);
	assert_true(series.entries[LIMIT_ROUTE_SECURITY_ENTRIES - 1].is_wellformed);
}

static void a_message_without_the_header_has_no_series(void **state)
{
	(void)state;
	read_series(REQUEST(""));
	assert_int_equal(series.count, 0);
}

static void written_lines_read_back(void **state)
{
	static const char *const addresses[] = {"2001:1234::10", "192.0.2.1",
						"2001:db8:1111:2222:3333:4444:5555:6666"};

	(void)state;
	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct sip_address node = address(addresses[i]);

		for (unsigned level = 0; level < 5; level++) {
			uint8_t as = level == 4 ? SIP_LEVEL_ABSENT : (uint8_t)level;
			char line[SIP_ROUTE_SECURITY_LINE_CHARS];
			struct writer w = writer_make(line, sizeof(line));
			struct sip_route_security_entry entry;

			sip_route_security_write(&node, as, &w);
			assert_false(w.is_full);
			sip_route_security_entry_parse(slice_make(line + 16, w.len - 18), &entry);
			assert_true(sip_route_security_entry_is(&entry, &node, as));
		}
	}
}

static void a_line_is_written_as_the_patents_example(void **state)
{
	struct sip_address node = address("2001:1234:0:0::10");
	char line[SIP_ROUTE_SECURITY_LINE_CHARS];
	struct writer w = writer_make(line, sizeof(line));

	(void)state;
	node.port = 5060;
	sip_route_security_write(&node, SIP_LEVEL_CONFIDENTIAL, &w);
	assert_slice(slice_make(line, w.len), "Route-Security: [2001:1234::10];level=3\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_series_is_read_newest_first),
		cmocka_unit_test(a_known_host_changes_nothing),
		cmocka_unit_test(lines_of_one_and_of_several_are_counted_alike),
		cmocka_unit_test(a_wrong_entry_is_kept_and_marked),
		cmocka_unit_test(an_entry_of_the_top_vias_host_is_read_as_any_other),
		cmocka_unit_test(equality_is_over_address_and_level),
		cmocka_unit_test(entries_beyond_the_array_are_counted),
		cmocka_unit_test(a_message_without_the_header_has_no_series),
		cmocka_unit_test(written_lines_read_back),
		cmocka_unit_test(a_line_is_written_as_the_patents_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
