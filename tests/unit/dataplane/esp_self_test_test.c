/* The self test passes here, and fails with an engine that is broken in any of its suites. */
#include "dataplane/esp/self_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void the_known_answers_come_out(void **state)
{
	struct esp_engine *engine = NULL;

	(void)state;
	assert_int_equal(esp_engine_create_direct(&engine), RESULT_OK);
	assert_int_equal(esp_self_test(engine), RESULT_OK);
	esp_engine_destroy(engine);
}

/* The direct engine, but for one suite. */
static const struct esp_engine_ops *whole;
static const struct esp_suite *broken;
static bool is_seal_broken;

static bool is_broken(const struct esp_job *job)
{
	return broken != NULL && memcmp(job->suite, broken, sizeof(*broken)) == 0;
}

static void seal_badly(struct esp_engine *engine, struct esp_job *jobs, uint32_t count)
{
	whole->seal(engine, jobs, count);
	for (uint32_t i = 0; i < count && is_seal_broken; i++)
		if (is_broken(&jobs[i]))
			jobs[i].esp[8 + jobs[i].suite->iv_bytes] ^= 1;
}

static void open_everything(struct esp_engine *engine, struct esp_job *jobs, uint32_t count)
{
	whole->open(engine, jobs, count);
	for (uint32_t i = 0; i < count && !is_seal_broken; i++)
		if (is_broken(&jobs[i]))
			jobs[i].is_done = true;
}

static void an_engine_broken_in_one_suite_is_found_out(void **state)
{
	struct esp_engine *engine = NULL;
	struct esp_engine_ops ops;

	(void)state;
	assert_int_equal(esp_engine_create_direct(&engine), RESULT_OK);
	whole = engine->ops;
	ops = *whole;
	ops.seal = seal_badly;
	ops.open = open_everything;
	engine->ops = &ops;
	for (unsigned int suite = 1; suite <= ESP_SUITE_MAX; suite++) {
		broken = esp_suite_get(suite);
		assert_non_null(broken);
		is_seal_broken = true;
		assert_int_equal(esp_self_test(engine), RESULT_BAD);
		is_seal_broken = false;
		assert_int_equal(esp_self_test(engine), RESULT_BAD);
	}
	broken = NULL;
	assert_int_equal(esp_self_test(engine), RESULT_OK);
	engine->ops = whole;
	esp_engine_destroy(engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_known_answers_come_out),
		cmocka_unit_test(an_engine_broken_in_one_suite_is_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
