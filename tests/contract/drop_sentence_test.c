#include "shared/contract/drop_sentence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_reason_is_explained_by_its_name(void **state)
{
	(void)state;
	assert_string_equal(drop_sentence("handoff_busy"),
			    "the ring to the worker that owns the SA is full");
	assert_string_equal(drop_sentence("sip_ack_absorbed"),
			    "an ACK to a response of our own: its work is done");
}

static void what_is_no_reason_has_no_sentence(void **state)
{
	static const char *const names[] = {"", "none", "handoff", "handoff_busy_", "replay"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(drop_sentence(names[i]), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reason_is_explained_by_its_name),
		cmocka_unit_test(what_is_no_reason_has_no_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
