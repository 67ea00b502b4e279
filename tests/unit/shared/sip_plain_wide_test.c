#include <ctype.h>

#include "tests/unit/shared/sip_check.h"

#include "shared/sip/plain.h"
#include "tests/unit/shared/sip_same.h"

/* A copy with nothing behind it. */
static struct slice alone(const char *text)
{
	size_t len = strlen(text);
	char *copy = malloc(len == 0 ? 1 : len);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return slice_make(copy, len);
}

static bool is_party(const char *text)
{
	static struct sip_party wide, general;
	struct slice value = alone(text);
	bool is_read = sip_plain_party_wide(value, &wide);

	if (is_read) {
		assert_int_equal(sip_party_parse(value, &general), RESULT_OK);
		assert_row(text, party_is_same(&wide, &general));
	}
	free((char *)(uintptr_t)value.at);
	return is_read;
}

static void parties_of_the_usual_shape_are_read(void **state)
{
	char text[256], fill[200];

	(void)state;
	assert_true(is_party("<sip:user-a@abc.com>;tag=a1"));
	assert_true(is_party("<SIP:A_b.c@Abc.com>;TAG=1"));
	assert_true(is_party("<sip:a@b>"));
	memset(fill, 'f', sizeof(fill));
	for (int user = 1; user < 70; user++) {
		for (int host = 1; host < 70; host++) {
			int len = snprintf(text, sizeof(text), "<sip:%.*s@%.*s>;tag=1", user, fill,
					   host, fill);

			/* "sip:", '@' and '>' with them are one window. */
			assert_true(len > 0);
			assert_row(text, is_party(text) == (user + host <= 58));
		}
	}
	for (int host = 1; host <= 57; host++) {
		for (int tag = 1; tag < 70; tag++) {
			(void)snprintf(text, sizeof(text), "<sip:a@%.*s>;tag=%.*s", host, fill, tag,
				       fill);
			assert_row(text, is_party(text) == (tag <= 58));
			text[strlen(text) - 1] = '%';
			assert_row(text, !is_party(text));
		}
	}
}

static void parties_of_another_shape_are_left_alone(void **state)
{
	static const char *const parties[] = {
		"",
		"<",
		"<sip:",
		"<sip:a@b",
		"<sip:@b>",
		"<sip:a@>",
		"<sip:a@b>x",
		"<sip:a@b>;",
		"<sip:a@b>;tag",
		"<sip:a@b>;tag=",
		"<sip:a@b>;gat=1",
		"<sip:a@b>;tag=1;tag=2",
		"<sips:a@b>;tag=1",
		"<sip:a@b:5060>;tag=1",
		"<sip:a@b>x;tag=1",
		"<sip:a@b>;x=tag",
		"x<sip:a@b>;tag=1",
		"<sip:a@[::1]>",
		"<sip:a@b>;tag=1\x80",
		"<sip:\x80x@b>",
		"<sip:a@b >",
		"<sop:a@b>",
		"<sip@a:b>;tag=1",
		"\"A\" <sip:a@b>;tag=1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(parties); i++)
		assert_row(parties[i], !is_party(parties[i]));
}

static bool are_parties(const char *from, const char *to)
{
	struct sip_party wide[2], general[2];
	struct slice values[] = {alone(from), alone(to)};
	bool are_read = sip_plain_parties_wide(values[0], values[1], &wide[0], &wide[1]);

	for (size_t i = 0; are_read && i < COUNT(values); i++) {
		assert_int_equal(sip_party_parse(values[i], &general[i]), RESULT_OK);
		assert_true(party_is_same(&wide[i], &general[i]));
	}
	free((char *)(uintptr_t)values[0].at);
	free((char *)(uintptr_t)values[1].at);
	return are_read;
}

static void two_parties_are_read_if_both_are_of_the_usual_shape(void **state)
{
	static const char usual[] = "<sip:user-a@abc.com>;tag=a1", other[] = "<sip:b@[::1]>";

	(void)state;
	assert_true(are_parties(usual, "<sip:b@xyz.com>"));
	assert_true(are_parties("<sip:b@xyz.com>", usual));
	assert_false(are_parties(usual, other));
	assert_false(are_parties(other, usual));
	assert_false(are_parties(usual, ""));
}

/* Each byte there is, in a place where most are plain. */
static void every_byte_is_plain_or_not_as_the_general_way_has_it(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		bool is_plain = (c < 128 && isalnum(c)) || c == '-' || c == '.' || c == '_';
		char text[] = "<sip:user@host.com>;tag=x";

		text[6] = (char)c;
		assert_row(text, is_party(text) == is_plain);
		text[6] = 's';
		text[11] = (char)c;
		assert_row(text, is_party(text) == is_plain);
	}
}

