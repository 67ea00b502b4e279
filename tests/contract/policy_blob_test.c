#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shared/contract/policy_blob.h"

/* Two rules and ten bytes of strings, as a compiler would write them. */
struct sample {
	struct policy_blob head;
	struct policy_rule rule[2];
	char strings[16];
};

static struct sample sample_make(void)
{
	struct sample sample = {
		.head = {.magic = POLICY_BLOB_MAGIC,
			 .rule_count = 2,
			 .generation = 5,
			 .strings_at = offsetof(struct sample, strings),
			 .strings_length = sizeof(sample.strings)},
		.rule = {{.id = 4,
			  .priority = 10,
			  .action = POLICY_ALLOW,
			  .caller = {.match = POLICY_MATCH_AOR, .text_length = 9, .text_at = 0},
			  .callee = {.match = POLICY_MATCH_DOMAIN, .text_length = 7, .text_at = 9}},
			 {.id = 2,
			  .priority = -1,
			  .action = POLICY_DENY,
			  .minimum_level = 3,
			  .caller = {.match = POLICY_MATCH_ANY},
			  .callee = {.match = POLICY_MATCH_GROUP, .group = 8}}},
		.strings = "a@abc.comxyz.com",
	};

	return sample;
}

static enum result validate(const struct sample *sample, size_t length)
{
	void *copy = malloc(length ? length : 1);
	enum result result;

	assert_non_null(copy);
	memcpy(copy, sample, length);
	result = policy_blob_validate(copy, length);
	free(copy);
	return result;
}

static void a_sound_policy_is_taken(void **state)
{
	struct sample sample = sample_make();

	(void)state;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_OK);
	assert_ptr_equal(policy_blob_rules(&sample.head), sample.rule);
}

static void a_policy_of_no_rules_is_taken_and_denies_all(void **state)
{
	struct sample sample = sample_make();

	(void)state;
	sample.head.rule_count = 0;
	sample.head.strings_at = sizeof(struct policy_blob);
	sample.head.strings_length = 0;
	assert_int_equal(validate(&sample, sizeof(struct policy_blob)), RESULT_OK);
}

static void a_policy_cut_short_is_refused_at_every_length(void **state)
{
	struct sample sample = sample_make();

	(void)state;
	for (size_t cut = 0; cut < sizeof(sample); cut++)
		assert_int_equal(validate(&sample, cut), RESULT_BAD);
}

static void wrong_magic_counts_and_offsets_are_refused(void **state)
{
	struct sample sample = sample_make();

	(void)state;
	sample.head.magic++;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample = sample_make();
	sample.head.rule_count = 3;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample.head.rule_count = UINT32_MAX;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample = sample_make();
	sample.head.strings_at--;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample.head.strings_at = UINT64_MAX;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample = sample_make();
	sample.head.strings_length = UINT64_MAX;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
}

static void wrong_enums_of_a_rule_are_refused(void **state)
{
	struct sample sample = sample_make();

	(void)state;
	sample.rule[1].action = 0;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample = sample_make();
	sample.rule[0].action = POLICY_LIMIT + 1;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample = sample_make();
	sample.rule[0].minimum_level = 4;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample = sample_make();
	sample.rule[0].caller.match = 0;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample = sample_make();
	sample.rule[1].callee.match = POLICY_MATCH_PATTERN + 1;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
}

static void a_text_outside_the_string_area_is_refused(void **state)
{
	struct sample sample = sample_make();

	(void)state;
	sample.rule[0].callee.text_length = 8;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample = sample_make();
	sample.rule[0].caller.text_at = UINT32_MAX;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample = sample_make();
	sample.rule[0].caller.text_length = 0;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
}

static void rules_out_of_order_are_refused(void **state)
{
	struct sample sample = sample_make();

	(void)state;
	sample.rule[1].priority = 11;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample.rule[1].priority = 10;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample.rule[1].id = 5;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_OK);
}

static void patterns_are_there_if_and_only_if_a_rule_has_any(void **state)
{
	struct sample sample = sample_make();

	(void)state;
	sample.rule[0].caller = (struct policy_party){.match = POLICY_MATCH_PATTERN};
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample.rule[0].callee = (struct policy_party){.match = POLICY_MATCH_ANY};
	sample.head.strings_length = 6;
	sample.head.patterns_length = 7;
	sample.head.screen_length = 3;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_OK);
	assert_ptr_equal(policy_blob_patterns(&sample.head), sample.strings + 6);
	assert_ptr_equal(policy_blob_screen(&sample.head), sample.strings + 13);
	sample.rule[0].caller.match = POLICY_MATCH_ANY;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample.rule[0].flags = POLICY_RULE_METHOD_PATTERN;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_OK);
	sample.rule[0].flags = 2;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
}

static void parts_that_do_not_fill_the_policy_are_refused(void **state)
{
	static const uint64_t wrong[] = {1, 16, 17, UINT64_MAX, UINT64_MAX - 15};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct sample sample = sample_make();

		sample.head.screen_length = wrong[i];
		assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
		sample.head.screen_length = 0;
		sample.head.patterns_length = wrong[i];
		assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	}
}

static void hours_and_zones_out_of_range_are_refused(void **state)
{
	struct sample sample = sample_make();
	struct policy_rule *rule = &sample.rule[0];

	(void)state;
	rule->days = 0x7f;
	rule->from_minute = 1439;
	rule->to_minute = 1440;
	sample.head.zone_count = 2;
	sample.head.zone[0].from_s = -5;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_OK);
	rule->from_minute = 1440;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	rule->from_minute = 0;
	rule->to_minute = 1441;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	rule->to_minute = 0;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	rule->to_minute = 1;
	rule->days = 0x80;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	rule->days = 0;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	rule->to_minute = 0;
	sample.head.zone[1].from_s = -5;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample.head.zone_count = POLICY_ZONE_CHANGES + 1;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	sample.head.zone_count = 1;
	sample.head.zone[0].offset_s = 100000;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
}

/* Nothing of a callee may be in a limit, nor a rate in anything else. */
static void limit_has_a_rate_and_anybody_for_a_callee(void **state)
{
	struct sample sample = sample_make();
	struct policy_rule *rule = &sample.rule[0];

	(void)state;
	rule->rate_count = 3;
	rule->rate_period_s = 60;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	rule->action = POLICY_LIMIT;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	rule->callee = (struct policy_party){.match = POLICY_MATCH_ANY};
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_OK);
	rule->rate_period_s = 0;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
	rule->rate_period_s = 1;
	rule->rate_count = 0;
	assert_int_equal(validate(&sample, sizeof(sample)), RESULT_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_policy_is_taken),
		cmocka_unit_test(a_policy_of_no_rules_is_taken_and_denies_all),
		cmocka_unit_test(a_policy_cut_short_is_refused_at_every_length),
		cmocka_unit_test(wrong_magic_counts_and_offsets_are_refused),
		cmocka_unit_test(wrong_enums_of_a_rule_are_refused),
		cmocka_unit_test(a_text_outside_the_string_area_is_refused),
		cmocka_unit_test(rules_out_of_order_are_refused),
		cmocka_unit_test(patterns_are_there_if_and_only_if_a_rule_has_any),
		cmocka_unit_test(parts_that_do_not_fill_the_policy_are_refused),
		cmocka_unit_test(hours_and_zones_out_of_range_are_refused),
		cmocka_unit_test(limit_has_a_rate_and_anybody_for_a_callee),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
