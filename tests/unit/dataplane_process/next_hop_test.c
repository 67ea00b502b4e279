#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_malloc.h>
#include <rte_rcu_qsbr.h>

#include "dataplane/io/next_hop.h"
#include "tests/unit/dataplane_process/plane_kit.h"

static const struct rte_ether_addr mac_a = {{2, 0, 0, 0, 0, 0xa}};
static const struct rte_ether_addr mac_b = {{2, 0, 0, 0, 0, 0xb}};

static struct next_hop_table *make(struct rte_rcu_qsbr *rcu)
{
	struct next_hop_table *table;

	assert_int_equal(next_hop_table_create(rcu, 0, &table), RESULT_OK);
	return table;
}

static struct next_hop_route route(const char *prefix, uint8_t bits, const char *gateway,
				   uint32_t metric, uint8_t port)
{
	struct next_hop_route made = {
		.prefix = plane_address(prefix, 0), .bits = bits, .metric = metric, .port = port};

	if (gateway)
		made.gateway = plane_address(gateway, 0);
	return made;
}

static void add(struct next_hop_table *table, struct next_hop_route made)
{
	assert_int_equal(next_hop_route_add(table, &made), RESULT_OK);
}

struct found {
	enum result result;
	struct contract_address neighbour;
	struct rte_ether_addr mac;
};

static struct found find(const struct next_hop_table *table, uint8_t port, const char *destination)
{
	struct contract_address address = plane_address(destination, 5060);
	struct found found = {0};

	found.result = next_hop_find(table, port, &address, &found.neighbour, &found.mac);
	return found;
}

static void check_neighbour(struct found found, enum result result, const char *neighbour)
{
	struct contract_address expected = plane_address(neighbour, 0);

	assert_int_equal(found.result, result);
	assert_memory_equal(&found.neighbour, &expected, sizeof(expected));
}

static void the_longest_prefix_wins_then_the_lowest_metric(void **state)
{
	struct next_hop_table *table = make(NULL);

	(void)state;
	add(table, route("0.0.0.0", 0, "192.0.2.1", 10, 0));
	add(table, route("198.51.100.0", 24, "192.0.2.2", 10, 0));
	add(table, route("198.51.100.128", 25, "192.0.2.3", 20, 0));
	add(table, route("198.51.100.128", 25, "192.0.2.4", 5, 0));
	add(table, route("192.0.2.0", 24, NULL, 0, 0));
	assert_true(next_hop_publish(table));
	check_neighbour(find(table, 0, "203.0.113.1"), RESULT_MORE, "192.0.2.1");
	check_neighbour(find(table, 0, "198.51.100.1"), RESULT_MORE, "192.0.2.2");
	check_neighbour(find(table, 0, "198.51.100.200"), RESULT_MORE, "192.0.2.4");
	check_neighbour(find(table, 0, "192.0.2.77"), RESULT_MORE, "192.0.2.77");
	next_hop_table_destroy(table);
}

static void prefixes_end_inside_bytes_and_families_do_not_mix(void **state)
{
	struct next_hop_table *table = make(NULL);

	(void)state;
	add(table, route("2001:db8:8000::", 33, "fe80::1", 0, 0));
	add(table, route("2001:db8::1", 128, NULL, 0, 0));
	add(table, route("0.0.0.0", 0, "192.0.2.1", 0, 0));
	assert_true(next_hop_publish(table));
	check_neighbour(find(table, 0, "2001:db8:ffff::1"), RESULT_MORE, "fe80::1");
	assert_int_equal(find(table, 0, "2001:db8:7fff::1").result, RESULT_NOT_FOUND);
	check_neighbour(find(table, 0, "2001:db8::1"), RESULT_MORE, "2001:db8::1");
	next_hop_table_destroy(table);
}

static void a_route_counts_for_its_port_only(void **state)
{
	struct next_hop_table *table = make(NULL);

	(void)state;
	add(table, route("0.0.0.0", 0, "192.0.2.1", 0, 1));
	assert_true(next_hop_publish(table));
	assert_int_equal(find(table, 0, "203.0.113.1").result, RESULT_NOT_FOUND);
	check_neighbour(find(table, 1, "203.0.113.1"), RESULT_MORE, "192.0.2.1");
	next_hop_table_destroy(table);
}

