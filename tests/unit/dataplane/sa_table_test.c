/* The table's life: made, deleted under readers, dumped, spent. (What goes in: sa_install_test.c.)
 */
#include "dataplane/tables/sa_table.h"

#include <rte_rcu_qsbr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/dataplane/esp_kit.h"

static struct sa_table *make(const struct sa_table_config *config)
{
	struct sa_table *table = NULL;

	assert_int_equal(sa_table_create(config, &table), RESULT_OK);
	return table;
}

static void put(struct sa_table *table, const struct kit_link *link)
{
	struct contract_sa sa;

	kit_sa(link, false, &sa);
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
}

static void impossible_configurations_are_refused(void **state)
{
	static const struct sa_table_config wrong[] = {
		{.capacity = 1, .workers = 1},
		{.capacity = (1u << 24) + 1, .workers = 1},
		{.capacity = 64, .workers = 0},
		{.capacity = 64, .workers = 1, .dscp = 64},
	};
	struct sa_table *table;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(sa_table_create(&wrong[i], &table), RESULT_BAD);
	assert_int_equal(sa_table_create(&(struct sa_table_config){.capacity = 64,
								   .workers = 1,
								   .state_path = "/no/where"},
					 &table),
			 RESULT_IO);
	sa_table_destroy(NULL);
}

static void the_largest_table_costs_nothing_until_it_is_used(void **state)
{
	struct sa_table_config config = {.capacity = 1u << 20, .workers = 1};
	struct sa_table *table = make(&config);
	struct kit_link link = kit_links[0];

	(void)state;
	link.index = (1u << 20) - 1;
	put(table, &link);
	assert_non_null(sa_table_find_in(table, SA_HANDLE(link.index, link.generation)));
	sa_table_destroy(table);
}

static void an_sa_pair_stays_under_3_kilobytes(void **state)
{
	(void)state;
	assert_true(sizeof(struct sa_in) + sizeof(struct sa_out) + sizeof(struct state_record) +
			    256 /* sa_info, subscriber */
		    <= 3 * 1024);
}

static void what_is_deleted_is_not_found_and_free_after_reclaim(void **state)
{
	struct sa_table *table = make(&(struct sa_table_config){.capacity = 64, .workers = 1});
	struct contract_sa sa;
	struct contract_sa_record record;
	uint32_t handle;
	static const struct esp_key zero;

	(void)state;
	put(table, &kit_links[0]);
	handle = SA_HANDLE(kit_links[0].index, kit_links[0].generation);
	assert_int_equal(table->live, 1);
	assert_non_null(sa_table_find_in(table, handle));
	assert_non_null(sa_table_find_out(table, handle));
	assert_int_equal(sa_table_delete(table, 5, 2), RESULT_NOT_FOUND);
	assert_int_equal(sa_table_delete(table, 0, 1), RESULT_NOT_FOUND);
	assert_int_equal(sa_table_delete(table, 64, 1), RESULT_NOT_FOUND);
	assert_int_equal(sa_table_delete(table, 5, 1), RESULT_OK);
	assert_int_equal(sa_table_delete(table, 5, 1), RESULT_NOT_FOUND);
	assert_null(sa_table_find_in(table, handle));
	assert_null(sa_table_find_out(table, handle));
	assert_int_equal(sa_table_dump(table, 5, &record), RESULT_NOT_FOUND);
	assert_true(sa_table_is_stale(table, handle));
	assert_false(sa_table_is_stale(table, handle + (1u << 24)));
	/* Not before it is reclaimed, and then under another generation, with other keys. */
	kit_sa(&kit_links[0], false, &sa);
	sa.generation = 9;
	sa.key_in[0] ^= 1;
	sa.key_out[0] ^= 1;
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	assert_int_equal(sa_table_reclaim(table), 0);
	assert_memory_equal(&table->in[5].key, &zero, sizeof(zero));
	assert_memory_equal(&table->out[5].key, &zero, sizeof(zero));
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_true(sa_table_is_stale(table, handle));
	assert_null(sa_table_find_in(table, handle));
	sa_table_destroy(table);
}

static void nothing_is_reclaimed_under_a_reader(void **state)
{
	size_t bytes = rte_rcu_qsbr_get_memsize(2);
	struct rte_rcu_qsbr *rcu = aligned_alloc(64, (bytes + 63) / 64 * 64);
	struct sa_table_config config = {.capacity = 64, .workers = 1, .rcu = rcu};
	struct sa_table *table;
	const struct sa_in *held;

	(void)state;
	assert_non_null(rcu);
	assert_int_equal(rte_rcu_qsbr_init(rcu, 2), 0);
	assert_int_equal(rte_rcu_qsbr_thread_register(rcu, 0), 0);
	rte_rcu_qsbr_thread_online(rcu, 0);
	table = make(&config);
	for (size_t i = 0; i < 3; i++)
		put(table, &kit_links[i]);
	held = sa_table_find_in(table, 0x01000005);
	assert_int_equal(sa_table_delete(table, 5, 1), RESULT_OK);
	assert_int_equal(sa_table_reclaim(table), 1);
	assert_int_equal(held->key.gcm.key_bytes, 16); /* still whole */
	rte_rcu_qsbr_quiescent(rcu, 0);
	assert_int_equal(sa_table_delete(table, 6, 2), RESULT_OK);
	/* The first is past its grace period, the second is not. */
	assert_int_equal(sa_table_reclaim(table), 1);
	assert_int_equal(held->key.gcm.key_bytes, 0);
	rte_rcu_qsbr_quiescent(rcu, 0);
	assert_int_equal(sa_table_reclaim(table), 0);
	assert_int_equal(sa_table_reclaim(table), 0);
	assert_int_equal(table->live, 1);
	sa_table_destroy(table);
	free(rcu);
}

