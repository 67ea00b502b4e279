#include "tests/unit/terminal/cmocka_setup.h"

#include <stdio.h>

#include "terminal/channel/proposal.h"

#define SHARE	   "share=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define NONCE	   "nonce=AAECAwQFBgcICQoLDA0ODw"
#define COMMITMENT "commitment=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define REST	   "spi=a1b2c3d4;address=2001:1234::10"
#define OFFER	   "1;suites=aes-128-gcm-16,aes-256-gcm-16;" SHARE ";" NONCE ";" COMMITMENT ";" REST

static struct slice slice_of(const char *text)
{
	return slice_make(text, strlen(text));
}

static void a_proposal_is_written_as_it_was_read(void **state)
{
	char text[PROPOSAL_VALUE_CHARS];
	struct writer w = writer_make(text, sizeof(text));
	struct proposal proposal;

	(void)state;
	assert_int_equal(proposal_parse(SLICE(OFFER), &proposal), RESULT_OK);
	assert_int_equal(proposal.spi, 0xa1b2c3d4);
	assert_int_equal(proposal.share[31], 31);
	assert_int_equal(proposal.nonce[15], 15);
	assert_true(proposal.has_commitment);
	assert_int_equal(proposal.suites.count, 2);
	proposal_write(&proposal, &w);
	assert_true(slice_is_equal(slice_make(w.at, w.len), SLICE(OFFER)));
}

static void places_in_udp_are_read_and_written_with_or_without_esp(void **state)
{
	static const char *const cases[] = {
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;udp=[2001:1234::10]:4500",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;address=192.0.2.1"
		";udp=192.0.2.1:4500,203.0.113.7:1024",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[PROPOSAL_VALUE_CHARS];
		struct writer w = writer_make(text, sizeof(text));
		struct proposal proposal;

		assert_int_equal(proposal_parse(slice_of(cases[i]), &proposal), RESULT_OK);
		assert_int_equal(proposal.places.count, 1 + 2 * i);
		proposal_write(&proposal, &w);
		assert_true(slice_is_equal(slice_make(w.at, w.len), slice_of(cases[i])));
	}
}

static void unknown_fields_and_suites_are_passed_over(void **state)
{
	struct proposal proposal;

	(void)state;
	assert_int_equal(proposal_parse(SLICE("1;suites=later,aes-256-gcm-16;" SHARE ";" NONCE
					      ";color=red;spi=00000100;address=192.0.2.1"),
					&proposal),
			 RESULT_OK);
	assert_int_equal(proposal.suites.count, 1);
	assert_int_equal(proposal.suites.suite[0], SUITE_AES_256_GCM_16);
	assert_false(proposal.has_commitment);
	assert_int_equal(proposal.places.place[0].family, 4);
	assert_int_equal(
		proposal_parse(SLICE("1;suites=later;" SHARE ";" NONCE ";" REST), &proposal),
		RESULT_OK);
	assert_int_equal(proposal.suites.count, 0);
}

static void what_is_missing_or_wrong_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"1",
		"2;suites=aes-128-gcm-16;" SHARE ";" NONCE ";" REST,
		"1;" SHARE ";" NONCE ";" REST,
		"1;suites=aes-128-gcm-16;" NONCE ";" REST,
		"1;suites=aes-128-gcm-16;" SHARE ";" REST,
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";address=192.0.2.1",
		"1;suites=;" SHARE ";" NONCE ";" REST,
		"1;suites=aes-128-gcm-16,aes-128-gcm-16;" SHARE ";" NONCE ";" REST,
		"1;suites=aes-128-gcm-16;" SHARE ";" SHARE ";" NONCE ";" REST,
		"1;suites=aes-128-gcm-16;share=AAEC;" NONCE ";" REST,
		"1;suites=aes-128-gcm-16;" SHARE "A;" NONCE ";" REST,
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";commitment=AA;" REST,
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=000000ff;address=192.0.2.1",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=A1B2C3D4;address=192.0.2.1",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d;address=192.0.2.1",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;address=there",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;address=ff02::1",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;address=::",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;address=224.0.0.1",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;address=0.0.0.0",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;address=255.255.255.255",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;address=127.0.0.1",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;udp=",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;udp=192.0.2.1",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";spi=a1b2c3d4;udp=192.0.2.1:53",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";" REST ";udp=[::1]:4500",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";" REST
		";udp=192.0.2.1:4500;udp=192.0.2.1:4501",
		"1;suites=aes-128-gcm-16;" SHARE ";" NONCE ";" REST
		";udp=192.0.2.1:4500,192.0.2.1:4501,192.0.2.1:4502,192.0.2.1:4503,192.0.2.1:4504",
	};
	struct proposal proposal;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (proposal_parse(slice_of(cases[i]), &proposal) != RESULT_BAD)
			fail_msg("taken: %s", cases[i]);
}