static bool is_request_line(const char *text)
{
	struct slice line = alone(text), method, version;
	static struct sip_uri uri, general;
	bool is_read = sip_plain_request_line_wide(line, &method, &version, &uri);

	if (is_read) {
		assert_int_equal(sip_uri_parse(uri.text, &general), RESULT_OK);
		assert_true(uri_is_same(&uri, &general));
		assert_slice(version, "SIP/2.0");
		assert_ptr_equal(method.at, line.at);
		assert_ptr_equal(uri.text.at, method.at + method.len + 1);
	}
	free((char *)(uintptr_t)line.at);
	return is_read;
}

static void only_request_lines_of_the_usual_shape_are_read(void **state)
{
	static const char *const others[] = {
		"SIP/2.0 200 OK",
		"INVITE sip:b@xyz.com SIP/3.0",
		"INVITE sip:b@xyz.com sip/2.0",
		"INVITE sip:b@xyz.com SIP/2.0 ",
		" sip:b@xyz.com SIP/2.0",
		"INVITE sip:@xyz.com SIP/2.0",
		"INVITE sip:xyz.com SIP/2.0",
		"INVITE tel:1@xyz.com SIP/2.0",
		"INVITE  sip:b@c SIP/2.0",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG sip:b@c SIP/2.0",
	};

	(void)state;
	assert_true(is_request_line("INVITE sip:user-b@xyz.com SIP/2.0"));
	assert_true(is_request_line("M sip:u@h SIP/2.0"));
	for (size_t i = 0; i < COUNT(others); i++)
		assert_row(others[i], !is_request_line(others[i]));
}

static bool is_via(const char *text, const char *host)
{
	static const struct sip_address address = {.port = 5060, .family = 6};
	const struct sip_known_host known = {slice_make(host, strlen(host)), &address};
	static struct sip_via wide, general;
	struct slice value = alone(text);
	bool is_read = sip_plain_via_wide(value, &known, &wide);

	if (is_read) {
		assert_int_equal(sip_via_parse(value, &general), RESULT_OK);
		assert_int_equal(wide.address.family, 6);
		assert_int_equal(wide.address.port, 0);
		wide.address = general.address; /* it was told */
		assert_row(text, via_is_same(&wide, &general));
	}
	free((char *)(uintptr_t)value.at);
	return is_read;
}

