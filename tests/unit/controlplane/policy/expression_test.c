#include "controlplane/policy/pattern.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "controlplane/policy/expressions.h"
#include "shared/pattern/pattern_set.h"

static bool found_note(void *context, uint32_t pattern)
{
	bool *is_found = context;

	*is_found = pattern == 3;
	return true;
}

static bool finds(struct expression_part caller, struct expression_part callee,
		  struct expression_part method, const char *text)
{
	const struct expression_part part[3] = {caller, callee, method};
	char expression[EXPRESSION_BYTES], reason[160], *bytes = NULL;
	struct expressions expressions = {0};
	struct pattern_set *set = NULL;
	bool is_found = false;
	uint32_t place;
	size_t length;

	assert_int_equal(expression_write(part, expression, sizeof(expression)), RESULT_OK);
	assert_int_equal(expressions_add(&expressions, expression, 3), RESULT_OK);
	assert_int_equal(expressions_compile(&expressions, &bytes, &length, &place, reason,
					     sizeof(reason)),
			 RESULT_OK);
	assert_int_equal(pattern_set_read(bytes, length, 1, &set), RESULT_OK);
	assert_true(pattern_set_scan(set, 0, slice_make(text, strlen(text)), found_note,
				     &is_found));
	pattern_set_destroy(set);
	expressions_free(&expressions);
	free(bytes);
	return is_found;
}

#define ANY	((struct expression_part){EXPRESSION_ANY, ""})
#define P(text) ((struct expression_part){EXPRESSION_PATTERN, text})
#define N(text) ((struct expression_part){EXPRESSION_NAME, text})
#define D(text) ((struct expression_part){EXPRESSION_DOMAIN, text})

#define CALL "\1user-a@abc.com\2user-b@xyz.com\3INVITE\4"

static void pattern_is_of_its_own_whole_field(void **state)
{
	(void)state;
	assert_true(finds(P("user-[a-z]@abc\\.com"), ANY, ANY, CALL));
	assert_true(finds(P("^user-a@abc\\.com$"), ANY, ANY, CALL));
	assert_false(finds(P("user-b@xyz\\.com"), ANY, ANY, CALL));
	assert_false(finds(P("ser-a@abc\\.com"), ANY, ANY, CALL));
	assert_false(finds(P("user-a@abc"), ANY, ANY, CALL));
	assert_true(finds(ANY, P(".*@xyz\\.com"), ANY, CALL));
	assert_false(finds(ANY, P(".*@abc\\.com"), ANY, CALL));
	assert_true(finds(ANY, ANY, P("I.*"), CALL));
	assert_false(finds(ANY, ANY, P("M.*"), CALL));
	assert_true(finds(P("a|user-a@abc\\.com"), P("b|.*"), ANY, CALL));
}

/* "." and "[^x]" match the marks, too: still no field can take from another. */
static void no_pattern_reaches_into_another_field(void **state)
{
	(void)state;
	assert_false(finds(P("[^x]*@xyz\\.com"), ANY, ANY, CALL));
	assert_false(finds(P(".*@xyz\\.com"), ANY, ANY, CALL));
	assert_false(finds(P(".*user-b@xyz\\.com"), P(".*"), ANY, CALL));
	assert_false(finds(P(".*INVITE"), ANY, ANY, CALL));
	assert_false(finds(ANY, P("[^q]*INVITE"), ANY, CALL));
	assert_false(finds(P("[^q]*"), P("INVITE"), ANY, CALL));
	assert_false(finds(ANY, P("\\W*user-a@abc\\.com.*"), ANY, CALL));
	assert_true(finds(P("[^q]*"), P("[^q]*"), P("[^q]*"), CALL));
}

static void names_and_domains_are_taken_as_they_are(void **state)
{
	(void)state;
	assert_true(finds(N("user-a@abc.com"), P(".*"), ANY, CALL));
	assert_false(finds(N("user-a@abcxcom"), P(".*"), ANY, CALL));
	assert_false(finds(N("user.a@abc.com"), P(".*"), ANY, CALL));
	assert_true(finds(D("abc.com"), P(".*"), ANY, CALL));
	assert_false(finds(D("c.com"), P(".*"), ANY, CALL));
	assert_true(finds(P(".*"), D("xyz.com"), ANY, "\1a@b\2@xyz.com\3INVITE\4"));
	assert_true(finds(P(".*"), D("xyz.com"), ANY, "\1a@b\2c@xyz.com:5070\3INVITE\4"));
	assert_true(finds(N("a(b*@[2001:db8::1]"), P(".*"), ANY,
			  "\1a(b*@[2001:db8::1]\2c@xyz.com\3INVITE\4"));
}

static void the_longest_rule_has_an_expression(void **state)
{
	char name[LIMIT_AOR_BYTES + 1], out[EXPRESSION_BYTES];
	const struct expression_part part[3] = {N(name), N(name), P("x")};

	(void)state;
	memset(name, '.', LIMIT_AOR_BYTES);
	name[LIMIT_AOR_BYTES] = '\0';
	assert_int_equal(expression_write(part, out, sizeof(out)), RESULT_OK);
	assert_int_equal(expression_write(part, out, 100), RESULT_SPACE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pattern_is_of_its_own_whole_field),
		cmocka_unit_test(no_pattern_reaches_into_another_field),
		cmocka_unit_test(names_and_domains_are_taken_as_they_are),
		cmocka_unit_test(the_longest_rule_has_an_expression),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
