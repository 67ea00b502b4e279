/*
 * The torture messages of RFC 4475, one for each of its sections in our own words, and hostile
 * ones of our own: what shared/sip/message.h makes of each. Argument: the corpus folder.
 */
#include <dirent.h>

#include "tests/unit/shared/sip_corpus.h"

#include "shared/sip/entries.h"
#include "shared/sip/route_security.h"

static const char *corpus;
static struct sip_message message;

static enum sip_verdict parse(const char *name)
{
	char file[300];
	struct slice bytes;

	(void)snprintf(file, sizeof(file), "%.255s.sip", name);
	bytes = corpus_read(corpus, file);
	return sip_message_parse(bytes.at, bytes.len, &message);
}

#define OK(name)                                                                                   \
	{                                                                                          \
		name, SIP_VERDICT_OK, SIP_FAULT_NONE                                               \
	}
#define REFUSE(name, fault)                                                                        \
	{                                                                                          \
		name, SIP_VERDICT_REFUSE, SIP_FAULT_##fault                                        \
	}
#define DROP(name, fault)                                                                          \
	{                                                                                          \
		name, SIP_VERDICT_DROP, SIP_FAULT_##fault                                          \
	}

static const struct {
	const char *name;
	enum sip_verdict verdict;
	enum sip_fault fault;
} verdicts[] = {
	OK("torture-3-1-1-1-short-tortuous"),
	/* Legal, but 43 bytes of method are more than this product takes. */
	REFUSE("torture-3-1-1-2-wide-range-of-characters", METHOD_LENGTH),
	OK("torture-3-1-1-2-wide-range-of-characters-in-32"),
	OK("torture-3-1-1-3-percent-in-user"),
	OK("torture-3-1-1-4-escaped-nulls"),
	OK("torture-3-1-1-5-percent-that-is-no-escape"),
	OK("torture-3-1-1-6-no-space-before-angle"),
	OK("torture-3-1-1-7-long-values"),
	OK("torture-3-1-1-8-two-requests-in-one-datagram"),
	OK("torture-3-1-1-9-semicolon-in-user"),
	OK("torture-3-1-1-10-varied-transports"),
	OK("torture-3-1-1-11-binary-multipart"),
	OK("torture-3-1-1-12-unusual-reason"),
	OK("torture-3-1-1-13-empty-reason"),
	/* RFC 4475 would answer 400; here the Via itself is what cannot be trusted. */
	DROP("torture-3-1-2-1-separators-that-part-nothing", VIA),
	REFUSE("torture-3-1-2-2-content-length-beyond", BODY_SHORT),
	REFUSE("torture-3-1-2-3-negative-content-length", CONTENT_LENGTH),
	REFUSE("torture-3-1-2-4-numbers-too-large", CSEQ),
	DROP("torture-3-1-2-5-response-numbers-too-large", CSEQ),
	REFUSE("torture-3-1-2-6-open-quote", TO),
	REFUSE("torture-3-1-2-7-angles-around-request-uri", REQUEST_URI),
	REFUSE("torture-3-1-2-8-space-in-request-uri", REQUEST_URI),
	REFUSE("torture-3-1-2-9-spaces-in-start-line", REQUEST_URI),
	REFUSE("torture-3-1-2-10-space-after-version", START_LINE),
	REFUSE("torture-3-1-2-11-headers-in-request-uri", REQUEST_URI),
	OK("torture-3-1-2-12-date-in-another-zone"),	  /* Date is nothing to a gateway */
	OK("torture-3-1-2-13-bare-contact-with-headers"), /* the registrar's to refuse: below */
	REFUSE("torture-3-1-2-14-space-within-angles", TO),
	REFUSE("torture-3-1-2-15-display-name-needs-quotes", FROM),
	REFUSE("torture-3-1-2-16-another-version", VERSION),
	REFUSE("torture-3-1-2-17-cseq-of-another-method", CSEQ_METHOD),
	REFUSE("torture-3-1-2-18-unknown-method-and-cseq", CSEQ_METHOD),
	DROP("torture-3-1-2-19-status-of-ten-digits", STATUS),
	OK("torture-3-2-1-branch-is-only-the-cookie"),
	REFUSE("torture-3-3-1-headers-missing", MISSING),
	OK("torture-3-3-2-unknown-scheme"),
	OK("torture-3-3-3-scheme-of-another-protocol"),
	OK("torture-3-3-4-unknown-schemes-in-headers"),
	OK("torture-3-3-5-proxy-require-and-require"),
	OK("torture-3-3-6-unknown-content-type"),
	OK("torture-3-3-7-unknown-authorization"),
	REFUSE("torture-3-3-8-repeated-singletons", REPEATED),
	REFUSE("torture-3-3-9-two-content-lengths", REPEATED),
	OK("torture-3-3-10-response-with-broadcast-via"),
	OK("torture-3-3-11-max-forwards-zero"),
	OK("torture-3-3-12-contact-parameter-unknown"),
	OK("torture-3-3-13-uri-parameter-in-contact"),
	OK("torture-3-3-14-escaped-headers-in-contact"),
	OK("torture-3-3-15-accept-another-type"),
	OK("torture-3-4-1-invite-of-rfc-2543"),
	OK("hostile-space-before-colon"),
	REFUSE("hostile-from-twice-once-compact", REPEATED),
	REFUSE("hostile-from-hidden-behind-a-bare-line-feed", BARE_LINE_END),
	REFUSE("hostile-from-hidden-behind-a-bare-carriage-return", BARE_LINE_END),
	REFUSE("hostile-content-length-wraps-at-2-32", BODY_SHORT),
	DROP("hostile-via-with-open-quote", VIA),
	DROP("hostile-branch-twice", VIA),
	REFUSE("hostile-tag-twice", FROM),
	REFUSE("hostile-escape-cut-at-the-end-of-the-uri", REQUEST_URI),
	OK("hostile-route-security-of-odd-grammar"),
	OK("hostile-routes-of-one-letter"),
	OK("hostile-route-security-of-17-entries"),
	OK("hostile-via-of-64-entries"),
	REFUSE("hostile-via-of-65-entries", TOO_MANY_VIAS),
	REFUSE("hostile-header-lines-257", TOO_MANY_LINES),
	REFUSE("hostile-no-empty-line", NO_EMPTY_LINE),
	DROP("hostile-only-line-ends", EMPTY),
	OK("hostile-leading-line-ends"),
	DROP("hostile-ack-that-breaks-the-rules", CSEQ_METHOD),
	REFUSE("hostile-name-folded-before-colon", HEADER_LINE),
	OK("hostile-comma-hidden-in-quotes"),
	DROP("hostile-stun-binding-request", VIA),
	OK("hostile-tel-with-separators"),
	OK("hostile-emergency-urn"),
	OK("hostile-anonymous-with-identities"),
	OK("hostile-version-in-lower-case"),
};

