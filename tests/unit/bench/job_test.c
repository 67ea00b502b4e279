#include "tests/unit/bench/cmocka_setup.h"

#include <string.h>

#include "bench/loadgen/job.h"

static void complains(const char *text, const char *about)
{
	struct job job = {.rate = 42};
	char complaint[160] = "";

	assert_int_equal(job_parse(text, &job, complaint, sizeof(complaint)), RESULT_BAD);
	assert_non_null(strstr(complaint, about));
	assert_true(job.rate == 42);
}

static struct job parsed(const char *text)
{
	char complaint[160];
	struct job job;

	assert_int_equal(job_parse(text, &job, complaint, sizeof(complaint)), RESULT_OK);
	return job;
}

static void a_job_is_read_word_by_word(void **state)
{
	struct job job = parsed(" call rate=2000.5  seconds=2\twarmup=0 terminals=64 bytes=0 "
				"spoofed=100 scanner=5 label=flood\n");

	(void)state;
	assert_int_equal(job.scenario, JOB_CALL);
	assert_true(job.rate == 2000.5 && job.seconds == 2 && job.warmup == 0);
	assert_int_equal(job.terminals, 64);
	assert_int_equal(job.expires, 3600);
	assert_int_equal(parsed("attach expires=10").expires, 10);
	assert_int_equal(job.bytes, 0);
	assert_int_equal(job.share[JOB_SPOOFED], 100);
	assert_int_equal(job.share[JOB_SCANNER], 5);
	assert_int_equal(job.share[JOB_FORGED], 0);
	assert_string_equal(job.label, "flood");
	assert_false(job.is_searched);
}

static void a_search_accepts_no_loss_or_half_a_percent_or_what_is_said(void **state)
{
	(void)state;
	assert_true(parsed("message find=ndr").is_searched);
	assert_true(parsed("message find=ndr").loss == 0);
	assert_true(parsed("message find=pdr").loss == 0.005);
	assert_true(parsed("message find=pdr loss=0.01").loss == 0.01);
}

static void keys_are_renewed_so_many_times_or_as_the_gateway_says(void **state)
{
	(void)state;
	assert_false(job_is_renewing(&(struct job){0}));
	assert_int_equal(parsed("message rekeys=3").rekeys, 3);
	assert_true(parsed("call rekeys=soft").is_soft);
	assert_int_equal(parsed("call rekeys=soft").rekeys, 0);
}

static void what_is_wrong_is_said_and_nothing_is_set(void **state)
{
	(void)state;
	complains("", "begins with");
	complains("rate=1", "begins with");
	complains("flood rate=1", "begins with");
	complains("message speed=1", "speed=1");
	complains("message rate", "rate");
	complains("message rate=", "rate");
	complains("message rate=0", "rate");
	complains("message rate=-5", "rate");
	complains("message rate=nan", "rate");
	complains("message rate=1e99", "rate");
	complains("message rate=12x", "rate");
	complains("message terminals=2.5", "terminals");
	complains("message terminals=1", "terminals");
	complains("message bytes=1281", "bytes");
	complains("message find=best", "find=best");
	complains("message spoofed=600 forged=400", "hostile");
	complains("message rate=100 most=10", "most");
	complains("attach find=ndr", "attaching");
	complains("attach spoofed=1", "attaching");
	complains("attach rekeys=2", "new keys");
	complains("message rekeys=2 find=ndr", "new keys");
	complains("call rekeys=soft forged=1", "new keys");
	complains("message rekeys=0", "rekeys");
	complains("attach expires=0", "expires");
	complains("message rekeys=hard", "rekeys");
}

static void a_word_without_end_is_refused(void **state)
{
	char text[256] = "message label=";

	(void)state;
	memset(text + strlen(text), 'x', 200);
	complains(text, "too long");
}

static void a_long_label_is_cut(void **state)
{
	char text[128] = "message label=";

	(void)state;
	memset(text + strlen(text), 'x', 70);
	assert_int_equal(strlen(parsed(text).label), JOB_LABEL_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_read_word_by_word),
		cmocka_unit_test(a_search_accepts_no_loss_or_half_a_percent_or_what_is_said),
		cmocka_unit_test(keys_are_renewed_so_many_times_or_as_the_gateway_says),
		cmocka_unit_test(what_is_wrong_is_said_and_nothing_is_set),
		cmocka_unit_test(a_word_without_end_is_refused),
		cmocka_unit_test(a_long_label_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