static void a_dump_tells_the_keys_only_if_asked(void **state)
{
	static const uint8_t no_key[CONTRACT_SA_KEY_BYTES];
	struct contract_sa_record record;
	struct contract_sa sa;
	struct kit_ends ends;
	static struct kit_buffer buffer;
	struct esp_open_packet packet;

	(void)state;
	kit_ends_make(&ends, NULL);
	kit_ends_link(&ends, &kit_links[9]);
	for (int i = 0; i < 3; i++) {
		kit_buffer_fill(&buffer, "x", 1);
		assert_int_equal(kit_terminal_seal(&ends, &buffer), DROP_NONE);
		assert_int_equal(kit_gateway_open(&ends, &buffer, &packet), ESP_OPEN_PASS);
	}
	assert_int_equal(sa_table_dump(ends.gateway, kit_links[9].index, &record), RESULT_OK);
	assert_int_equal(record.packets_in, 3);
	assert_int_equal(record.highest_in, 3);
	assert_int_equal(record.last_in_s, 1000);
	assert_int_equal(record.next_out, 1);
	assert_int_equal(record.packets_out, 0);
	assert_memory_equal(record.sa.key_in, no_key, sizeof(no_key));
	assert_memory_equal(record.sa.key_out, no_key, sizeof(no_key));
	assert_int_equal(sa_table_dump(ends.terminal, kit_links[9].index, &record), RESULT_OK);
	assert_int_equal(record.packets_out, 3);
	assert_int_equal(record.next_out, 4);
	assert_true(record.bytes_out > 3 * 32);
	assert_int_equal(record.sa.path_bytes, PATH_MTU_BYTES);
	record.sa.path_bytes = 0;
	/* But for that and the keys it is what was put in. */
	kit_sa(&kit_links[9], true, &sa);
	struct contract_sa keyed = record.sa;

	sa_table_dump_keys(ends.terminal, &keyed);
	/* At least 16 bytes of key and 4 of salt, whatever the suite. */
	assert_memory_equal(keyed.key_in, sa.key_in, 20);
	assert_memory_equal(keyed.key_out, sa.key_out, 20);
	memset(sa.key_in, 0, sizeof(sa.key_in));
	memset(sa.key_out, 0, sizeof(sa.key_out));
	assert_memory_equal(&record.sa, &sa, sizeof(sa));
	assert_int_equal(sa_table_dump(ends.gateway, 0, &record), RESULT_NOT_FOUND);
	assert_int_equal(sa_table_dump(ends.gateway, 1, &record), RESULT_NOT_FOUND);
	assert_int_equal(sa_table_dump(ends.gateway, 64, &record), RESULT_NOT_FOUND);
	kit_ends_free(&ends);
}

static void hard_limits_of_time_packets_and_bytes_are_seen(void **state)
{
	struct sa_table *table = make(&(struct sa_table_config){.capacity = 64, .workers = 1});
	struct contract_sa sa;

	(void)state;
	kit_sa(&kit_links[0], false, &sa);
	sa.hard_expiry_s = 500;
	sa.hard_bytes = 1000;
	sa.hard_packets = 10;
	assert_false(sa_table_is_spent(table, sa.index, 1000));
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_false(sa_table_is_spent(table, sa.index, 499));
	assert_true(sa_table_is_spent(table, sa.index, 500));
	table->in[5].bytes = 1000;
	assert_true(sa_table_is_spent(table, sa.index, 1));
	table->in[5].bytes = 999;
	table->out[5].bytes = 1000;
	assert_true(sa_table_is_spent(table, sa.index, 1));
	table->out[5].bytes = 0;
	table->state.records[5].window.top = 9;
	assert_false(sa_table_is_spent(table, sa.index, 1));
	table->state.records[5].window.top = 10;
	assert_true(sa_table_is_spent(table, sa.index, 1));
	table->state.records[5].window.top = 0;
	table->out[5].next = 11;
	assert_true(sa_table_is_spent(table, sa.index, 1));
	sa_table_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_configurations_are_refused),
		cmocka_unit_test(the_largest_table_costs_nothing_until_it_is_used),
		cmocka_unit_test(an_sa_pair_stays_under_3_kilobytes),
		cmocka_unit_test(what_is_deleted_is_not_found_and_free_after_reclaim),
		cmocka_unit_test(nothing_is_reclaimed_under_a_reader),
		cmocka_unit_test(a_dump_tells_the_keys_only_if_asked),
		cmocka_unit_test(hard_limits_of_time_packets_and_bytes_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
