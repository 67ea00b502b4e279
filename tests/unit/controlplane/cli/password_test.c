#include "controlplane/cli/password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>

#include "shared/base64url.h"
#include "shared/keyexchange/scram.h"

static enum result password_of(const char *text, size_t length, char out[PASSWORD_BYTES])
{
	FILE *from = fmemopen((void *)(uintptr_t)text, length, "r");
	enum result result = password_read(from, out);

	fclose(from);
	return result;
}

static void generated_passwords_are_128_bits_and_differ(void **state)
{
	char first[PASSWORD_BYTES], second[PASSWORD_BYTES];
	uint8_t bytes[16];
	size_t length;

	(void)state;
	assert_int_equal(password_generate(first), RESULT_OK);
	assert_int_equal(password_generate(second), RESULT_OK);
	assert_int_equal(strlen(first), 22);
	assert_string_not_equal(first, second);
	assert_int_equal(base64url_decode(slice_make(first, 22), bytes, sizeof(bytes), &length),
			 RESULT_OK);
	assert_int_equal(length, 16);
}

static void one_line_is_read(void **state)
{
	char out[PASSWORD_BYTES], longest[PASSWORD_BYTES + 2];

	(void)state;
	assert_int_equal(password_of("correct horse\nmore", 18, out), RESULT_OK);
	assert_string_equal(out, "correct horse");
	assert_int_equal(password_of("p\xc3\xa4ss", 5, out), RESULT_OK);
	assert_string_equal(out, "p\xc3\xa4ss");
	memset(longest, 'x', sizeof(longest));
	assert_int_equal(password_of(longest, PASSWORD_BYTES - 1, out), RESULT_OK);
	assert_int_equal(password_of(longest, PASSWORD_BYTES, out), RESULT_BAD);
}

static void what_is_no_password_is_refused(void **state)
{
	char out[PASSWORD_BYTES];

	(void)state;
	assert_int_equal(password_of("\n", 1, out), RESULT_BAD);
	assert_int_equal(password_of("a\tb\n", 4, out), RESULT_BAD);
	assert_int_equal(password_of("a\0b\n", 4, out), RESULT_BAD);
	assert_int_equal(password_read(fopen("/dev/null", "r"), out), RESULT_IO);
}

static size_t bytes_of(const json_t *request, const char *field, uint8_t out[64])
{
	const char *text = json_string_value(json_object_get(request, field));
	size_t length = 0;

	assert_non_null(text);
	assert_int_equal(base64url_decode(slice_make(text, strlen(text)), out, 64, &length),
			 RESULT_OK);
	return length;
}

static void verifier_is_that_of_the_password_and_says_nothing_else(void **state)
{
	json_t *request = json_object();
	struct scram_verifier verifier;
	uint8_t salt[64], stored[64];
	char *text;

	(void)state;
	assert_int_equal(password_add_verifier("correct horse", 4096, request), RESULT_OK);
	assert_int_equal(bytes_of(request, "salt", salt), 16);
	assert_int_equal(bytes_of(request, "stored_key", stored), 32);
	assert_int_equal(scram_verifier_derive(SLICE("correct horse"), slice_make(salt, 16), 4096,
					       &verifier),
			 RESULT_OK);
	assert_memory_equal(stored, verifier.stored_key.bytes, 32);
	text = json_dumps(request, 0);
	assert_null(strstr(text, "correct"));
	free(text);
	json_decref(request);
	request = json_object();
	assert_int_equal(password_add_verifier("x", 100, request), RESULT_BAD);
	json_decref(request);
}

/* `printf user-a@abc.com:abc.com:secret | sha256sum`, in base64url. */
static void digest_is_of_id_realm_and_password(void **state)
{
	json_t *request = json_pack("{s:s}", "id", "user-a@abc.com");

	(void)state;
	assert_int_equal(password_add_digest("secret", "abc.com", request), RESULT_OK);
	assert_string_equal(json_string_value(json_object_get(request, "digest")),
			    "9p2XFFOnMl24UJKxJbKj8Y9M-32Dh0a5C4K6mXl3RR0");
	assert_int_equal(json_object_size(request), 2);
	json_decref(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated_passwords_are_128_bits_and_differ),
		cmocka_unit_test(digest_is_of_id_realm_and_password),
		cmocka_unit_test(one_line_is_read),
		cmocka_unit_test(what_is_no_password_is_refused),
		cmocka_unit_test(verifier_is_that_of_the_password_and_says_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