static void a_neighbour_is_found_changed_and_lost(void **state)
{
	struct next_hop_table *table = make(NULL);
	struct contract_address router = plane_address("192.0.2.1", 0);
	struct found found;

	(void)state;
	add(table, route("0.0.0.0", 0, "192.0.2.1", 0, 0));
	assert_true(next_hop_publish(table));
	assert_int_equal(next_hop_neighbour_set(table, 0, &router, &mac_a), RESULT_OK);
	found = find(table, 0, "203.0.113.1");
	assert_int_equal(found.result, RESULT_OK);
	assert_memory_equal(&found.mac, &mac_a, sizeof(mac_a));
	assert_int_equal(next_hop_neighbour_set(table, 0, &router, &mac_b), RESULT_OK);
	found = find(table, 0, "203.0.113.1");
	assert_memory_equal(&found.mac, &mac_b, sizeof(mac_b));
	next_hop_neighbour_clear(table, 0, &router);
	assert_int_equal(find(table, 0, "203.0.113.1").result, RESULT_MORE);
	next_hop_neighbour_clear(table, 0, &router);
	next_hop_table_destroy(table);
}

static void a_route_that_goes_gives_way_to_the_next(void **state)
{
	struct next_hop_table *table = make(NULL);
	struct next_hop_route narrow = route("198.51.100.0", 24, "192.0.2.2", 0, 0);

	(void)state;
	add(table, route("0.0.0.0", 0, "192.0.2.1", 0, 0));
	add(table, narrow);
	add(table, narrow);
	assert_int_equal(next_hop_route_delete(table, &narrow), RESULT_OK);
	assert_int_equal(next_hop_route_delete(table, &narrow), RESULT_NOT_FOUND);
	assert_true(next_hop_publish(table));
	check_neighbour(find(table, 0, "198.51.100.1"), RESULT_MORE, "192.0.2.1");
	next_hop_routes_clear(table);
	assert_true(next_hop_publish(table));
	assert_int_equal(find(table, 0, "198.51.100.1").result, RESULT_NOT_FOUND);
	next_hop_table_destroy(table);
}

/* What a reader may still be looking at is not written over. */
static void a_reader_that_has_not_passed_holds_the_next_picture_back(void **state)
{
	struct rte_rcu_qsbr *rcu =
		rte_zmalloc("rcu", rte_rcu_qsbr_get_memsize(1), RTE_CACHE_LINE_SIZE);
	struct next_hop_table *table;

	(void)state;
	assert_non_null(rcu);
	assert_int_equal(rte_rcu_qsbr_init(rcu, 1), 0);
	table = make(rcu);
	assert_int_equal(rte_rcu_qsbr_thread_register(rcu, 0), 0);
	rte_rcu_qsbr_thread_online(rcu, 0);
	add(table, route("0.0.0.0", 0, "192.0.2.1", 0, 0));
	assert_true(next_hop_publish(table));
	add(table, route("198.51.100.0", 24, "192.0.2.2", 0, 0));
	assert_false(next_hop_publish(table));
	check_neighbour(find(table, 0, "198.51.100.1"), RESULT_MORE, "192.0.2.1");
	rte_rcu_qsbr_quiescent(rcu, 0);
	assert_true(next_hop_publish(table));
	check_neighbour(find(table, 0, "198.51.100.1"), RESULT_MORE, "192.0.2.2");
	next_hop_table_destroy(table);
	rte_free(rcu);
}

static void routes_beyond_the_bound_are_refused(void **state)
{
	struct next_hop_table *table = make(NULL);
	struct next_hop_route one;
	char prefix[32];

	(void)state;
	for (unsigned i = 0; i < NEXT_HOP_ROUTES; i++) {
		snprintf(prefix, sizeof(prefix), "10.%u.%u.0", i / 256, i % 256);
		add(table, route(prefix, 24, "192.0.2.1", 0, 0));
	}
	one = route("172.16.0.0", 24, "192.0.2.1", 0, 0);
	assert_int_equal(next_hop_route_add(table, &one), RESULT_SPACE);
	next_hop_table_destroy(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_wins_then_the_lowest_metric),
		cmocka_unit_test(prefixes_end_inside_bytes_and_families_do_not_mix),
		cmocka_unit_test(a_route_counts_for_its_port_only),
		cmocka_unit_test(a_neighbour_is_found_changed_and_lost),
		cmocka_unit_test(a_route_that_goes_gives_way_to_the_next),
		cmocka_unit_test(a_reader_that_has_not_passed_holds_the_next_picture_back),
		cmocka_unit_test(routes_beyond_the_bound_are_refused),
	};

	return cmocka_run_group_tests(tests, plane_kit_eal_begin, plane_kit_eal_end);
}