static void every_shortened_proposal_is_refused(void **state)
{
	struct proposal proposal;

	(void)state;
	for (size_t len = 0; len < sizeof(OFFER) - 1; len++) {
		/* What ends in a shorter address may be one. */
		if (strncmp(OFFER + len, "10", 2) == 0 || strncmp(OFFER + len, ":10", 3) == 0 ||
		    strcmp(OFFER + len, "0") == 0)
			continue;
		if (proposal_parse(slice_make(OFFER, len), &proposal) != RESULT_BAD)
			fail_msg("taken: %.*s", (int)len, OFFER);
	}
}

static void a_value_too_long_is_refused(void **state)
{
	char text[PROPOSAL_VALUE_CHARS + 2];
	struct proposal proposal;
	int len = snprintf(text, sizeof(text), "%s;x=", OFFER);

	(void)state;
	memset(text + len, 'x', sizeof(text) - (size_t)len);
	assert_int_equal(proposal_parse(slice_make(text, PROPOSAL_VALUE_CHARS), &proposal),
			 RESULT_OK);
	assert_int_equal(proposal_parse(slice_make(text, PROPOSAL_VALUE_CHARS + 1), &proposal),
			 RESULT_BAD);
}

static void the_attribute_is_found_in_the_session_only(void **state)
{
	struct slice value;

	(void)state;
	assert_int_equal(
		proposal_find(SLICE("v=0\r\nt=0 0\r\na=sekisho-channel:1;x\r\nm=audio 9\r\n"),
			      &value),
		RESULT_OK);
	assert_true(slice_is_equal(value, SLICE("1;x")));
	assert_int_equal(
		proposal_find(SLICE("v=0\r\nm=audio 9\r\na=sekisho-channel:1;x\r\n"), &value),
		RESULT_NOT_FOUND);
	assert_int_equal(proposal_find(SLICE("v=0\r\na=sekisho-channels:1\r\n"), &value),
			 RESULT_NOT_FOUND);
	assert_int_equal(proposal_find(SLICE(""), &value), RESULT_NOT_FOUND);
	assert_int_equal(proposal_find(SLICE("a=sekisho-channel:1\na=sekisho-channel:1\n"), &value),
			 RESULT_BAD);
}

static void the_line_is_an_attribute(void **state)
{
	char text[64];
	struct writer w = writer_make(text, sizeof(text));

	(void)state;
	proposal_write_line(SLICE("1;x"), &w);
	assert_true(slice_is_equal(slice_make(w.at, w.len), SLICE("a=sekisho-channel:1;x\r\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proposal_is_written_as_it_was_read),
		cmocka_unit_test(places_in_udp_are_read_and_written_with_or_without_esp),
		cmocka_unit_test(unknown_fields_and_suites_are_passed_over),
		cmocka_unit_test(what_is_missing_or_wrong_is_refused),
		cmocka_unit_test(every_shortened_proposal_is_refused),
		cmocka_unit_test(a_value_too_long_is_refused),
		cmocka_unit_test(the_attribute_is_found_in_the_session_only),
		cmocka_unit_test(the_line_is_an_attribute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
