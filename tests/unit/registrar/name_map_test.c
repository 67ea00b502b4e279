#include "controlplane/registrar/name_map.h"

#include "tests/unit/shared/sip_check.h"

#define NODES 1000

static void nodes_are_found_by_their_whole_name_and_no_other(void **state)
{
	(void)state;
	static struct name_node nodes[NODES];
	static char names[NODES][16];
	struct name_map map;
	size_t seen = 0;

	assert_int_equal(name_map_init(&map, 12345), RESULT_OK);
	for (unsigned i = 0; i < NODES; i++) {
		int len = snprintf(names[i], sizeof(names[i]), "user-%u", i);

		name_map_add(&map, &nodes[i], slice_make(names[i], (size_t)len));
	}
	for (unsigned i = 0; i < NODES; i++)
		assert_ptr_equal(name_map_find(&map, text_slice(names[i])), &nodes[i]);
	assert_null(name_map_find(&map, SLICE("user-")));
	assert_null(name_map_find(&map, SLICE("")));
	assert_null(name_map_find(&map, SLICE("USER-1")));
	for (struct name_node *n = name_map_next(&map, NULL); n; n = name_map_next(&map, n))
		seen++;
	assert_int_equal(seen, NODES);
	for (unsigned i = 0; i < NODES; i += 2)
		name_map_remove(&map, &nodes[i]);
	for (unsigned i = 0; i < NODES; i++)
		assert_int_equal(name_map_find(&map, text_slice(names[i])) != NULL, i % 2);
	assert_int_equal(map.count, NODES / 2);
	name_map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_are_found_by_their_whole_name_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
