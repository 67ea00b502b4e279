/* What the example call costs: bytes on the wire, and time that tells nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>

#include <cmocka.h>

#include "tests/unit/rules/call_lines.h"
#include "tests/unit/rules/call_plays.h"

static void request_grows_by_less_than_300_bytes(void **state)
{
	static const char start[] = "INVITE sip:user-b@xyz.com SIP/2.0\n";
	size_t contact = strlen("sip:user-b@[2001:cdef::10]:5060") - strlen("sip:user-b@xyz.com");
	struct call_world *world = *state;
	char bytes[8192], text[4096];
	size_t before, growth;

	snprintf(text, sizeof(text), "%s%s%s\n", start, VIA_T(1) RS_1 MF(70),
		 A_TO_B("1 INVITE") CONTACT_1);
	before = opaque_fill(&world->names, text, bytes);
	call_deliver(world, 1, bytes, before);
	growth = world->result.length - before;
	print_message("gateway A adds %zu bytes\n", growth);
	assert_true(growth < 300);
	before = world->result.length;
	call_pass_on(world);
	growth = world->result.length - before - contact;
	print_message("gateway B adds %zu bytes\n", growth);
	assert_true(growth < 300);
}

static int cycles_compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

#define TIMED_RUNS 10000

static void denied_and_unknown_callee_take_the_same_time(void **state)
{
	static const char *const callees[] = {"user-d@xyz.com", "user-x@xyz.com"};
	static uint64_t cycles[2][TIMED_RUNS];
	struct call_world *world = *state;
	struct ingress_sa sa = gateway_kit_from_peer(world->b, 1);
	char bytes[2][4096], text[4096];
	size_t length[2];
	double ratio;

	for (unsigned i = 0; i < 2; i++) {
		snprintf(text, sizeof(text),
			 "INVITE sip:%s SIP/2.0\n%sFrom: <sip:user-a@abc.com>;tag=<a>\n"
			 "To: <sip:%s>\nCall-ID: <call>\nCSeq: 1 INVITE\nContent-Length: 0\n\n",
			 callees[i], VIA_A(1, "INVITE") VIA_TS(1) RS_A RS_1 MF(69), callees[i]);
		length[i] = opaque_fill(&world->names, text, bytes[i]);
	}
	for (unsigned run = 0; run < 2 * TIMED_RUNS; run++) {
		/* Neither always comes after the other. */
		unsigned i = (run ^ run >> 1) & 1;
		uint64_t begun = __rdtsc();

		gateway_kit_receive(world->b, &sa, bytes[i], length[i], &world->result);
		cycles[i][run / 2] = __rdtsc() - begun;
		assert_int_equal(world->result.status, 404);
	}
	for (unsigned i = 0; i < 2; i++)
		qsort(cycles[i], TIMED_RUNS, sizeof(cycles[i][0]), cycles_compare);
	print_message("median cycles: denied %lu, unknown %lu\n", cycles[0][TIMED_RUNS / 2],
		      cycles[1][TIMED_RUNS / 2]);
	ratio = (double)cycles[0][TIMED_RUNS / 2] / (double)cycles[1][TIMED_RUNS / 2];
	assert_true(ratio > 0.9 && ratio < 1.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(request_grows_by_less_than_300_bytes),
		CALL_TEST(denied_and_unknown_callee_take_the_same_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
