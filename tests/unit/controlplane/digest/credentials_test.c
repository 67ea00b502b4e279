#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controlplane/digest/credentials.h"

#define WHOLE                                                                                      \
	"Digest username=\"user-a@abc.com\", realm=\"abc.com\", nonce=\"n\", "                     \
	"uri=\"sip:user-b@xyz.com\", response=\"r\", algorithm=SHA-256, cnonce=\"c\", "            \
	"qop=auth, nc=00000001"

/* In a buffer of just its length, so that a sanitizer sees a look beyond it. */
static enum result parse(const char *text, struct digest_credentials *out)
{
	size_t length = strlen(text);
	char *copy = malloc(length + (length == 0));
	enum result result;

	memcpy(copy, text, length);
	result = digest_credentials_parse(slice_make(copy, length), out);
	free(copy);
	return result;
}

static void everything_that_is_compared_is_found(void **state)
{
	static const char text[] = WHOLE ", opaque=\"o\\\"\", other=x";
	struct digest_credentials said;

	(void)state;
	assert_int_equal(digest_credentials_parse(SLICE(text), &said), RESULT_OK);
	assert_true(slice_is_equal(said.username, SLICE("user-a@abc.com")));
	assert_true(slice_is_equal(said.realm, SLICE("abc.com")));
	assert_true(slice_is_equal(said.nonce, SLICE("n")));
	assert_true(slice_is_equal(said.uri, SLICE("sip:user-b@xyz.com")));
	assert_true(slice_is_equal(said.response, SLICE("r")));
	assert_true(slice_is_equal(said.cnonce, SLICE("c")));
	assert_true(slice_is_equal(said.nc, SLICE("00000001")));
}

static void case_and_space_play_no_part(void **state)
{
	struct digest_credentials said;

	(void)state;
	assert_int_equal(
		parse("DIGEST\tUserName = \"u\" ,REALM=\"r\",nonce=\"n\",uri=\"sip:x\",\r\n "
		      "response=\"0\",cnonce=\"c\",qop=\"AUTH\",nc=00000001,algorithm=sha-256",
		      &said),
		RESULT_OK);
}

static void other_schemes_and_algorithms_are_not_ours(void **state)
{
	static const char *const texts[] = {
		"",
		"Digest",
		"Basic dXNlcjpwYXNz",
		"Digestx username=\"u\"",
		"Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"r\", "
		"algorithm=MD5, cnonce=\"c\", qop=auth, nc=00000001",
		"Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"r\", "
		"cnonce=\"c\", qop=auth, nc=00000001" /* MD5 is meant */,
		"Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"r\", "
		"algorithm=SHA-256-sess, cnonce=\"c\", qop=auth, nc=00000001"};
	struct digest_credentials said;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(parse(texts[i], &said), RESULT_NOT_FOUND);
}

static void what_is_malformed_is_refused(void **state)
{
	static const char *const texts[] = {
		"Digest username",
		"Digest username=",
		"Digest username=\"u",
		"Digest =\"u\"",
		"Digest username=\"u\" realm=\"r\"",
		"Digest username=\"u\",",
		"Digest username=\"u\",,realm=\"r\"",
		WHOLE ", username=\"other\"",
		WHOLE ", nc=00000002",
		WHOLE "; x=y",
		"Digest username=\"a\\\"b\", realm=\"abc.com\", nonce=\"n\", uri=\"sip:x\", "
		"response=\"r\", algorithm=SHA-256, cnonce=\"c\", qop=auth, nc=00000001",
		"Digest username=\"u\", realm=\"\", nonce=\"n\", uri=\"sip:x\", response=\"r\", "
		"algorithm=SHA-256, cnonce=\"c\", qop=auth, nc=00000001",
		"Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:x\", response=\"r\", "
		"algorithm=SHA-256, cnonce=\"c\", qop=auth-int, nc=00000001",
		"Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:x\", response=\"r\", "
		"algorithm=SHA-256, cnonce=\"c\", nc=00000001",
		"Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"sip:x\", response=\"r\", "
		"algorithm=SHA-256, cnonce=\"c\", qop=auth, nc=1"};
	struct digest_credentials said;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(parse(texts[i], &said), RESULT_BAD);
}

static void every_beginning_is_judged_without_looking_beyond(void **state)
{
	struct digest_credentials said;
	char text[] = WHOLE;

	(void)state;
	for (size_t length = strlen(text) - 1; length > 0; length--) {
		text[length] = '\0';
		assert_int_not_equal(parse(text, &said), RESULT_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_is_compared_is_found),
		cmocka_unit_test(case_and_space_play_no_part),
		cmocka_unit_test(other_schemes_and_algorithms_are_not_ours),
		cmocka_unit_test(what_is_malformed_is_refused),
		cmocka_unit_test(every_beginning_is_judged_without_looking_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
