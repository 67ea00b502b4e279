/* bench/loadgen/plan.c and pcap.c */
#include "tests/unit/bench/loadgen_kit.h"

#include <stdio.h>
#include <unistd.h>

#include "bench/loadgen/pcap.h"
#include "bench/loadgen/plan.h"

static const struct frame_link link_ends = {.own = {{2, 0, 0, 0, 0, 1}},
					    .gateway = {{2, 0, 0, 0, 0, 2}}};

static struct plan *plan_of(struct terminals *terminals, const struct job *job, double rate)
{
	const struct plan_config config = {.terminals = terminals,
					   .link = &link_ends,
					   .job = job,
					   .number = 9,
					   .rate = rate,
					   .most_bytes = 10000000,
					   .is_marked = true};
	struct plan *plan;

	assert_int_equal(plan_create(&config, &plan), RESULT_OK);
	return plan;
}

static uint64_t number_in(const struct plan *plan, const struct planned *planned)
{
	uint64_t number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | plan->frames[planned->frame + 14 + 20 + 8 + (uint64_t)i];
	return number;
}

static void every_terminal_counts_its_numbers_upwards(void **state)
{
	struct terminals *terminals = kit_terminals(4, CONTRACT_SUITE_AES_128_GCM_16);
	const struct job job = {.seconds = 1, .warmup = 0.1, .bytes = 700};
	struct plan *plan = plan_of(terminals, &job, 500);
	uint64_t last[9] = {0};

	(void)state;
	assert_int_equal(plan->count, 550);
	assert_int_equal(plan->warm, 50);
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct planned *planned = &plan->planned[i];

		assert_in_range(planned->caller, 1, 8);
		assert_in_range(planned->callee, 1, 8);
		assert_int_not_equal(planned->caller, planned->callee);
		assert_int_equal(number_in(plan, planned), last[planned->caller] + 1);
		last[planned->caller]++;
	}
	plan_destroy(plan);
	terminals_destroy(terminals);
}

/* Where keys change meanwhile nothing is sealed beforehand, and a frame has the number of its time. */
static void what_is_sealed_late_has_the_keys_of_its_time(void **state)
{
	struct terminals *terminals = kit_terminals(4, CONTRACT_SUITE_AES_128_GCM_16);
	static const uint8_t key[20] = {7};
	const struct terminal_keys keys = {0x01020304, 0x05060708, key, key};
	const struct job job = {.scenario = JOB_CALL, .seconds = 10, .bytes = 700};
	const struct plan_config config = {.terminals = terminals,
					   .link = &link_ends,
					   .job = &job,
					   .number = 9,
					   .rate = 1000,
					   .most_bytes = 10000000,
					   .is_marked = true,
					   .is_late = true};
	uint8_t frame[FRAME_BYTES_MAX];
	struct plan *plan;
	uint32_t caller;

	(void)state;
	assert_int_equal(plan_create(&config, &plan), RESULT_OK);
	/* more than would fit a replay window beforehand */
	assert_int_equal(plan->count, 10000);
	assert_false(plan->is_shortened);
	caller = plan->planned[5].caller;
	for (uint32_t terminal = 1; terminal <= 8; terminal++)
		assert_in_range(terminals->out[terminal].number, 0, 1);
	assert_int_equal(terminal_renew(terminals, caller, &keys), RESULT_OK);
	assert_true(plan_frame_write(plan, terminals, &link_ends, 5, frame) > 700);
	assert_memory_equal(frame + 14 + 20, "\1\2\3\4\0\0\0\1", 8);
	assert_true(plan_frame_write(plan, terminals, &link_ends, 5, frame) > 700);
	assert_memory_equal(frame + 14 + 20, "\1\2\3\4\0\0\0\2", 8);
	plan_destroy(plan);
	terminals_destroy(terminals);
}

static void hostile_ones_have_their_share(void **state)
{
	struct terminals *terminals = kit_terminals(4, CONTRACT_SUITE_AES_128_GCM_16);
	const struct job job = {.seconds = 1, .bytes = 300, .share = {300, 200, 100, 50}};
	struct plan *plan = plan_of(terminals, &job, 4000);
	uint32_t of[PLAN_KINDS] = {0};

	(void)state;
	for (uint32_t i = 0; i < plan->count; i++)
		of[plan->planned[i].kind]++;
	assert_in_range(of[PLAN_SPOOFED], 1000, 1400);
	assert_in_range(of[PLAN_REPLAYED], 600, 1000);
	assert_in_range(of[PLAN_FORGED], 250, 550);
	assert_in_range(of[PLAN_SCANNER], 100, 300);
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct planned *planned = &plan->planned[i];
		uint8_t frame[FRAME_BYTES_MAX];

		if (planned->kind != PLAN_REPLAYED)
			continue;
		/* the very frame of one before */
		memcpy(frame, plan->frames + planned->frame, planned->length);
		assert_true(planned->frame < plan->planned[i + 1 < plan->count ? i + 1 : i].frame ||
			    plan->planned[i + 1 < plan->count ? i + 1 : i].kind == PLAN_REPLAYED);
		assert_int_equal(frame[23], 50);
	}
	plan_destroy(plan);
	terminals_destroy(terminals);
}

