/* bench/loadgen/renewal.c: when terminals ask for new keys, and what they make of answers. */
#include "tests/unit/bench/loadgen_kit.h"

#include <rte_cycles.h>
#include <rte_eal.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/loadgen/lines.h"
#include "bench/loadgen/renewal.h"
#include "dataplane/eal_init.h"

#define COUNT 3u

static struct outcome outcome;
static struct renewal renewal;
static struct wire wire;
static struct applicant *applicants;

static int eal_start(void **state)
{
	char *const arguments[] = {
		"test",		 "--no-huge",		"-m",	       "64",
		"--no-pci",	 "--no-telemetry",	"--no-shconf", "--log-level=critical",
		"--file-prefix", "sekisho-renewal-test"};

	(void)state;
	assert_true(eal_init(10, (char **)(uintptr_t)arguments) >= 0);
	wire.buffers = rte_pktmbuf_pool_create("renewal", 255, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	assert_non_null(wire.buffers);
	return 0;
}

static int eal_stop(void **state)
{
	(void)state;
	return rte_eal_cleanup();
}

/* Terminals that are attached, and a plan of two seconds that is just being begun. */
static struct terminals *begun(uint32_t times)
{
	const struct plan plan = {.count = 2000, .rate = 1000};
	struct terminals *terminals = kit_terminals(6, CONTRACT_SUITE_AES_128_GCM_16);

	memset(&outcome, 0, sizeof(outcome));
	assert_int_equal(applicants_make(&terminals->statics, NULL, 1, COUNT, &applicants),
			 RESULT_OK);
	for (uint32_t i = 0; i < COUNT; i++)
		applicants[i].step = APPLICANT_DONE;
	renewal.settings = (struct renewal_settings){.terminals = terminals,
						     .wire = &wire,
						     .applicants = applicants,
						     .count = COUNT,
						     .times = times};
	renewal_begin(&renewal, &plan, &outcome);
	return terminals;
}

static uint64_t after_ms(uint64_t ms)
{
	return renewal.begin_tsc + renewal.hz / 1000 * ms;
}

/* So many frames were put in the row since the last look. */
static unsigned frames_sent(void)
{
	unsigned count = wire_waiting(&wire);

	for (; wire.out_first != wire.out_last; wire.out_first++)
		rte_pktmbuf_free(wire.out[wire.out_first % WIRE_ROW]);
	return count;
}

static void ended(struct terminals *terminals)
{
	(void)frames_sent();
	applicants_free(applicants, COUNT);
	terminals_destroy(terminals);
}

/* What a gateway answers to terminal 1's message, in the SA. */
static struct frame_in answer(const char *status, char text[1500])
{
	static const struct slice names[] = {
		{"Via: ", 5}, {"From: ", 6}, {"To: ", 4}, {"Call-ID: ", 9}, {"CSeq: ", 6}};
	struct slice message = initiator_message(applicants[0].initiator);
	int length = snprintf(text, 1500, "SIP/2.0 %s\r\n", status);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct slice value = line_value(message, names[i]);

		length += snprintf(text + length, 1500 - (size_t)length, "%s%.*s\r\n", names[i].at,
				   (int)value.len, value.at);
	}
	length += snprintf(text + length, 1500 - (size_t)length, "Content-Length: 0\r\n\r\n");
	return (struct frame_in){.terminal = 1, .text = slice_make(text, (size_t)length)};
}

