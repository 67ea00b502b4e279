/* sa_table_put(): what is let in, what changes a live SA, and what a refill may resume. */
#include <arpa/inet.h>
#include <rte_rcu_qsbr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/tables/sa_table.h"
#include "tests/unit/dataplane/esp_kit.h"

static struct sa_table *make(const char *path, struct rte_rcu_qsbr *rcu)
{
	struct sa_table_config config = {
		.capacity = 64, .workers = 2, .state_path = path, .rcu = rcu};
	struct sa_table *table = NULL;

	assert_int_equal(sa_table_create(&config, &table), RESULT_OK);
	return table;
}

static struct contract_sa good(void)
{
	struct contract_sa sa;

	kit_sa(&kit_links[0], false, &sa);
	return sa;
}

#define REFUSED(change)                                                                            \
	do {                                                                                       \
		struct contract_sa sa = good();                                                    \
                                                                                                   \
		change;                                                                            \
		assert_int_equal(sa_table_put(table, &sa), RESULT_BAD);                            \
	} while (0)

static void fields_out_of_range_are_refused(void **state)
{
	struct sa_table *table = make(NULL, NULL);
	struct contract_sa right = good();

	(void)state;
	REFUSED(sa.index = 0);
	REFUSED(sa.index = 64);
	REFUSED(sa.index = UINT32_MAX);
	REFUSED(sa.generation = 0);
	REFUSED(sa.directions = 0);
	REFUSED(sa.directions = 4);
	REFUSED(sa.directions = 7);
	REFUSED(sa.owner_kind = 0);
	REFUSED(sa.owner_kind = 3);
	REFUSED(sa.suite = 0);
	REFUSED(sa.suite = ESP_SUITE_MAX + 1);
	REFUSED(sa.suite = 255);
	REFUSED(sa.mode = 0);
	REFUSED(sa.mode = 5);
	REFUSED(sa.level = 1);
	REFUSED(sa.level = 2); /* not what the suite is worth */
	REFUSED(sa.suite = CONTRACT_SUITE_NULL_AES_128_GMAC_16);
	REFUSED(sa.suite = CONTRACT_SUITE_NULL_HMAC_SHA_256_128);
	REFUSED(sa.level = 4);
	REFUSED(sa.worker = 2);
	REFUSED(sa.spi_out = 255);
	REFUSED(sa.inner_local.family = 0);
	REFUSED(sa.inner_local.family = 6);
	REFUSED(sa.outer_remote.family = 6);
	REFUSED(sa.outer_remote.bytes[3]++);
	REFUSED(sa.outer_local.bytes[0]++);
	REFUSED(sa.inner_remote.port = 0);
	REFUSED(sa.inner_local.port = 0);
	REFUSED((sa.mode = CONTRACT_UDP_TRANSPORT, sa.outer_remote.port = 0));
	REFUSED((sa.mode = CONTRACT_UDP_TUNNEL, sa.outer_local.port = 0));
	assert_int_equal(table->live, 0);
	assert_int_equal(sa_table_put(table, &right), RESULT_OK);
	sa_table_destroy(table);
}

static void the_inbound_half_says_what_the_path_needs(void **state)
{
	struct sa_table *table = make(NULL, NULL);
	struct contract_sa sa = good();
	const struct sa_in *in;

	(void)state;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	in = sa_table_find_in(table, SA_HANDLE(sa.index, sa.generation));
	assert_non_null(in);
	assert_int_equal(in->level, 3);
	assert_int_equal(in->port, 1);
	assert_int_equal(in->owner_kind, CONTRACT_OWNER_TERMINAL);
	assert_int_equal(in->owner, UINT64_C(3) << 32 | 77);
	assert_int_equal(in->flags, SA_IS_INNER_IPV4);
	assert_int_equal(in->inner_remote_port_be16, htons(5062));
	assert_int_equal(in->inner_local_port_be16, htons(5060));
	assert_true(esp_engine_key_is_from(table->engine, esp_suite_get(sa.suite), &in->key,
					   sa.key_in));
	sa_table_destroy(table);
}

static void a_one_way_sa_has_one_half(void **state)
{
	struct sa_table *table = make(NULL, NULL);
	struct contract_sa sa = good();
	uint32_t handle = SA_HANDLE(sa.index, sa.generation);

	(void)state;
	sa.owner_kind = CONTRACT_OWNER_PEER;
	sa.directions = CONTRACT_SA_IN;
	sa.spi_out = 0;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_non_null(sa_table_find_in(table, handle));
	assert_null(sa_table_find_out(table, handle));
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	sa = good();
	sa.index = 6;
	sa.directions = CONTRACT_SA_OUT;
	handle = SA_HANDLE(sa.index, sa.generation);
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_null(sa_table_find_in(table, handle));
	assert_non_null(sa_table_find_out(table, handle));
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_int_equal(sa_table_delete(table, 6, sa.generation), RESULT_OK);
	assert_int_equal(sa_table_reclaim(table), 0);
	sa_table_destroy(table);
}

static void a_taken_index_is_not_given_to_another_sa(void **state)
{
	struct sa_table *table = make(NULL, NULL);
	struct contract_sa sa = good();

	(void)state;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	sa.generation++;
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	sa = good();
	sa.key_in[3] ^= 1;
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	sa = good();
	sa.key_out[19] ^= 1;
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	sa = good();
	sa.spi_out++;
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	sa = good();
	sa.worker = 1;
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	sa = good();
	sa.inner_remote.port++;
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	assert_int_equal(table->live, 1);
	sa_table_destroy(table);
}

