#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/eal.h"

static struct configuration sample(void)
{
	struct configuration configuration = {
		.workers = 2,
		.memory_mb = 128,
		.file_prefix = "gwa",
		.port_count = 1,
		.ports = {{.device = "net_null0", .is_vdev = true}},
	};

	return configuration;
}

static bool has(const struct eal_words *words, const char *word)
{
	for (int i = 0; i < words->count; i++)
		if (strcmp(words->word[i], word) == 0)
			return true;
	return false;
}

static void without_hugepages_nothing_is_shared_and_nothing_stays(void **state)
{
	struct configuration configuration = sample();
	struct eal_words words;

	(void)state;
	assert_int_equal(eal_words_make(&configuration, &words), RESULT_OK);
	assert_true(has(&words, "--no-huge"));
	assert_true(has(&words, "--no-shconf"));
	assert_false(has(&words, "--in-memory"));
	assert_true(has(&words, "-m128"));
	assert_true(has(&words, "--file-prefix=gwa"));
	assert_true(has(&words, "--vdev=net_null0"));
	assert_true(has(&words, "--no-pci"));
	assert_true(has(&words, "--no-telemetry"));
	eal_words_free(&words);
	assert_int_equal(words.count, 0);
}

static void with_hugepages_no_file_of_keys_stays_behind(void **state)
{
	struct configuration configuration = sample();
	struct eal_words words;

	(void)state;
	configuration.is_huge = true;
	assert_int_equal(eal_words_make(&configuration, &words), RESULT_OK);
	assert_true(has(&words, "--in-memory"));
	assert_false(has(&words, "--no-huge"));
	eal_words_free(&words);
}

static void a_pci_port_is_allowed_by_name_and_no_other_is_probed(void **state)
{
	struct configuration configuration = sample();
	struct eal_words words;

	(void)state;
	configuration.ports[0] = (struct configuration_port){.device = "0000:01:00.0"};
	assert_int_equal(eal_words_make(&configuration, &words), RESULT_OK);
	assert_true(has(&words, "--allow=0000:01:00.0"));
	assert_false(has(&words, "--no-pci"));
	eal_words_free(&words);
}

static void cores_are_pinned_as_the_operator_says(void **state)
{
	struct configuration configuration = sample();
	struct eal_words words;

	(void)state;
	configuration.core_count = 3;
	configuration.cores[0] = 1;
	configuration.cores[1] = 4;
	configuration.cores[2] = 6;
	assert_int_equal(eal_words_make(&configuration, &words), RESULT_OK);
	assert_true(has(&words, "--lcores=0@1,1@4,2@6"));
	eal_words_free(&words);
}

static void arguments_are_passed_on_in_their_order(void **state)
{
	struct configuration configuration = sample();
	struct eal_words words;

	(void)state;
	configuration.argument_count = 2;
	strcpy(configuration.arguments[0], "--iova-mode=va");
	strcpy(configuration.arguments[1], "--log-level=debug");
	assert_int_equal(eal_words_make(&configuration, &words), RESULT_OK);
	assert_string_equal(words.word[words.count - 2], "--iova-mode=va");
	assert_string_equal(words.word[words.count - 1], "--log-level=debug");
	eal_words_free(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_hugepages_nothing_is_shared_and_nothing_stays),
		cmocka_unit_test(with_hugepages_no_file_of_keys_stays_behind),
		cmocka_unit_test(a_pci_port_is_allowed_by_name_and_no_other_is_probed),
		cmocka_unit_test(cores_are_pinned_as_the_operator_says),
		cmocka_unit_test(arguments_are_passed_on_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
