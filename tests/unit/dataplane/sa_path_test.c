/* What an SA knows of its way at once, because another of its owner has gone it. */
#include "dataplane/tables/sa_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/bounds.h"
#include "dataplane/tables/sa_info.h"
#include "dataplane/tables/sa_table.h"
#include "tests/unit/dataplane/esp_kit.h"

static struct sa_table *make(void)
{
	struct sa_table_config config = {.capacity = 512, .workers = 1};
	struct sa_table *table = NULL;

	assert_int_equal(sa_table_create(&config, &table), RESULT_OK);
	return table;
}

/* A tunnel in UDP; another one than any before. */
static struct contract_sa sa_of(uint32_t index)
{
	struct contract_sa sa;

	kit_sa(&kit_links[7], false, &sa);
	sa.index = index;
	sa.generation = 1;
	sa.spi_out = 0x1000 + index;
	memcpy(sa.key_in, &index, sizeof(index));
	memcpy(sa.key_out, &index, sizeof(index));
	strcpy(sa.subscriber, "user-a@abc.com");
	return sa;
}

static uint16_t path_after(struct sa_table *table, const struct contract_sa *sa)
{
	assert_int_equal(sa_table_put(table, sa), RESULT_OK);
	return table->out[sa->index].path_bytes;
}

static void learned(struct sa_table *table, uint32_t index, uint16_t bytes, uint32_t due_s)
{
	table->out[index].path_bytes = bytes;
	table->info[index].path_due_s = due_s;
}

static void the_next_sa_of_an_owner_on_a_way_begins_with_what_is_known_of_it(void **state)
{
	struct sa_table *table = make();
	struct contract_sa sa = sa_of(1);

	(void)state;
	assert_int_equal(path_after(table, &sa), PATH_MTU_BYTES);
	learned(table, 1, 1400, 77);
	sa = sa_of(2);
	assert_int_equal(path_after(table, &sa), 1400);
	assert_int_equal(table->info[2].path_due_s, 77);
	/* Of several the last one counts. */
	learned(table, 2, 1492, 99);
	sa = sa_of(3);
	assert_int_equal(path_after(table, &sa), 1492);
	assert_int_equal(table->info[3].path_due_s, 99);
	/* And when they are gone nothing is known. */
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(sa_table_delete(table, i, 1), RESULT_OK);
	sa = sa_of(4);
	assert_int_equal(path_after(table, &sa), PATH_MTU_BYTES);
	assert_int_equal(table->info[4].path_due_s, 0);
	sa_table_destroy(table);
}

static void who_follows_in_the_midst_of_a_question_asks_for_itself(void **state)
{
	struct sa_table *table = make();
	struct contract_sa sa = sa_of(1);

	(void)state;
	assert_int_equal(path_after(table, &sa), PATH_MTU_BYTES);
	learned(table, 1, 1400, 77);
	table->info[1].path_asked = 1500;
	table->info[1].path_asks = 2;
	sa = sa_of(2);
	assert_int_equal(path_after(table, &sa), 1400);
	assert_int_equal(table->info[2].path_asked, 0);
	assert_int_equal(table->info[2].path_asks, 0);
	assert_int_equal(table->info[2].path_due_s, 0);
	sa_table_destroy(table);
}

static void nothing_is_taken_from_another_owner_or_another_way(void **state)
{
	struct sa_table *table = make();
	struct contract_sa other[7];

	(void)state;
	for (uint32_t i = 0; i < 7; i++)
		other[i] = sa_of(10 + i);
	strcpy(other[0].subscriber, "user-b@abc.com");
	other[1].outer_remote.port++;
	other[2].outer_remote.bytes[3]++;
	other[3].outer_local.bytes[3]++;
	other[4].port++;
	other[5].owner_kind = CONTRACT_OWNER_PEER;
	other[6].directions = CONTRACT_SA_IN; /* sends nothing, learns nothing */
	for (uint32_t i = 0; i < 7; i++) {
		struct contract_sa sa = sa_of(1 + i);

		assert_int_equal(path_after(table, &other[i]), i < 6 ? PATH_MTU_BYTES : 0);
		table->out[10 + i].path_bytes = 1500;
		assert_int_equal(path_after(table, &sa), PATH_MTU_BYTES);
		assert_int_equal(sa_table_delete(table, 10 + i, 1), RESULT_OK);
		assert_int_equal(sa_table_delete(table, 1 + i, 1), RESULT_OK);
	}
	sa_table_destroy(table);
}

static void who_moves_forgets_its_way_unless_another_of_its_own_goes_there(void **state)
{
	struct sa_table *table = make();
	struct contract_sa one = sa_of(1), two = sa_of(2);
	struct contract_address home = one.outer_remote, away = home;

	(void)state;
	away.bytes[3]++;
	two.outer_remote = away;
	assert_int_equal(path_after(table, &one), PATH_MTU_BYTES);
	learned(table, 1, 1500, 77);
	assert_int_equal(sa_table_move(table, 1, 1, &away), RESULT_OK);
	assert_int_equal(table->out[1].path_bytes, PATH_MTU_BYTES);
	assert_int_equal(table->info[1].path_due_s, 0);
	/* It is no longer found where it was, but where it is. */
	learned(table, 1, 1492, 88);
	assert_int_equal(path_after(table, &two), 1492);
	assert_int_equal(sa_table_move(table, 2, 1, &home), RESULT_OK);
	assert_int_equal(table->out[2].path_bytes, PATH_MTU_BYTES);
	assert_int_equal(sa_table_move(table, 2, 1, &away), RESULT_OK);
	assert_int_equal(table->out[2].path_bytes, 1492);
	assert_int_equal(table->info[2].path_due_s, 88);
	sa_table_destroy(table);
}

static void so_many_are_looked_at_and_no_more(void **state)
{
	struct sa_table *table = make();
	struct contract_sa sa = sa_of(1);

	(void)state;
	assert_int_equal(path_after(table, &sa), PATH_MTU_BYTES);
	learned(table, 1, 1500, 77);
	for (uint32_t i = 2; i < 2 + PATH_MTU_SAME_OUTER; i++) {
		struct contract_sa other = sa_of(i);

		snprintf(other.subscriber, sizeof(other.subscriber), "user-%u@abc.com", i);
		assert_int_equal(path_after(table, &other), PATH_MTU_BYTES);
	}
	sa = sa_of(400);
	assert_int_equal(path_after(table, &sa), PATH_MTU_BYTES);
	assert_int_equal(sa_table_delete(table, 400, 1), RESULT_OK);
	assert_int_equal(sa_table_delete(table, 2, 1), RESULT_OK);
	sa = sa_of(401);
	assert_int_equal(path_after(table, &sa), 1500);
	sa_table_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_sa_of_an_owner_on_a_way_begins_with_what_is_known_of_it),
		cmocka_unit_test(who_follows_in_the_midst_of_a_question_asks_for_itself),
		cmocka_unit_test(nothing_is_taken_from_another_owner_or_another_way),
		cmocka_unit_test(who_moves_forgets_its_way_unless_another_of_its_own_goes_there),
		cmocka_unit_test(so_many_are_looked_at_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
