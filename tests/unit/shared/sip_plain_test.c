#include "tests/unit/shared/sip_check.h"

#include "shared/sip/plain.h"
#include "tests/unit/shared/sip_same.h"

/* Text with enough behind it that any of its bytes may start a window. */
static struct slice roomy(const char *text, const char **last)
{
	static char room[1024];
	size_t len = strlen(text);

	memset(room, '\r', sizeof(room));
	memcpy(room, text, len);
	*last = room + len + 4 > room + SIP_PLAIN_WINDOW ? room + len + 4 - SIP_PLAIN_WINDOW : room;
	return slice_make(room, len);
}

static bool is_party(const char *text)
{
	static struct sip_party party;
	const char *last;
	struct slice value = roomy(text, &last);

	return sip_plain_party(value, last, &party);
}

static bool is_via(const char *text)
{
	static struct sip_via via;
	const char *last;
	struct slice value = roomy(text, &last);

	return sip_plain_via(value, last, NULL, &via);
}

static void what_most_write_is_plain(void **state)
{
	(void)state;
	assert_true(is_party("<sip:user-a@abc.com>;tag=a1"));
	assert_true(is_party("<sip:+81312345678@abc.com:5062;user=phone>"));
	assert_true(is_party("<sip:user-a@[2001:db8::1]:5060;transport=udp>;x;tag=a1;y=[z]"));
	assert_true(
		is_party("\"A. B. <C>\" <SIP:user-a@abc.com>;tag=0123456789012345678901234567890"));
	assert_true(is_via("SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport"));
	assert_true(
		is_via("SIP/2.0/UDP pc.abc.com;rport=5060;received=2001:1234::10;branch=x;sk=y"));
}

static void what_can_be_read_in_two_ways_is_not(void **state)
{
	static const char *const parties[] = {
		"<sip:a@b>;tag=1;tag=2",
		"<sip:a@b>;tag",
		"<sip:a@b>;tag=",
		"<sip:a@b>;",
		"<sip:a@b",
		"<sip:@b>",
		"<sip:a@>",
		"<sip:a@b:0>",
		"<sip:a@b:65536>",
		"<sip:a@b:>",
		"<sip:a@b;>",
		"<sip:a@b;c=>",
		"<sip:a@b>x",
		"<sip:a@b> ;tag=1",
		"<sip:a%4@b>",
		"<sip:a:b@c>",
		"<sip:a@[::1]",
		"<sip:a@[::1>]",
		"<sip:a@[::g]>",
		"<sip:a@b?c=d>",
		"\"x <sip:a@b>",
		"sip:a@b;tag=1",
		"<tel:+81>",
		"<sips:a@b>",
		"<sip:a@b>;tag =1",
		"<sip:a@b>;tag=\"1\"",
		"",
		"<",
		"<sip:",
		"<sip:a@b>;tag=a,",
		"<sip:b>",
		"<sip:a b@c>",
	};
	static const char *const vias[] = {
		"SIP/2.0/UDP h;branch=a;branch=b",
		"SIP/2.0/UDP h;branch",
		"SIP/2.0/UDP h;sk=",
		"SIP/2.0/UDP h;rport;rport",
		"SIP/2.0/UDP  h",
		"SIP/2.0/UDP",
		"SIP/2.0/UDP h:0",
		"SIP/2.0/UDP h :5060",
		"SIP/2.0/UDP ;branch=a",
		"SIP/2.0/UDP h, SIP/2.0/UDP i",
		"SIP/2.0/TCP h;branch=a",
		"SIP/2.0/UDP h;",
		"SIP/2.0/UDP [::1;branch=a",
		"SIP/2.0/UDP h;b=\"c\"",
		"SIP/2.0/UDP h ;branch=a",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(parties); i++)
		assert_row(parties[i], !is_party(parties[i]));
	for (size_t i = 0; i < COUNT(vias); i++)
		assert_row(vias[i], !is_via(vias[i]));
}

static void a_call_id_has_no_space_or_control(void **state)
{
	const char *last;
	struct slice id;

	(void)state;
	id = roomy("a84b4c76e66710-a84b4c76e66710-a84b4c76e66710-a84b4c76e66710@\xc3\xa9.abc.com",
		   &last);
	assert_true(sip_plain_call_id(id, last));
	assert_false(sip_plain_call_id(roomy("a b", &last), last));
	assert_false(sip_plain_call_id(roomy("a\x7f", &last), last));
	assert_false(sip_plain_call_id(roomy("a\tb", &last), last));
	assert_false(sip_plain_call_id(roomy("", &last), last));
}

/* Only where all of the host is the known one is its address taken over unread. */
static void a_known_host_is_not_read(void **state)
{
	static const struct sip_address address = {.bytes = {77}, .port = 5060, .family = 4};
	struct sip_known_host known = {SLICE("192.0.2.1"), &address};
	static const struct {
		const char *text;
		bool is_known;
	} rows[] = {
		{"SIP/2.0/UDP 192.0.2.1;branch=a", true},   {"SIP/2.0/UDP 192.0.2.1:5060", true},
		{"SIP/2.0/UDP 192.0.2.11;branch=a", false}, {"SIP/2.0/UDP 192.0.2.1.a", false},
		{"SIP/2.0/UDP 192.0.2.2;branch=a", false},  {"SIP/2.0/UDP 192.0.2.1", false},
	};
	struct sip_via via;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *last;
		struct slice value = roomy(rows[i].text, &last);

		assert_row(rows[i].text, sip_plain_via(value, last, &known, &via));
		assert_row(rows[i].text, (via.address.bytes[0] == 77) == rows[i].is_known);
		assert_int_equal(via.address.port, 0);
	}
	known.text.len = 0;
	assert_true(is_via("SIP/2.0/UDP 192.0.2.1"));
}

