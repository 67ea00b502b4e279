/* SAs whose other side has proved that it is somewhere else now. */
#include <arpa/inet.h>
#include <rte_rcu_qsbr.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dataplane/tables/sa_table.h"
#include "tests/unit/dataplane/esp_kit.h"

static struct sa_table *make(struct rte_rcu_qsbr *rcu)
{
	struct sa_table_config config = {.capacity = 64, .workers = 1, .dscp = 24, .rcu = rcu};
	struct sa_table *table = NULL;

	assert_int_equal(sa_table_create(&config, &table), RESULT_OK);
	return table;
}

static struct rte_rcu_qsbr *reader_make(void)
{
	size_t bytes = rte_rcu_qsbr_get_memsize(1);
	struct rte_rcu_qsbr *rcu = aligned_alloc(64, (bytes + 63) / 64 * 64);

	assert_non_null(rcu);
	assert_int_equal(rte_rcu_qsbr_init(rcu, 1), 0);
	assert_int_equal(rte_rcu_qsbr_thread_register(rcu, 0), 0);
	rte_rcu_qsbr_thread_online(rcu, 0);
	return rcu;
}

static void readers_are_turned_to_the_new_address_and_never_disturbed(void **state)
{
	struct rte_rcu_qsbr *rcu = reader_make();
	struct sa_table *table = make(rcu);
	struct contract_sa sa;
	struct contract_sa_record record;
	const struct sa_out *out;
	uint64_t tag;

	(void)state;
	kit_sa(&kit_links[7], false, &sa);
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	out = &table->out[sa.index];
	tag = table->in[sa.index].outer_tag;
	sa.outer_remote.bytes[3] = 99;
	assert_int_equal(sa_table_move(table, sa.index, sa.generation, &sa.outer_remote), RESULT_OK);
	assert_int_equal(out->outer_slot, 1);
	assert_int_equal(out->outer[0].header[19], 2); /* a reader in it is not disturbed */
	assert_int_equal(out->outer[1].header[19], 99);
	assert_memory_equal(out->outer[1].header + 12, out->outer[0].header + 12, 4);
	assert_memory_equal(out->outer[1].header + 20, out->outer[0].header + 20, 4);
	assert_int_equal(out->outer[1].header[1], 24 << 2);
	assert_int_not_equal(table->in[sa.index].outer_tag, tag);
	assert_int_equal(sa_table_dump(table, sa.index, &record), RESULT_OK);
	assert_memory_equal(&record.sa.outer_remote, &sa.outer_remote, sizeof(sa.outer_remote));
	/* Not again before every worker has let go of the first slot. */
	sa.outer_remote.port = 4711;
	assert_int_equal(sa_table_move(table, sa.index, sa.generation, &sa.outer_remote),
			 RESULT_MORE);
	assert_int_equal(out->outer_slot, 1);
	rte_rcu_qsbr_quiescent(rcu, 0);
	assert_int_equal(sa_table_move(table, sa.index, sa.generation, &sa.outer_remote), RESULT_OK);
	assert_int_equal(out->outer_slot, 0);
	assert_memory_equal(out->outer[0].header + 22, &(uint16_t){htons(4711)}, 2);
	/* To where it is already: nothing happens. */
	assert_int_equal(sa_table_move(table, sa.index, sa.generation, &sa.outer_remote), RESULT_OK);
	assert_int_equal(out->outer_slot, 0);
	sa_table_destroy(table);
	free(rcu);
}

static void only_a_live_tunnel_of_that_family_moves(void **state)
{
	struct sa_table *table = make(NULL);
	struct contract_sa sa, transport;
	struct contract_address elsewhere;

	(void)state;
	kit_sa(&kit_links[0], false, &transport);
	assert_int_equal(sa_table_put(table, &transport), RESULT_OK);
	elsewhere = transport.outer_remote;
	elsewhere.bytes[3]++;
	assert_int_equal(
		sa_table_move(table, transport.index, transport.generation, &elsewhere),
		RESULT_NOT_FOUND);
	kit_sa(&kit_links[10], false, &sa);
	assert_int_equal(sa_table_put(table, &sa), RESULT_OK);
	assert_int_equal(sa_table_move(table, sa.index, sa.generation, &elsewhere),
			 RESULT_NOT_FOUND);
	elsewhere = sa.outer_remote;
	elsewhere.bytes[15]++;
	assert_int_equal(sa_table_move(table, sa.index, (uint8_t)(sa.generation - 1), &elsewhere),
			 RESULT_NOT_FOUND);
	assert_int_equal(sa_table_move(table, 0, 0, &elsewhere), RESULT_NOT_FOUND);
	assert_int_equal(sa_table_move(table, 64, 1, &elsewhere), RESULT_NOT_FOUND);
	assert_int_equal(sa_table_delete(table, sa.index, sa.generation), RESULT_OK);
	assert_int_equal(sa_table_move(table, sa.index, sa.generation, &elsewhere),
			 RESULT_NOT_FOUND);
	sa_table_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_are_turned_to_the_new_address_and_never_disturbed),
		cmocka_unit_test(only_a_live_tunnel_of_that_family_moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