static void each_message_gets_its_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		assert_row(verdicts[i].name, parse(verdicts[i].name) == verdicts[i].verdict);
		assert_row(verdicts[i].name, message.fault == verdicts[i].fault);
	}
}

/* No message of these kinds in the corpus is without a row; all others are plainly good. */
static void the_table_is_whole_and_the_rest_is_good(void **state)
{
	DIR *dir = opendir(corpus);
	struct dirent *entry;
	size_t listed = 0, good = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char name[256];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof(name), "%s", entry->d_name);
		assert_non_null(strstr(name, ".sip"));
		*strstr(name, ".sip") = '\0';
		if (strncmp(name, "torture-", 8) == 0 || strncmp(name, "hostile-", 8) == 0) {
			size_t i = 0;

			while (i < COUNT(verdicts) && strcmp(verdicts[i].name, name) != 0)
				i++;
			assert_row(name, i < COUNT(verdicts));
			listed++;
		} else {
			assert_row(name, parse(name) == SIP_VERDICT_OK);
			good++;
		}
	}
	(void)closedir(dir);
	assert_int_equal(listed, COUNT(verdicts));
	assert_true(good > 50);
}

static void the_tortuous_invite_is_read_right(void **state)
{
	(void)state;
	assert_int_equal(parse("torture-3-1-1-1-short-tortuous"), SIP_VERDICT_OK);
	assert_slice(message.to.tag, "2041918n");
	assert_slice(message.from.tag, "43asjd9");
	assert_slice(message.from.display, "\"J Rosen \\\\\\\"\"");
	assert_int_equal(message.max_forwards, 68);
	assert_int_equal(message.cseq.number, 9);
	assert_slice(message.via.branch, "390skdjuw");
	assert_int_equal(message.via_count, 3);
	assert_int_equal(sip_entries_count(&message, SIP_HEADER_ROUTE), 1);
	assert_int_equal(sip_entries_count(&message, SIP_HEADER_CONTACT), 1);
	assert_true(sip_message_has(&message, SIP_HEADER_SUBJECT));
}

static void escapes_make_no_other_user_and_no_other_method(void **state)
{
	char buffer[256];
	struct writer w = writer_make(buffer, sizeof(buffer));

	(void)state;
	assert_int_equal(parse("torture-3-1-1-3-percent-in-user"), SIP_VERDICT_OK);
	assert_int_equal(sip_uri_canonical_aor(&message.uri, &w), RESULT_OK);
	assert_slice(slice_make(w.at, w.len), "sips%3Auser%40example.com@example.net");
	w = writer_make(buffer, sizeof(buffer));
	assert_int_equal(sip_uri_canonical_aor(&message.to.uri, &w), RESULT_OK);
	assert_slice(slice_make(w.at, w.len), "user@example.com");
	assert_int_equal(parse("torture-3-1-1-5-percent-that-is-no-escape"), SIP_VERDICT_OK);
	assert_int_equal(message.method, SIP_METHOD_OTHER);
	assert_slice(message.method_name, "RE%47IST%45R");
}