static void vias_with_the_known_host_are_read(void **state)
{
	static const char *const vias[] = {
		"SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1;rport",
		"SIP/2.0/UDP [2001:db8::1]:5060",
		"SIP/2.0/UDP [2001:db8::1];rport;branch=z9hG4bK1",
		"SIP/2.0/UDP [2001:db8::1]:5060;Branch=z9hG4bK1;SK=abc;x;Rport",
		"SIP/2.0/UDP [2001:db8::1];received=192.0.2.1;z",
		"SIP/2.0/UDP [2001:db8::1];a;b;c;d;e;f;g;h;i",
		"SIP/2.0/UDP [2001:db8::1]:5061;branch=1",
		"SIP/2.0/UDP [2001:db8::1]:506;branch=1",
		"SIP/2.0/UDP [2001:db8::1]:50600;branch=1",
		"SIP/2.0/UDP [2001:db8::1];branch=1;rport=5060",
		"SIP/2.0/UDP [2001:db8::1];branch=1;RPORT",
		"SIP/2.0/UDP [2001:db8::1];branch=1;xport",
		"SIP/2.0/UDP [2001:db8::1];branch=1;rport;x",
		"SIP/2.0/UDP [2001:db8::1];rport",
		"SIP/2.0/UDP [2001:db8::1];branches=1",
		"SIP/2.0/UDP [2001:db8::1];branch=1;sk=a",
		"SIP/2.0/UDP [2001:db8::1]:5060;branch=1;sk=a;rport",
		"SIP/2.0/UDP [2001:db8::1];sk=a;rport",
		"SIP/2.0/UDP [2001:db8::1];sk=a;branch=1",
		"SIP/2.0/UDP [2001:db8::1];branch=1;ska=b",
		"SIP/2.0/UDP [2001:db8::1];branch=1;s",
		"SIP/2.0/UDP [2001:db8::1];branc=1",
	};
	static const char *const others[] = {
		"",
		"SIP/2.0/UDP ",
		"SIP/2.0/UDP [2001:db8::1]",
		"SIP/2.0/UDP [2001:db8::1]x",
		"SIP/2.0/UDP [2001:db8::2];branch=1",
		"SIP/2.0/TCP [2001:db8::1];branch=1",
		"SIP/2.0/UDP [2001:db8::1]:0;branch=1",
		"SIP/2.0/UDP [2001:db8::1]:5x;branch=1",
		"SIP/2.0/UDP [2001:db8::1]:65536",
		"SIP/2.0/UDP [2001:db8::1]:",
		"SIP/2.0/UDP [2001:db8::1];branch=",
		"SIP/2.0/UDP [2001:db8::1];branch",
		"SIP/2.0/UDP [2001:db8::1];",
		"SIP/2.0/UDP [2001:db8::1];;branch=1",
		"SIP/2.0/UDP [2001:db8::1];=1",
		"SIP/2.0/UDP [2001:db8::1];branch=1;branch=2",
		"SIP/2.0/UDP [2001:db8::1];rport;rport",
		"SIP/2.0/UDP [2001:db8::1];branch==",
		"SIP/2.0/UDP [2001:db8::1];branch=;rport",
		"SIP/2.0/UDP [2001:db8::1];branch=1;sk=",
		"SIP/2.0/UDP [2001:db8::1];branch=1;sk=;rport",
		"SIP/2.0/UDP [2001:db8::1];branch=1;sk=a;sk=a",
		"SIP/2.0/UDP [2001:db8::1];sk=a;branch=1;SK=b",
		"SIP/2.0/UDP [2001:db8::1];branch=1;branch=2;rport",
		"SIP/2.0/UDP [2001:db8::1];branch=1;rport;rport",
		"SIP/2.0/UDP [2001:db8::1];branch=1 ;rport",
		"SIP/2.0/UDP [2001:db8::1];branch=1=2",
		"SIP/2.0/UDP [2001:db8::1]:5060branch=1",
		"SIP/2.0/UDP [2001:db8::1]:5060:5060",
		"SIP/2.0/UDP [2001:db8::1];branch=1, SIP/2.0/UDP h",
		"SIP/2.0/UDP [2001:db8::1] ;branch=1",
	};
	char text[400], fill[200];

	(void)state;
	for (size_t i = 0; i < COUNT(vias); i++)
		assert_row(vias[i], is_via(vias[i], "[2001:db8::1]"));
	for (size_t i = 0; i < COUNT(others); i++)
		assert_row(others[i], !is_via(others[i], "[2001:db8::1]"));
	assert_false(is_via("SIP/2.0/UDP ;branch=1", ""));
	memset(fill, 'f', sizeof(fill));
	/* More than the host, however much: as far as the next window, too. */
	for (int more = 1; more < 150; more++) {
		(void)snprintf(text, sizeof(text), "SIP/2.0/UDP h%.*s:5060;branch=1", more, fill);
		assert_row(text, !is_via(text, "h"));
		(void)snprintf(text, sizeof(text), "SIP/2.0/UDP h%.*s;branch=1", more, fill);
		assert_row(text, !is_via(text, "h"));
	}
	for (int branch = 1; branch < 150; branch++) {
		for (int sk = 1; sk < 150; sk += 13) {
			(void)snprintf(text, sizeof(text),
				       "SIP/2.0/UDP h:5060;branch=%.*s;rport;sk=%.*s", branch, fill,
				       sk, fill);
			assert_row(text, is_via(text, "h"));
			text[strlen(text) - 1] = '=';
			assert_row(text, !is_via(text, "h"));
			(void)snprintf(text, sizeof(text),
				       "SIP/2.0/UDP h:5060;branch=%.*s;sk=%.*s;rport", branch, fill,
				       sk, fill);
			assert_row(text, is_via(text, "h"));
		}
	}
}

static void call_ids_and_entries_are_told(void **state)
{
	char text[200];

	(void)state;
	assert_true(sip_plain_call_id_wide(SLICE("a84b4c76@h\xc3\xa9.abc.com")));
	assert_false(sip_plain_call_id_wide(SLICE("a b")));
	assert_false(sip_plain_call_id_wide(SLICE("a\x7f")));
	assert_false(sip_plain_call_id_wide(SLICE("")));
	memset(text, 'x', sizeof(text));
	assert_true(sip_plain_call_id_wide(slice_make(text, 64)));
	assert_false(sip_plain_call_id_wide(slice_make(text, 65)));
	assert_false(sip_plain_is_one_entry_wide(slice_make(text, 0)));
	for (size_t len = 1; len < sizeof(text); len++) {
		assert_true(sip_plain_is_one_entry_wide(slice_make(text, len)));
		text[len - 1] = ',';
		assert_false(sip_plain_is_one_entry_wide(slice_make(text, len)));
		assert_true(len == 1 || sip_plain_is_one_entry_wide(slice_make(text, len - 1)));
		text[len - 1] = 'x';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parties_of_the_usual_shape_are_read),
		cmocka_unit_test(parties_of_another_shape_are_left_alone),
		cmocka_unit_test(two_parties_are_read_if_both_are_of_the_usual_shape),
		cmocka_unit_test(every_byte_is_plain_or_not_as_the_general_way_has_it),
		cmocka_unit_test(only_request_lines_of_the_usual_shape_are_read),
		cmocka_unit_test(vias_with_the_known_host_are_read),
		cmocka_unit_test(call_ids_and_entries_are_told),
	};

	if (!sip_vector_is_wide()) {
		print_message("no vectors of 64 bytes on this machine\n");
		return 77; /* skipped, in Meson's words */
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
