#include "shared/contract/policy_text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "shared/sip/uri.h"

static struct policy_question question_of(bool is_callee_ours)
{
	return (struct policy_question){
		.caller = {.aor = SLICE("user-a@abc.com"), .domain = SLICE("abc.com")},
		.callee = {.aor = SLICE("user-b@xyz.com"), .domain = SLICE("xyz.com")},
		.is_callee_ours = is_callee_ours,
		.method = SIP_METHOD_INVITE,
	};
}

static void expect(const struct policy_question *question, struct slice method, const char *text)
{
	char out[POLICY_TEXT_BYTES];
	size_t length = 0;

	assert_int_equal(policy_text_write(question, method, out, &length), RESULT_OK);
	assert_int_equal(length, strlen(text));
	assert_memory_equal(out, text, length);
}

static void each_field_stands_between_its_marks(void **state)
{
	struct policy_question question = question_of(true);

	(void)state;
	expect(&question, SLICE("INVITE"), "\1user-a@abc.com\2user-b@xyz.com\3INVITE\4");
	question.method = SIP_METHOD_OTHER;
	expect(&question, SLICE("X-RING"), "\1user-a@abc.com\2user-b@xyz.com\3X-RING\4");
}

static void of_a_callee_of_others_only_the_domain_is_said(void **state)
{
	struct policy_question question = question_of(false);

	(void)state;
	expect(&question, SLICE("INVITE"), "\1user-a@abc.com\2@xyz.com\3INVITE\4");
}

/* Nothing a name holds can stand for a mark. */
static void control_characters_are_refused_and_no_canonical_name_has_any(void **state)
{
	static const char *const names[] = {"sip:a%01b@abc.com", "sip:a%02@abc.com",
					    "sip:a%00%0a%7f@abc.com", "tel:+1;phone-context=%01"};
	struct policy_question question = question_of(true);
	char out[POLICY_TEXT_BYTES], canonical[LIMIT_AOR_BYTES];
	size_t length;

	(void)state;
	for (char c = 1; c < ' '; c++) {
		char name[] = "user-?@abc.com";

		name[5] = c;
		question.caller.aor = slice_make(name, strlen(name));
		assert_int_equal(policy_text_write(&question, SLICE("INVITE"), out, &length),
				 RESULT_BAD);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct writer w = writer_make(canonical, sizeof(canonical));
		struct sip_uri uri;

		if (sip_uri_parse(slice_make(names[i], strlen(names[i])), &uri) != RESULT_OK ||
		    sip_uri_canonical_aor(&uri, &w) != RESULT_OK)
			continue;
		for (size_t at = 0; at < w.len; at++)
			assert_true((unsigned char)canonical[at] >= ' ');
	}
}

static void longest_names_fit(void **state)
{
	struct policy_question question = question_of(true);
	char name[LIMIT_AOR_BYTES + 1], method[LIMIT_SIP_METHOD_BYTES], out[POLICY_TEXT_BYTES];
	size_t length;

	(void)state;
	memset(name, 'a', sizeof(name));
	memset(method, 'M', sizeof(method));
	question.method = SIP_METHOD_OTHER;
	question.caller.aor = question.callee.aor = slice_make(name, LIMIT_AOR_BYTES);
	assert_int_equal(policy_text_write(&question, slice_make(method, sizeof(method)), out,
					   &length),
			 RESULT_OK);
	assert_int_equal(length, POLICY_TEXT_BYTES);
	question.callee.aor = slice_make(name, sizeof(name));
	assert_int_equal(policy_text_write(&question, SLICE("M"), out, &length), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_stands_between_its_marks),
		cmocka_unit_test(of_a_callee_of_others_only_the_domain_is_said),
		cmocka_unit_test(control_characters_are_refused_and_no_canonical_name_has_any),
		cmocka_unit_test(longest_names_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
