#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/counters.h"
#include "dataplane/graph.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static uint64_t value_of(const struct counters *counters, const char *name, uint32_t worker)
{
	for (uint32_t i = 0; i < counters_count(counters); i++) {
		struct contract_counter counter;

		counters_get(counters, i, &counter);
		if (strcmp(counter.name, name) == 0 && counter.worker == worker)
			return counter.value;
	}
	fail_msg("no counter %s of worker %u", name, worker);
	return 0;
}

static void every_figure_has_one_place_and_a_sound_form(void **state)
{
	struct plane_kit *kit = *state;
	static const struct control_counts control;
	struct counters counters = {kit->workers, KIT_WORKERS, kit->tables, &control};

	for (uint32_t i = 0; i < counters_count(&counters); i++) {
		struct contract_counters message = {.count = 1};
		size_t length =
			offsetof(struct contract_counters, counter) + sizeof(message.counter[0]);

		counters_get(&counters, i, &message.counter[0]);
		contract_header_set(&message.header, CONTRACT_COUNTERS, length, 0);
		assert_int_equal(contract_validate(&message, length), RESULT_OK);
		assert_string_not_equal(message.counter[0].name, "");
		assert_in_range(message.counter[0].worker, 0, KIT_WORKERS);
	}
}

static void what_is_counted_is_told_under_its_name(void **state)
{
	struct plane_kit *kit = *state;
	struct control_counts control = {.sip_received = 7};
	struct counters counters = {kit->workers, KIT_WORKERS, kit->tables, &control};

	control.drops[DROP_next_hop_unknown] = 3;
	atomic_store(&kit->workers[1]->drops[DROP_esp_icv], 5);
	atomic_store(&kit->workers[1]->drops[DROP_REASON_COUNT - 1], 6);
	assert_int_equal(value_of(&counters, "esp_icv", 0), 0);
	assert_int_equal(value_of(&counters, "esp_icv", 1), 5);
	assert_int_equal(value_of(&counters, drop_reason_name(DROP_REASON_COUNT - 1), 1), 6);
	assert_int_equal(value_of(&counters, "next_hop_unknown", KIT_WORKERS), 3);
	assert_int_equal(value_of(&counters, "sip_received", KIT_WORKERS), 7);
	assert_int_equal(value_of(&counters, "sas", KIT_WORKERS), 0);
	assert_int_equal(value_of(&counters, "sk_classify", 0), 0);
	atomic_store(&kit->workers[0]->busy_cycles, 8);
	atomic_store(&kit->workers[1]->all_cycles, 9);
	atomic_store(&kit->workers[1]->frames_taken, 10);
	atomic_store(&kit->workers[1]->frames_urgent, 11);
	assert_int_equal(value_of(&counters, "busy_cycles", 0), 8);
	assert_int_equal(value_of(&counters, "busy_cycles", 1), 0);
	assert_int_equal(value_of(&counters, "all_cycles", 1), 9);
	assert_int_equal(value_of(&counters, "frames_taken", 1), 10);
	assert_int_equal(value_of(&counters, "frames_urgent", 1), 11);
	assert_true(value_of(&counters, "cycles_per_second", KIT_WORKERS) > 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_figure_has_one_place_and_a_sound_form),
		cmocka_unit_test(what_is_counted_is_told_under_its_name),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