static void all_begin_at_each_agreed_moment_and_not_before(void **state)
{
	struct terminals *terminals = begun(1);

	(void)state;
	renewal_go_on(&renewal, after_ms(900));
	assert_int_equal(renewal.begun, 0);
	assert_false(renewal_is_complete(&renewal));
	renewal_go_on(&renewal, after_ms(1001));
	assert_int_equal(renewal.begun, COUNT);
	assert_int_equal(frames_sent(), COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(applicants[i].step, APPLICANT_ASKING);
	assert_int_equal(renewal_wanted(&renewal), COUNT);
	assert_false(renewal_is_complete(&renewal));
	ended(terminals);
}

/* What is sent is message 1 in ESP, under the terminal's own key. */
static void message_one_goes_inside_the_sa(void **state)
{
	struct terminals *terminals = begun(1);
	const struct rte_mbuf *mbuf;
	const uint8_t *frame;

	(void)state;
	renewal_go_on(&renewal, after_ms(1001));
	mbuf = wire.out[wire.out_first % WIRE_ROW];
	frame = rte_pktmbuf_mtod(mbuf, const uint8_t *);
	assert_false(frame_is_udp(frame, rte_pktmbuf_data_len(mbuf)));
	assert_int_equal(frame[20], 50);
	assert_int_equal(terminals->out[1].number, 1);
	ended(terminals);
}

static void what_nobody_answers_is_sent_again(void **state)
{
	struct terminals *terminals = begun(1);

	(void)state;
	renewal_go_on(&renewal, after_ms(1001));
	(void)frames_sent();
	renewal_go_on(&renewal, after_ms(1400));
	assert_int_equal(frames_sent(), 0);
	renewal_go_on(&renewal, after_ms(1502));
	assert_int_equal(frames_sent(), COUNT);
	assert_int_equal(renewal.sent_again, COUNT);
	/* and after 64 T1 all of it begins anew */
	renewal_go_on(&renewal, after_ms(1001 + 32001));
	assert_int_equal(renewal.begun_again, COUNT);
	assert_int_equal(renewal.begun, COUNT);
	ended(terminals);
}

static void without_agreed_moments_it_is_the_limit_that_counts(void **state)
{
	struct terminals *terminals = begun(0);

	(void)state;
	/* no exchange has named a limit here */
	terminals->out[1].number = UINT64_MAX;
	renewal_go_on(&renewal, after_ms(5000));
	assert_int_equal(renewal.begun, 0);
	assert_true(renewal_is_complete(&renewal));
	ended(terminals);
}

static void nothing_begins_while_the_wire_has_no_room(void **state)
{
	struct terminals *terminals = begun(1);

	(void)state;
	wire.out_last += WIRE_ROW / 2 + 1;
	renewal_go_on(&renewal, after_ms(1001));
	wire.out_last -= WIRE_ROW / 2 + 1;
	assert_int_equal(renewal.begun, 0);
	renewal_go_on(&renewal, after_ms(1002));
	assert_int_equal(renewal.begun, COUNT);
	ended(terminals);
}

static void a_message_that_is_for_no_exchange_is_left_alone(void **state)
{
	static const char request[] = "MESSAGE sip:t1@bench.example SIP/2.0\r\n"
				      "Call-ID: 0000000100000002\r\n\r\n";
	struct terminals *terminals = begun(1);
	struct frame_in in = {.terminal = 1, .text = SLICE(request)};
	char text[1500];

	(void)state;
	renewal_go_on(&renewal, after_ms(1001));
	assert_false(renewal_take(&renewal, &in, after_ms(1002)));
	/* nor is what another terminal's exchange is answered */
	in = answer("403 Forbidden", text);
	in.terminal = 2;
	assert_false(renewal_take(&renewal, &in, after_ms(1002)));
	in.terminal = COUNT + 1;
	assert_false(renewal_take(&renewal, &in, after_ms(1002)));
	assert_int_equal(outcome.complaints, 0);
	ended(terminals);
}

static void a_refusal_is_told_and_ends_it(void **state)
{
	struct terminals *terminals = begun(1);
	struct frame_in in;
	char text[1500];

	(void)state;
	renewal_go_on(&renewal, after_ms(1001));
	in = answer("403 Forbidden", text);
	assert_true(renewal_take(&renewal, &in, after_ms(1002)));
	assert_int_equal(applicants[0].step, APPLICANT_REFUSED);
	assert_string_equal(outcome.complaint[0].sentence, "an exchange of keys was refused");
	/* again: the answer to something repeated */
	assert_true(renewal_take(&renewal, &in, after_ms(1003)));
	assert_int_equal(outcome.complaints, 1);
	assert_int_equal(renewal.done, 0);
	ended(terminals);
}

static void who_is_put_off_begins_anew_later(void **state)
{
	struct terminals *terminals = begun(1);
	struct frame_in in;
	char text[1500];

	(void)state;
	renewal_go_on(&renewal, after_ms(1001));
	in = answer("503 Service Unavailable", text);
	assert_true(renewal_take(&renewal, &in, after_ms(1100)));
	assert_int_equal(applicants[0].step, APPLICANT_WAITING);
	renewal_go_on(&renewal, after_ms(2000));
	assert_int_equal(applicants[0].step, APPLICANT_WAITING);
	renewal_go_on(&renewal, after_ms(2110));
	assert_int_equal(applicants[0].step, APPLICANT_ASKING);
	assert_int_equal(renewal.begun_again, 1);
	assert_int_equal(outcome.complaints, 0);
	ended(terminals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_begin_at_each_agreed_moment_and_not_before),
		cmocka_unit_test(message_one_goes_inside_the_sa),
		cmocka_unit_test(what_nobody_answers_is_sent_again),
		cmocka_unit_test(without_agreed_moments_it_is_the_limit_that_counts),
		cmocka_unit_test(nothing_begins_while_the_wire_has_no_room),
		cmocka_unit_test(a_message_that_is_for_no_exchange_is_left_alone),
		cmocka_unit_test(a_refusal_is_told_and_ends_it),
		cmocka_unit_test(who_is_put_off_begins_anew_later),
	};

	return cmocka_run_group_tests(tests, eal_start, eal_stop);
}
