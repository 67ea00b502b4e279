/*
 * Every message of the corpus through our parser and through libosip2: they agree, but for the
 * disagreements listed here with their reasons. Argument: the corpus folder.
 */
#include <dirent.h>

#include "tests/unit/shared/sip_corpus.h"
#include "tests/unit/shared/sip_oracle.h"

static const char *corpus;
static struct sip_message message;

static const struct {
	const char *name;
	unsigned points;
	const char *reason;
} disagreements[] = {
	/* What we refuse and libosip2 lets pass: rules of ours, or what it leaves to its caller. */
	{"hostile-ack-that-breaks-the-rules", SIP_ORACLE_VERDICT,
	 "it does not compare CSeq's method with the request's"},
	{"torture-3-1-2-17-cseq-of-another-method", SIP_ORACLE_VERDICT, "likewise"},
	{"torture-3-1-2-18-unknown-method-and-cseq", SIP_ORACLE_VERDICT, "likewise"},
	{"hostile-branch-twice", SIP_ORACLE_VERDICT, "it takes the first of two parameters"},
	{"hostile-tag-twice", SIP_ORACLE_VERDICT, "likewise"},
	{"hostile-content-length-wraps-at-2-32", SIP_ORACLE_VERDICT,
	 "it keeps a Content-Length as text and trusts the datagram's length"},
	{"torture-3-1-2-2-content-length-beyond", SIP_ORACLE_VERDICT, "likewise"},
	{"torture-3-1-2-3-negative-content-length", SIP_ORACLE_VERDICT, "likewise"},
	{"torture-3-1-2-4-numbers-too-large", SIP_ORACLE_VERDICT, "it keeps all numbers as text"},
	{"torture-3-1-2-5-response-numbers-too-large", SIP_ORACLE_VERDICT, "likewise"},
	{"torture-3-1-2-19-status-of-ten-digits", SIP_ORACLE_VERDICT,
	 "it reads a status with atoi, whatever comes out"},
	{"hostile-escape-cut-at-the-end-of-the-uri", SIP_ORACLE_VERDICT,
	 "it leaves a broken escape as it is"},
	{"torture-3-1-2-11-headers-in-request-uri", SIP_ORACLE_VERDICT,
	 "it allows headers in a Request-URI"},
	{"torture-3-1-2-16-another-version", SIP_ORACLE_VERDICT,
	 "it leaves the version to its caller"},
	{"torture-3-3-1-headers-missing", SIP_ORACLE_VERDICT,
	 "it leaves missing headers to its caller"},
	{"hostile-header-lines-257", SIP_ORACLE_VERDICT, "it has no such limit"},
	{"hostile-via-of-65-entries", SIP_ORACLE_VERDICT, "it has no such limit"},
	{"hostile-name-folded-before-colon", SIP_ORACLE_VERDICT,
	 "it unfolds lines first and does not look what was folded"},
	{"hostile-no-empty-line", SIP_ORACLE_VERDICT, "it can do without the empty line"},
	{"hostile-via-with-open-quote", SIP_ORACLE_VERDICT,
	 "it ends the entry at the comma inside the quotes that never close"},

	/* What we let pass and libosip2 refuses. */
	{"torture-3-1-1-2-wide-range-of-characters-in-32", SIP_ORACLE_VERDICT,
	 "it stops at the NUL, which a quoted pair may hold (RFC 4475 3.1.1.2)"},
	{"torture-3-3-3-scheme-of-another-protocol", SIP_ORACLE_VERDICT,
	 "it takes few Request-URIs that are not sip; this one is to be answered with 416"},

	/* What both let pass and read differently. */
	{"torture-3-1-1-4-escaped-nulls", SIP_ORACLE_FROM | SIP_ORACLE_TO,
	 "it undoes %00 and then has a string that ends there"},
	{"hostile-route-security-of-17-entries", SIP_ORACLE_SERIES,
	 "it does not know that Route-Security is a list"},
	{"hostile-route-security-of-odd-grammar", SIP_ORACLE_SERIES, "likewise"},
	{"hostile-routes-of-one-letter", SIP_ORACLE_ROUTES | SIP_ORACLE_RECORDS,
	 "it leaves out a route of less than eight characters"},
};

static unsigned expected(const char *name)
{
	for (size_t i = 0; i < COUNT(disagreements); i++) {
		size_t len = strlen(disagreements[i].name);

		if (strncmp(disagreements[i].name, name, len) == 0 &&
		    strcmp(name + len, ".sip") == 0)
			return disagreements[i].points;
	}
	return 0;
}

static void print_points(const char *name, const char *title, unsigned points)
{
	for (unsigned i = 0; i < SIP_ORACLE_COUNT; i++)
		if ((points >> i & 1) != 0)
			print_error("%s: %s: %s\n", name, title, sip_oracle_point(i));
}

static void both_parsers_agree_but_for_the_list(void **state)
{
	DIR *dir = opendir(corpus);
	unsigned wrong = 0, seen = 0, compared = 0;
	struct dirent *entry;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		unsigned differ, want = expected(entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		differ = sip_oracle_compare(corpus_read(corpus, entry->d_name), &message);
		print_points(entry->d_name, "differ", differ & ~want);
		print_points(entry->d_name, "listed, but agree", want & ~differ);
		wrong += differ != want;
		seen += want != 0;
		compared++;
	}
	(void)closedir(dir);
	assert_int_equal(wrong, 0);
	assert_int_equal(seen, COUNT(disagreements));
	assert_true(compared > 100);
}

/* The comparison is worth something: a changed field is seen. */
static void a_difference_would_be_found(void **state)
{
	static const char one[] = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=b\r\n"
				  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\n"
				  "CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
	static const char two[] = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=b\r\n"
				  "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\n"
				  "CSeq: 1 INVITE\r\nRoute-Security: [::1], [::2]\r\n"
				  "Content-Length: 0\r\n\r\n";

	(void)state;
	assert_int_equal(sip_oracle_compare(SLICE(one), &message), 0);
	assert_int_equal(sip_oracle_compare(slice_make(one, 80), &message), 0);
	assert_int_not_equal(message.fault, SIP_FAULT_NONE);
	assert_int_equal(sip_oracle_compare(SLICE(two), &message), SIP_ORACLE_SERIES);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_parsers_agree_but_for_the_list),
		cmocka_unit_test(a_difference_would_be_found),
	};

	if (argc != 2)
		return 2;
	corpus = argv[1];
	sip_oracle_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
