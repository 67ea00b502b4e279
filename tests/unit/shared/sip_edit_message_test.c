#include "tests/unit/shared/sip_request.h"

#include "shared/sip/edit.h"
#include "shared/sip/entries.h"
#include "tests/edit_apply.h"

static struct sip_message message;
static struct sip_edit edit;

static void assert_becomes(const char *before, const char *after)
{
	static char buffer[4096 + SIP_EDIT_STRIDE];
	size_t len = 0;

	memcpy(buffer, before, strlen(before));
	assert_int_equal(edit_apply(&edit, buffer, strlen(before), 4096, &len),
			 RESULT_OK);
	assert_slice(slice_make(buffer, len), after);
	if (sip_message_parse(buffer, len, &message) != SIP_VERDICT_OK)
		fail_msg("does not parse any more: %s", after);
}

static void all_lines_of_a_header_go(void **state)
{
	static const char before[] =
		REQUEST("P-Asserted-Identity: <sip:x@y>\r\nSubject: s\r\n"
			"p-asserted-identity :\r\n <sip:z@y>,\r\n <tel:1>\r\n");

	(void)state;
	request_parse(before, &message);
	sip_edit_begin(&edit);
	sip_edit_remove_header(&edit, &message, SIP_HEADER_P_ASSERTED_IDENTITY);
	sip_edit_remove_header(&edit, &message, SIP_HEADER_PRIVACY);
	assert_becomes(before, REQUEST("Subject: s\r\n"));
}

static void entries_go_with_their_commas_or_their_lines(void **state)
{
	static const char before[] =
		REQUEST("Route: <a>,<b> ,\r\n <c>\r\nX: y\r\nRoute: <d>\r\nRoute: <e>, <f>\r\n");
	static const struct {
		unsigned first, count;
		const char *after;
	} rows[] = {
		{0, 1,
		 REQUEST("Route: <b> ,\r\n <c>\r\nX: y\r\nRoute: <d>\r\nRoute: <e>, <f>\r\n")},
		{0, 2, REQUEST("Route: <c>\r\nX: y\r\nRoute: <d>\r\nRoute: <e>, <f>\r\n")},
		{0, 3, REQUEST("X: y\r\nRoute: <d>\r\nRoute: <e>, <f>\r\n")},
		{0, 4, REQUEST("X: y\r\nRoute: <e>, <f>\r\n")},
		{0, 5, REQUEST("X: y\r\nRoute: <f>\r\n")},
		{0, 6, REQUEST("X: y\r\n")},
		{0, 99, REQUEST("X: y\r\n")},
		{1, 1, REQUEST("Route: <a>,<c>\r\nX: y\r\nRoute: <d>\r\nRoute: <e>, <f>\r\n")},
		{1, 2, REQUEST("Route: <a>\r\nX: y\r\nRoute: <d>\r\nRoute: <e>, <f>\r\n")},
		{2, 1, REQUEST("Route: <a>,<b>\r\nX: y\r\nRoute: <d>\r\nRoute: <e>, <f>\r\n")},
		{1, 4, REQUEST("Route: <a>\r\nX: y\r\nRoute: <f>\r\n")},
		{3, 1, REQUEST("Route: <a>,<b> ,\r\n <c>\r\nX: y\r\nRoute: <e>, <f>\r\n")},
		{5, 1, REQUEST("Route: <a>,<b> ,\r\n <c>\r\nX: y\r\nRoute: <d>\r\nRoute: <e>\r\n")},
		{6, 1,
		 REQUEST("Route: <a>,<b> ,\r\n <c>\r\nX: y\r\nRoute: <d>\r\nRoute: <e>, <f>\r\n")},
		{0, 0,
		 REQUEST("Route: <a>,<b> ,\r\n <c>\r\nX: y\r\nRoute: <d>\r\nRoute: <e>, <f>\r\n")},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		request_parse(before, &message);
		sip_edit_begin(&edit);
		sip_edit_remove_entries(&edit, &message, SIP_HEADER_ROUTE, rows[i].first,
					rows[i].count);
		assert_becomes(before, rows[i].after);
	}
}

static void the_top_via_of_a_response_goes(void **state)
{
	static const char before[] = "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP a;branch=1,\r\n"
				     " SIP/2.0/UDP b;branch=2\r\n" REQUEST_REST "\r\n";

	(void)state;
	request_parse(before, &message);
	sip_edit_begin(&edit);
	sip_edit_remove_entries(&edit, &message, SIP_HEADER_VIA, 0, 1);
	assert_becomes(before,
		       "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP b;branch=2\r\n" REQUEST_REST "\r\n");
	assert_slice(message.via.branch, "2");
}

static void stamp(const struct sip_address *source)
{
	/* They are lent: they stay until the edit is applied, and have a stride behind them. */
	static struct {
		struct sip_via_patch list[SIP_VIA_PATCHES];
		char behind[SIP_EDIT_STRIDE];
	} patches;
	unsigned count = sip_via_stamp(&message.via, source, slice_make("", 0), patches.list);

	sip_edit_patch_via(&edit, &message, patches.list, count);
}

static void the_top_via_is_stamped_where_it_stands(void **state)
{
	static const char before[] =
		REQUEST_START "Via: SIP/2.0/UDP [2001:1234::10]:5060;rport;branch=1 , "
			      "SIP/2.0/UDP b;branch=2\r\n" REQUEST_REST "\r\n";
	struct sip_address source;

	(void)state;
	assert_int_equal(sip_address_parse_port(SLICE("[2001:1234::10]:5060"), &source), RESULT_OK);
	request_parse(before, &message);
	sip_edit_begin(&edit);
	stamp(&source);
	sip_edit_change(&edit, message.lines[0].start, 0, SLICE("Via: SIP/2.0/UDP g;branch=0\r\n"));
	assert_becomes(before, REQUEST_START
		       "Via: SIP/2.0/UDP g;branch=0\r\n"
		       "Via: SIP/2.0/UDP [2001:1234::10]:5060;rport=5060;branch=1;"
		       "received=2001:1234::10 , SIP/2.0/UDP b;branch=2\r\n" REQUEST_REST "\r\n");
	assert_int_equal(message.via_count, 3);
}

/* A branch has no limit of its own; stamping such a Via must not need room for it. */
static void a_very_long_via_is_stamped_too(void **state)
{
	static char before[12000 + SIP_EDIT_STRIDE];
	struct sip_address source;
	size_t len = 0;

	(void)state;
	strcpy(before, REQUEST_START "Via: SIP/2.0/UDP h;rport;branch=");
	memset(before + strlen(before), 'b', 6000);
	strcat(before, "\r\n" REQUEST_REST "\r\n");
	request_parse(before, &message);
	assert_int_equal(sip_address_parse_port(SLICE("192.0.2.1:9"), &source), RESULT_OK);
	sip_edit_begin(&edit);
	stamp(&source);
	assert_int_equal(edit_apply(&edit, before, strlen(before), 12000, &len),
			 RESULT_OK);
	assert_int_equal(sip_message_parse(before, len, &message), SIP_VERDICT_OK);
	assert_slice(message.via.rport, "9");
	assert_slice(message.via.received, "192.0.2.1");
	assert_int_equal(message.via.branch.len, 6000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_lines_of_a_header_go),
		cmocka_unit_test(entries_go_with_their_commas_or_their_lines),
		cmocka_unit_test(the_top_via_of_a_response_goes),
		cmocka_unit_test(the_top_via_is_stamped_where_it_stands),
		cmocka_unit_test(a_very_long_via_is_stamped_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