static void escaped_nulls_are_two_contacts(void **state)
{
	struct sip_entries entries;
	struct sip_name_addr addr[2];
	struct sip_uri uri[2];
	struct sip_entry entry;

	(void)state;
	assert_int_equal(parse("torture-3-1-1-4-escaped-nulls"), SIP_VERDICT_OK);
	entries = sip_entries_begin(&message, SIP_HEADER_CONTACT);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(sip_entries_next(&entries, &entry));
		assert_int_equal(sip_name_addr_parse(entry.text, &addr[i]), RESULT_OK);
		assert_int_equal(sip_uri_parse(addr[i].uri, &uri[i]), RESULT_OK);
	}
	assert_false(sip_uri_is_equal(&uri[0], &uri[1]));
}

static void a_second_request_in_the_datagram_is_cut_off(void **state)
{
	(void)state;
	assert_int_equal(parse("torture-3-1-1-8-two-requests-in-one-datagram"), SIP_VERDICT_OK);
	assert_int_equal(message.method, SIP_METHOD_REGISTER);
	assert_int_equal(message.len, message.body);
}

static void contacts_with_headers_need_brackets(void **state)
{
	struct sip_name_addr addr;

	(void)state;
	assert_int_equal(parse("torture-3-1-2-13-bare-contact-with-headers"), SIP_VERDICT_OK);
	assert_int_equal(
		sip_name_addr_parse(sip_message_value(&message, SIP_HEADER_CONTACT), &addr),
		RESULT_BAD);
	assert_int_equal(parse("torture-3-3-14-escaped-headers-in-contact"), SIP_VERDICT_OK);
	assert_int_equal(
		sip_name_addr_parse(sip_message_value(&message, SIP_HEADER_CONTACT), &addr),
		RESULT_OK);
}

static void a_proxy_refuses_what_only_it_refuses(void **state)
{
	static const struct {
		const char *name;
		enum sip_fault fault;
	} rows[] = {
		{"torture-3-3-2-unknown-scheme", SIP_FAULT_URI_SCHEME},
		{"torture-3-3-3-scheme-of-another-protocol", SIP_FAULT_URI_SCHEME},
		{"torture-3-3-4-unknown-schemes-in-headers", SIP_FAULT_NONE},
		{"torture-3-3-5-proxy-require-and-require", SIP_FAULT_PROXY_REQUIRE},
		{"hostile-emergency-urn", SIP_FAULT_NONE},
		{"hostile-tel-with-separators", SIP_FAULT_NONE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(parse(rows[i].name), SIP_VERDICT_OK);
		assert_row(rows[i].name, sip_message_proxy_fault(&message) == rows[i].fault);
	}
}

static void nothing_hides_a_header(void **state)
{
	struct sip_route_security series;

	(void)state;
	assert_int_equal(parse("hostile-space-before-colon"), SIP_VERDICT_OK);
	assert_true(sip_message_has(&message, SIP_HEADER_P_ASSERTED_IDENTITY));
	assert_true(sip_message_has(&message, SIP_HEADER_ROUTE_SECURITY));
	assert_int_equal(parse("hostile-comma-hidden-in-quotes"), SIP_VERDICT_OK);
	assert_int_equal(sip_entries_count(&message, SIP_HEADER_ROUTE), 2);
	assert_int_equal(parse("hostile-route-security-of-odd-grammar"), SIP_VERDICT_OK);
	sip_route_security_read(&message, &series);
	assert_int_equal(series.count, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(series.entries[i].is_wellformed, i == 4);
	assert_int_equal(parse("hostile-route-security-of-17-entries"), SIP_VERDICT_OK);
	sip_route_security_read(&message, &series);
	assert_int_equal(series.count, 17);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_gets_its_verdict),
		cmocka_unit_test(the_table_is_whole_and_the_rest_is_good),
		cmocka_unit_test(the_tortuous_invite_is_read_right),
		cmocka_unit_test(escapes_make_no_other_user_and_no_other_method),
		cmocka_unit_test(escaped_nulls_are_two_contacts),
		cmocka_unit_test(a_second_request_in_the_datagram_is_cut_off),
		cmocka_unit_test(contacts_with_headers_need_brackets),
		cmocka_unit_test(a_proxy_refuses_what_only_it_refuses),
		cmocka_unit_test(nothing_hides_a_header),
	};

	if (argc != 2)
		return 2;
	corpus = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