static void what_there_is_no_memory_for_is_left_out_and_told(void **state)
{
	struct terminals *terminals = kit_terminals(4, CONTRACT_SUITE_AES_128_GCM_16);
	const struct job job = {.seconds = 1000, .warmup = 1, .bytes = 700};
	struct plan *plan = plan_of(terminals, &job, 1000);

	(void)state;
	assert_true(plan->is_shortened);
	assert_true((double)plan->count * 828 <= 10000000);
	assert_true(plan->warm < plan->count / 5);
	plan_destroy(plan);
	terminals_destroy(terminals);
}

static void no_terminal_calls_more_often_than_its_window_bears(void **state)
{
	struct terminals *terminals = kit_terminals(4, CONTRACT_SUITE_AES_128_GCM_16);
	const struct job job = {.scenario = JOB_CALL, .seconds = 5, .bytes = 300};
	struct plan *plan = plan_of(terminals, &job, 1000);
	uint32_t of[9] = {0};

	(void)state;
	assert_true(plan->is_shortened);
	for (uint32_t i = 0; i < plan->count; i++)
		of[plan->planned[i].caller]++;
	for (uint32_t terminal = 1; terminal <= 8; terminal++)
		assert_in_range(of[terminal], 1, LIMIT_ESP_WINDOW / 4);
	plan_destroy(plan);
	terminals_destroy(terminals);
}

static void each_kind_has_its_right_end(void **state)
{
	(void)state;
	assert_int_equal(plan_wanted(PLAN_MESSAGE), PLAN_REQUEST);
	assert_int_equal(plan_wanted(PLAN_CALL), 31);
	assert_int_equal(plan_wanted(PLAN_REGISTER), PLAN_OK);
	assert_int_equal(plan_wanted(PLAN_SPOOFED), PLAN_REFUSED);
	assert_int_equal(plan_wanted(PLAN_REPLAYED), 0);
	assert_int_equal(plan_wanted(PLAN_FORGED), 0);
	assert_int_equal(plan_wanted(PLAN_SCANNER), 0);
}

static void a_capture_holds_every_frame(void **state)
{
	static const char path[] = "plan_test.pcap";
	struct terminals *terminals = kit_terminals(6, CONTRACT_SUITE_AES_128_GCM_16);
	const struct job job = {.seconds = 1, .bytes = 700};
	struct plan *plan = plan_of(terminals, &job, 20);
	uint8_t bytes[FRAME_BYTES_MAX];
	uint32_t head[6], frame[4];
	FILE *file;

	(void)state;
	assert_int_equal(pcap_write(path, plan), RESULT_OK);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(head, sizeof(head), 1, file), 1);
	assert_int_equal(head[0], 0xa1b2c3d4);
	assert_int_equal(head[5], 1);
	for (uint32_t i = 0; i < plan->count; i++) {
		assert_int_equal(fread(frame, sizeof(frame), 1, file), 1);
		assert_int_equal(frame[2], plan->planned[i].length);
		assert_int_equal(fread(bytes, frame[2], 1, file), 1);
		assert_memory_equal(bytes, plan->frames + plan->planned[i].frame, frame[2]);
	}
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
	unlink(path);
	assert_int_equal(pcap_write("/nonexistent/x.pcap", plan), RESULT_IO);
	plan_destroy(plan);
	terminals_destroy(terminals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_terminal_counts_its_numbers_upwards),
		cmocka_unit_test(what_is_sealed_late_has_the_keys_of_its_time),
		cmocka_unit_test(hostile_ones_have_their_share),
		cmocka_unit_test(what_there_is_no_memory_for_is_left_out_and_told),
		cmocka_unit_test(no_terminal_calls_more_often_than_its_window_bears),
		cmocka_unit_test(each_kind_has_its_right_end),
		cmocka_unit_test(a_capture_holds_every_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
