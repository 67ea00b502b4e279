#include "tests/unit/shared/sip_check.h"

#include "shared/sip/via.h"

static struct sip_via parsed(const char *text)
{
	struct sip_via via;

	if (sip_via_parse(text_slice(text), &via) != RESULT_OK)
		fail_msg("does not parse: %s", text);
	return via;
}

static void all_parts_are_found(void **state)
{
	struct sip_via via = parsed("SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport=7;"
				    "received=2001:1234::10;sk=AbC-_;x");

	(void)state;
	assert_slice(via.protocol, "SIP/2.0");
	assert_slice(via.transport, "UDP");
	assert_slice(via.sent_by, "[2001:1234::10]:5060");
	assert_slice(via.host, "[2001:1234::10]");
	assert_int_equal(via.port, 5060);
	assert_slice(via.branch, "z9hG4bKt1");
	assert_true(via.has_rport);
	assert_slice(via.rport, "7");
	assert_slice(via.rport_text, "rport=7");
	assert_slice(via.received, "2001:1234::10");
	assert_slice(via.sk, "AbC-_");
}

static void space_and_folds_hide_nothing(void **state)
{
	struct sip_via via = parsed("SIP  /   2.0\r\n /UDP\r\n    192.0.2.2 : 0005061 ;\r\n"
				    "  branch  =   390skdjuw ; RPORT");

	(void)state;
	assert_slice(via.transport, "UDP");
	assert_slice(via.host, "192.0.2.2");
	assert_int_equal(via.port, 5061);
	assert_slice(via.branch, "390skdjuw");
	assert_true(via.has_rport);
	assert_int_equal(via.rport.len, 0);
}

static void an_entry_needs_no_port_and_no_branch(void **state)
{
	struct sip_via via = parsed("SIP/2.0/TLS-SCTP abc.com");

	(void)state;
	assert_slice(via.host, "abc.com");
	assert_int_equal(via.port, 0);
	assert_int_equal(via.branch.len, 0);
	assert_false(via.has_rport);
	assert_int_equal(via.sk.len, 0);
}

static void entries_that_cannot_be_trusted_are_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"SIP",
		"SIP/2.0",
		"SIP/2.0/",
		"SIP/2.0/UDP",
		"SIP/2.0/UDP ",
		"SIP/2.0 UDP h",
		"SIP/2.0/UDPh",
		"/2.0/UDP h",
		"SIP//UDP h",
		"SIP/2.0/UDP h:",
		"SIP/2.0/UDP h:0",
		"SIP/2.0/UDP h:65536",
		"SIP/2.0/UDP h:5060x",
		"SIP/2.0/UDP [::1",
		"SIP/2.0/UDP ::1",
		"SIP/2.0/UDP h;",
		"SIP/2.0/UDP h;;branch=1",
		"SIP/2.0/UDP h;branch",
		"SIP/2.0/UDP h;branch=",
		"SIP/2.0/UDP h;branch=1;branch=2",
		"SIP/2.0/UDP h;rport;rport",
		"SIP/2.0/UDP h;rport=1;RPORT=2",
		"SIP/2.0/UDP h;received=1.2.3.4;received=1.2.3.5",
		"SIP/2.0/UDP h;sk=a;sk=b",
		"SIP/2.0/UDP h;x=\"",
		"SIP/2.0/UDP h i",
		"SIP/2.0/UDP h;x=<y>",
		"SIP/2.0/UDP h,SIP",
		"SIP/2.0/U DP h",
		"SIP/2.0/UDP <h>",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sip_via via;

		assert_row(rows[i], sip_via_parse(text_slice(rows[i]), &via) == RESULT_BAD);
	}
}

static void assert_stamped_with(const char *text, const char *address, struct slice host,
				const char *want)
{
	struct sip_via_patch patches[SIP_VIA_PATCHES];
	struct sip_via via = parsed(text);
	struct sip_address source;
	char buffer[256];
	struct writer w = writer_make(buffer, sizeof(buffer));
	const char *at = via.text.at;
	unsigned count;

	assert_int_equal(sip_address_parse_port(text_slice(address), &source), RESULT_OK);
	count = sip_via_stamp(&via, &source, host, patches);
	for (unsigned i = 0; i < count; i++) {
		const char *place = via.text.at + patches[i].offset;

		assert_true(place >= at);
		writer_bytes(&w, at, (size_t)(place - at));
		writer_bytes(&w, patches[i].text, patches[i].len);
		at = place + patches[i].remove;
	}
	writer_bytes(&w, at, (size_t)(via.text.at + via.text.len - at));
	assert_slice(slice_make(w.at, w.len), want);
}

/* Whether the text of the address is at hand or not. */
static void assert_stamped(const char *text, const char *address, const char *want)
{
	struct sip_address source;
	char host[SIP_ADDRESS_CHARS];
	struct writer w = writer_make(host, sizeof(host));

	assert_int_equal(sip_address_parse_port(text_slice(address), &source), RESULT_OK);
	sip_address_write_bare(&source, &w);
	assert_stamped_with(text, address, slice_make("", 0), want);
	assert_stamped_with(text, address, slice_make(host, w.len), want);
}

static void an_asked_for_rport_brings_received_along(void **state)
{
	(void)state;
	assert_stamped("SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport",
		       "[2001:1234::10]:5060",
		       "SIP/2.0/UDP [2001:1234::10]:5060;branch=z9hG4bKt1;rport=5060;"
		       "received=2001:1234::10");
	assert_stamped("SIP/2.0/UDP h;rport;branch=b", "1.2.3.4:9",
		       "SIP/2.0/UDP h;rport=9;branch=b;received=1.2.3.4");
}

static void a_source_equal_to_sent_by_changes_nothing(void **state)
{
	(void)state;
	assert_stamped("SIP/2.0/UDP [2001:ABCD:0::5060]:5060;branch=b", "[2001:abcd::5060]:5060",
		       "SIP/2.0/UDP [2001:ABCD:0::5060]:5060;branch=b");
}

static void another_source_is_written_as_received(void **state)
{
	(void)state;
	assert_stamped("SIP/2.0/UDP 1.2.3.4:5060;branch=b", "1.2.3.5:5060",
		       "SIP/2.0/UDP 1.2.3.4:5060;branch=b;received=1.2.3.5");
	assert_stamped("SIP/2.0/UDP abc.com", "1.2.3.5:5060",
		       "SIP/2.0/UDP abc.com;received=1.2.3.5");
}

static void what_the_sender_claimed_is_replaced(void **state)
{
	(void)state;
	assert_stamped("SIP/2.0/UDP h;received=9.9.9.9;rport = 7 ;x", "[::1]:5060",
		       "SIP/2.0/UDP h;received=::1;rport=5060 ;x");
	assert_stamped("SIP/2.0/UDP 1.2.3.4;received=9.9.9.9", "1.2.3.4:5060",
		       "SIP/2.0/UDP 1.2.3.4;received=1.2.3.4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_parts_are_found),
		cmocka_unit_test(space_and_folds_hide_nothing),
		cmocka_unit_test(an_entry_needs_no_port_and_no_branch),
		cmocka_unit_test(entries_that_cannot_be_trusted_are_refused),
		cmocka_unit_test(an_asked_for_rport_brings_received_along),
		cmocka_unit_test(a_source_equal_to_sent_by_changes_nothing),
		cmocka_unit_test(another_source_is_written_as_received),
		cmocka_unit_test(what_the_sender_claimed_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