static void neither_generation_nor_keys_come_back_after_a_deletion(void **state)
{
	struct sa_table *table = make(NULL, NULL);
	struct contract_sa sa = good();

	(void)state;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_int_equal(sa_table_delete(table, sa.index, sa.generation), RESULT_OK);
	assert_int_equal(sa_table_reclaim(table), 0);
	/* The same generation, other keys: late packets would meet the wrong SA. */
	sa.key_in[0] ^= 1;
	sa.key_out[0] ^= 1;
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	/* Another generation, one of the old keys: its numbers would be used again. */
	sa.generation++;
	sa.key_out[0] ^= 1;
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	sa.key_out[0] ^= 1;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	sa_table_destroy(table);
}

static void a_live_sa_is_bound_to_its_registration_without_losing_its_numbers(void **state)
{
	struct sa_table *table = make(NULL, NULL);
	struct contract_sa sa = good();
	uint32_t handle = SA_HANDLE(sa.index, sa.generation);

	(void)state;
	sa.owner_index = 0;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_int_equal((uint32_t)sa_table_find_in(table, handle)->owner, 0);
	table->out[sa.index].next = 1234;
	replay_update(&table->state.records[sa.index].window, 99);
	sa.owner_index = 42;
	sa.owner_generation = 7;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_int_equal(sa_table_find_in(table, handle)->owner, UINT64_C(7) << 32 | 42);
	assert_int_equal(table->out[sa.index].next, 1234);
	assert_int_equal(table->state.records[sa.index].window.top, 99);
	assert_int_equal(table->live, 1);
	sa_table_destroy(table);
}

static void where_the_other_side_is_stays_as_the_data_plane_knows_it(void **state)
{
	struct sa_table *table = make(NULL, NULL);
	struct contract_sa sa;
	struct contract_sa_record record;
	uint64_t tag;

	(void)state;
	kit_sa(&kit_links[7], false, &sa);
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	tag = table->in[sa.index].outer_tag;
	sa.outer_remote.bytes[3] = 99;
	sa.owner_index = 78;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_int_equal(table->out[sa.index].outer_slot, 0);
	assert_int_equal(table->in[sa.index].outer_tag, tag);
	assert_int_equal(sa_table_dump(table, sa.index, &record), RESULT_OK);
	assert_int_equal(record.sa.outer_remote.bytes[3], 2);
	assert_int_equal(record.sa.owner_index, 78);
	sa_table_destroy(table);
}

static void a_refill_carries_on_or_is_refused(void **state)
{
	char path[] = "/tmp/sekisho-install-test-XXXXXX";
	int fd = mkstemp(path);
	struct contract_sa sa = good();
	struct sa_table *table;
	struct state_record *record;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	/* Never seen: not as a refill. */
	table = make(path, NULL);
	sa.is_refill = 1;
	assert_int_equal(sa_table_put(table, &sa), RESULT_NOT_FOUND);
	assert_int_equal(table->live, 0);
	sa.is_refill = 0;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	record = sa_table_record(table, sa.index);
	state_record_reserve(record, 5, &table->out[sa.index].reserved);
	replay_update(&record->window, 1000);
	sa_table_destroy(table);
	/* The next process: only as a refill, and it goes on behind what was reserved. */
	table = make(path, NULL);
	assert_int_equal(sa_table_put(table, &sa), RESULT_EXISTS);
	sa.is_refill = 1;
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_int_equal(table->out[sa.index].next, 5 + STATE_RESERVE_NUMBERS);
	record = sa_table_record(table, sa.index);
	assert_int_equal(replay_check(&record->window, 1000), RESULT_EXISTS);
	/* Again, live: nothing changes. */
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_int_equal(table->out[sa.index].next, 5 + STATE_RESERVE_NUMBERS);
	record->window.sum ^= 1;
	sa_table_destroy(table);
	/* Damaged: refused, whatever is said of it. */
	table = make(path, NULL);
	assert_int_equal(sa_table_put(table, &sa), RESULT_STALE);
	sa.generation++;
	assert_int_equal(sa_table_put(table, &sa), RESULT_STALE);
	assert_int_equal(table->live, 0);
	sa_table_destroy(table);
	unlink(path);
}

static void ownership_of_a_subscriber_name_of_full_length_is_kept(void **state)
{
	struct sa_table *table = make(NULL, NULL);
	struct contract_sa sa = good();
	struct contract_sa_record record;

	(void)state;
	memset(sa.subscriber, 'x', sizeof(sa.subscriber) - 1);
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_int_equal(sa_table_dump(table, sa.index, &record), RESULT_OK);
	assert_memory_equal(record.sa.subscriber, sa.subscriber, sizeof(sa.subscriber));
	sa_table_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_out_of_range_are_refused),
		cmocka_unit_test(the_inbound_half_says_what_the_path_needs),
		cmocka_unit_test(a_one_way_sa_has_one_half),
		cmocka_unit_test(a_taken_index_is_not_given_to_another_sa),
		cmocka_unit_test(neither_generation_nor_keys_come_back_after_a_deletion),
		cmocka_unit_test(a_live_sa_is_bound_to_its_registration_without_losing_its_numbers),
		cmocka_unit_test(where_the_other_side_is_stays_as_the_data_plane_knows_it),
		cmocka_unit_test(a_refill_carries_on_or_is_refused),
		cmocka_unit_test(ownership_of_a_subscriber_name_of_full_length_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
