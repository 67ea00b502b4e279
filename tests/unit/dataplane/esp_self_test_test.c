/* The self test passes here; that it can fail is shown by what it is made of (esp_gcm_test.c). */
#include "dataplane/esp/self_test.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void the_known_answers_come_out(void **state)
{
	struct gcm *gcm = NULL;

	(void)state;
	assert_int_equal(gcm_create(&gcm), RESULT_OK);
	assert_int_equal(esp_self_test(gcm), RESULT_OK);
	gcm_destroy(gcm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_known_answers_come_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