/* What says that user@host is the canonical AOR must be right. */
static void a_canonical_uri_is_told(void **state)
{
	static const struct {
		const char *text;
		bool is_canonical;
	} rows[] = {
		{"<sip:a@abc.com>", true},
		{"<sip:A_~!*'()&=+$,;?/.@abc-d.com;user=phone>", true},
		{"<sip:a@Abc.com>", false},
		{"<sip:a@a_c.com>", false},
		{"<sip:a@192.0.2.1>", false},
		{"<sip:a@[2001:db8::1]>", false},
		{"<sip:a@abc.com:5060>", false},
		{"<sip:a#b@abc.com>", false},
		{"<sip:a@abc.com.>", true},
		{"<sip:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@Bbc.com>",
		 false},
		{"<sip:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@abc.abcabcabcabcabC>",
		 false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static struct sip_party party;
		char canonical[256];
		struct writer w = writer_make(canonical, sizeof(canonical));
		const char *last;
		struct slice value = roomy(rows[i].text, &last);

		assert_row(rows[i].text, sip_plain_party(value, last, &party));
		assert_row(rows[i].text, party.uri.is_canonical == rows[i].is_canonical);
		if (!rows[i].is_canonical)
			continue;
		assert_int_equal(sip_uri_canonical_aor(&party.uri, &w), RESULT_OK);
		assert_row(rows[i].text,
			   slice_is_equal(slice_make(canonical, w.len),
					  slice_make(party.uri.user.at,
						     party.uri.user.len + 1 + party.uri.host.len)));
	}
}

static const char *const messages[] = {
	"INVITE sip:user-b@xyz.com;user=phone SIP/2.0\r\n"
	"Via: SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport\r\n"
	"Max-Forwards: 70\r\n"
	"From: \"A\" <sip:+user-a@abc.com:5070>;tag=a1;x\r\n"
	"To: <sip:user-b@xyz.com;a=b>\r\n"
	"Call-ID: c1@abc.com\r\n"
	"CSeq: 1 INVITE\r\n"
	"Content-Length: 4\r\n\r\nbody",
	"SIP/2.0 200 OK\r\n"
	"Via: SIP/2.0/UDP 192.0.2.1;sk=ab_-;branch=z9hG4bKt1;received=::1;rport=5060\r\n"
	"Via: SIP/2.0/UDP h;branch=z9hG4bKu\r\n"
	"To: <sip:user-b@[2001:db8::1]:5060>;tag=b1\r\n"
	"Call-ID: c1\r\n"
	"From: <sip:a@abc.com>;tag=a1\r\n"
	"CSeq: 12 BYE\r\n\r\n",
};

/* Each byte of a message replaced by each that means something, taken out, and doubled. */
static void every_byte_counts_as_it_does_without_vectors(void **state)
{
	static const char odd[] = "\r\n\t \"<>;:@,=[]%?\\/&+#!~_-.aAzZ09\x7f\x80\xff";

	(void)state;
	for (size_t m = 0; m < COUNT(messages); m++) {
		size_t len = strlen(messages[m]);
		char text[1024];

		for (size_t i = 0; i < len; i++) {
			memcpy(text, messages[m], len);
			for (size_t j = 0; j < sizeof(odd); j++) {
				text[i] = odd[j];
				assert_row(text, sip_parse_difference(text, len) == NULL);
			}
			memcpy(text, messages[m], i);
			memcpy(text + i, messages[m] + i + 1, len - i - 1);
			assert_row(text, sip_parse_difference(text, len - 1) == NULL);
			memcpy(text, messages[m], i + 1);
			memcpy(text + i + 1, messages[m] + i, len - i);
			assert_row(text, sip_parse_difference(text, len + 1) == NULL);
		}
	}
}

/* Values of every length up to some windows. */
static void every_length_is_read_the_same(void **state)
{
	(void)state;
	for (int user = 0; user < 70; user++) {
		for (int tag = 0; tag < 70; tag++) {
			char text[1024], fill[80];
			int len;

			memset(fill, 'u', sizeof(fill));
			len = snprintf(
				text, sizeof(text),
				"ACK sip:%.*s@abc.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=%.*s\r\n"
				"From: <sip:%.*s@abc.com>;tag=%.*s\r\n"
				"Call-ID: %.*s@%.*s\r\nCSeq: 1 ACK\r\nTo: <sip:%.*s@d>;tag=%.*s\r\n"
				"\r\n",
				user, fill, tag, fill, user, fill, tag, fill, tag, fill, user, fill,
				user, fill, tag, fill);
			assert_row(text, sip_parse_difference(text, (size_t)len) == NULL);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_most_write_is_plain),
		cmocka_unit_test(what_can_be_read_in_two_ways_is_not),
		cmocka_unit_test(a_call_id_has_no_space_or_control),
		cmocka_unit_test(a_known_host_is_not_read),
		cmocka_unit_test(a_canonical_uri_is_told),
		cmocka_unit_test(every_byte_counts_as_it_does_without_vectors),
		cmocka_unit_test(every_length_is_read_the_same),
	};

	if (!sip_vector_is_there()) {
		print_message("no vectors on this machine\n");
		return 77; /* skipped, in Meson's words */
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
