#include "controlplane/contract/pending.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

struct told {
	int done, records;
	enum result result;
};

static void done(void *arg, enum result result)
{
	struct told *told = arg;

	told->done++;
	told->result = result;
}

static void record(void *arg, const struct contract_header *message)
{
	struct told *told = arg;

	assert_int_equal(message->id, CONTRACT_SA_RECORD);
	told->records++;
}

static struct contract_answer answer_of(uint32_t request, enum result result)
{
	struct contract_answer answer = {.result = (uint16_t)result};

	contract_header_set(&answer.header, CONTRACT_ANSWER, sizeof(answer), request);
	return answer;
}

static void answers_find_their_requests_in_any_order(void **state)
{
	struct pending *pending = pending_create();
	struct told first = {0}, second = {0};
	struct contract_answer answer;
	uint32_t one, two;
	uint16_t id;

	(void)state;
	assert_int_equal(pending_add(pending, CONTRACT_KEY_PUT, NULL, done, &first, &one), 0);
	assert_int_equal(pending_add(pending, CONTRACT_KEY_PUT, NULL, done, &second, &two), 0);
	assert_int_not_equal(one, two);
	answer = answer_of(two, RESULT_SPACE);
	assert_int_equal(pending_answer(pending, &answer, &id), RESULT_OK);
	assert_int_equal(id, 0);
	assert_int_equal(second.done, 1);
	assert_int_equal(second.result, RESULT_SPACE);
	assert_int_equal(first.done, 0);
	assert_int_equal(pending_answer(pending, &answer, &id), RESULT_NOT_FOUND);
	answer = answer_of(one, RESULT_OK);
	assert_int_equal(pending_answer(pending, &answer, &id), RESULT_OK);
	assert_int_equal(first.done, 1);
	pending_destroy(pending);
}

static void request_nobody_waits_for_is_named(void **state)
{
	struct pending *pending = pending_create();
	struct contract_answer answer;
	uint32_t number;
	uint16_t id = 0;

	(void)state;
	assert_int_equal(pending_add(pending, CONTRACT_SA_PUT, NULL, NULL, NULL, &number), 0);
	answer = answer_of(number, RESULT_BAD);
	assert_int_equal(pending_answer(pending, &answer, &id), RESULT_OK);
	assert_int_equal(id, CONTRACT_SA_PUT);
	pending_destroy(pending);
}

static void records_come_before_the_answer(void **state)
{
	struct pending *pending = pending_create();
	struct contract_header header;
	struct contract_answer answer;
	struct told told = {0};
	uint32_t number;
	uint16_t id;

	(void)state;
	assert_int_equal(pending_add(pending, CONTRACT_DUMP, record, done, &told, &number), 0);
	contract_header_set(&header, CONTRACT_SA_RECORD, sizeof(header), number);
	pending_take_record(pending, &header);
	pending_take_record(pending, &header);
	header.request = number + 1;
	pending_take_record(pending, &header);
	assert_int_equal(told.records, 2);
	answer = answer_of(number, RESULT_OK);
	assert_int_equal(pending_answer(pending, &answer, &id), RESULT_OK);
	assert_int_equal(told.done, 1);
	pending_destroy(pending);
}

static void lost_connection_is_told_to_all_once(void **state)
{
	struct pending *pending = pending_create();
	struct told told[3] = {0};
	uint32_t number;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			pending_add(pending, CONTRACT_KEY_PUT, NULL, done, &told[i], &number), 0);
	pending_undo(pending);
	pending_fail(pending);
	assert_int_equal(told[0].done, 1);
	assert_int_equal(told[0].result, RESULT_IO);
	assert_int_equal(told[1].done, 1);
	assert_int_equal(told[2].done, 0);
	pending_destroy(pending);
	assert_int_equal(told[0].done, 1);
}

static void many_may_wait_and_numbers_go_round(void **state)
{
	static struct told told[3000];
	struct pending *pending = pending_create();
	uint32_t number = 0, last = 0;
	uint16_t id;

	(void)state;
	for (uint32_t round = 0; round < 3; round++) {
		uint32_t from = 0;

		memset(told, 0, sizeof(told));
		for (uint32_t i = 0; i < 3000; i++) {
			assert_int_equal(pending_add(pending, CONTRACT_KEY_PUT, NULL, done,
						     &told[i], &number),
					 RESULT_OK);
			assert_int_equal(number, last + 1);
			last = number;
			from = i == 0 ? number : from;
		}
		for (uint32_t i = 0; i < 3000; i++) {
			struct contract_answer answer = answer_of(from + i, RESULT_OK);

			assert_int_equal(pending_answer(pending, &answer, &id), RESULT_OK);
			assert_int_equal(told[i].done, 1);
			assert_int_equal(pending_answer(pending, &answer, &id), RESULT_NOT_FOUND);
		}
	}
	pending_destroy(pending);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_find_their_requests_in_any_order),
		cmocka_unit_test(request_nobody_waits_for_is_named),
		cmocka_unit_test(records_come_before_the_answer),
		cmocka_unit_test(lost_connection_is_told_to_all_once),
		cmocka_unit_test(many_may_wait_and_numbers_go_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
