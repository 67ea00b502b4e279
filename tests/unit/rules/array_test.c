/* Memory for arrays: zeroed, and of huge pages where one fits. */
#include "dataplane/tables/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void arrays_of_any_size_are_zeroed_and_taken_and_given_again(void **state)
{
	static const size_t sizes[] = {1, 4096, 4097, ARRAY_HUGE_BYTES - 1, ARRAY_HUGE_BYTES,
				       ARRAY_HUGE_BYTES + 1, 5 * ARRAY_HUGE_BYTES + 5000};

	(void)state;
	for (unsigned again = 0; again < 2; again++)
		for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			unsigned char *at = array_take(sizes[i]);

			assert_non_null(at);
			assert_int_equal((uintptr_t)at % 4096, 0);
			for (size_t byte = 0; byte < sizes[i]; byte++)
				assert_int_equal(at[byte], 0);
			memset(at, 0xff, sizes[i]);
			array_give(at, sizes[i]);
		}
	array_give(NULL, 1);
}

/* Does the system hold a wish for huge pages for the mapping that begins here? */
static int is_wished_huge(const void *at)
{
	char line[512], start[32];
	int is_ours = 0, is_wished = 0;
	FILE *smaps = fopen("/proc/self/smaps", "r");

	assert_non_null(smaps);
	snprintf(start, sizeof(start), "%lx-", (unsigned long)(uintptr_t)at);
	while (fgets(line, sizeof(line), smaps) != NULL) {
		if (strchr(line, '-') != NULL && strchr(line, '-') < line + 17)
			is_ours = strncmp(line, start, strlen(start)) == 0;
		if (is_ours && strncmp(line, "VmFlags:", 8) == 0)
			is_wished = strstr(line, " hg") != NULL;
	}
	fclose(smaps);
	return is_wished;
}

static void what_has_room_for_a_huge_page_lies_on_ones_boundary(void **state)
{
	void *at[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		at[i] = array_take(ARRAY_HUGE_BYTES + 4096);
		assert_int_equal((uintptr_t)at[i] % ARRAY_HUGE_BYTES, 0);
		if (access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0)
			assert_true(is_wished_huge(at[i]));
	}
	for (unsigned i = 0; i < 3; i++)
		array_give(at[i], ARRAY_HUGE_BYTES + 4096);
}

static void more_than_there_can_be_is_refused(void **state)
{
	(void)state;
	assert_null(array_take((size_t)1 << 60));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrays_of_any_size_are_zeroed_and_taken_and_given_again),
		cmocka_unit_test(what_has_room_for_a_huge_page_lies_on_ones_boundary),
		cmocka_unit_test(more_than_there_can_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
