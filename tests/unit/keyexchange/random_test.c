#include "shared/keyexchange/random.h"

#include "tests/unit/shared/sip_check.h"

static void the_system_gives_other_bytes_each_time(void **state)
{
	(void)state;
	struct random_source random = random_system();
	unsigned char a[32] = {0}, b[32] = {0};

	assert_int_equal(random_fill(&random, a, sizeof(a)), RESULT_OK);
	assert_int_equal(random_fill(&random, b, sizeof(b)), RESULT_OK);
	assert_memory_not_equal(a, b, sizeof(a));
}

static enum result fails(void *context, void *out, size_t len)
{
	(void)context, (void)out, (void)len;
	return RESULT_IO;
}

static void a_source_that_fails_is_heard(void **state)
{
	(void)state;
	struct random_source random = {.fill = fails};
	unsigned char a[4];

	assert_int_equal(random_fill(&random, a, sizeof(a)), RESULT_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_system_gives_other_bytes_each_time),
		cmocka_unit_test(a_source_that_fails_is_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
