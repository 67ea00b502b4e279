/* controlplane/peers/strangers.c: what those who are nobody yet can make grow. */
#include "controlplane/peers/strangers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW_MS 1000000

/* Links that are only told apart. */
static char ends[STRANGERS_MAX + 1];

static struct link *link_of(unsigned i)
{
	return (struct link *)&ends[i];
}

static struct contract_address ipv4(uint8_t last)
{
	return (struct contract_address){.family = 4, .port = 4000, .bytes = {192, 0, 2, last}};
}

/* 2001:db8:0:network::host */
static struct contract_address ipv6(uint8_t network, uint8_t host)
{
	struct contract_address address = {.family = 6, .bytes = {0x20, 1, 0xd, 0xb8}};

	address.bytes[7] = network;
	address.bytes[15] = host;
	return address;
}

static int set_up(void **state)
{
	return strangers_create((struct strangers **)state) == RESULT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	strangers_destroy(*state);
	return 0;
}

static void add(struct strangers *s, unsigned i, struct contract_address source)
{
	assert_true(strangers_may_come(s, &source, NOW_MS));
	assert_true(strangers_have_room(s));
	strangers_add(s, link_of(i), &source);
}

static void a_source_has_so_many_and_no_more(void **state)
{
	struct strangers *s = *state;
	const struct contract_address source = ipv4(1), other = ipv4(2);

	for (unsigned i = 0; i < STRANGERS_PER_SOURCE; i++)
		add(s, i, source);
	assert_false(strangers_may_come(s, &source, NOW_MS));
	assert_true(strangers_may_come(s, &other, NOW_MS));
	assert_true(strangers_take_out(s, link_of(3)));
	assert_true(strangers_may_come(s, &source, NOW_MS));
}

static void the_addresses_of_one_ipv6_network_are_one_source(void **state)
{
	struct strangers *s = *state;
	const struct contract_address same = ipv6(1, 200), other = ipv6(2, 1);

	for (unsigned i = 0; i < STRANGERS_PER_SOURCE; i++)
		add(s, i, ipv6(1, (uint8_t)i));
	assert_false(strangers_may_come(s, &same, NOW_MS));
	assert_true(strangers_may_come(s, &other, NOW_MS));
}

static void when_all_places_are_taken_the_oldest_is_named(void **state)
{
	struct strangers *s = *state;

	for (unsigned i = 0; i < STRANGERS_MAX; i++)
		add(s, i, ipv4((uint8_t)i));
	assert_false(strangers_have_room(s));
	assert_ptr_equal(strangers_oldest(s), link_of(0));
	assert_true(strangers_fail(s, link_of(0), NOW_MS));
	assert_true(strangers_have_room(s));
	assert_ptr_equal(strangers_oldest(s), link_of(1));
	add(s, STRANGERS_MAX, ipv4(200));
	assert_ptr_equal(strangers_oldest(s), link_of(1));
}

static void who_is_known_or_gone_is_no_stranger_twice(void **state)
{
	struct strangers *s = *state;

	assert_null(strangers_oldest(s));
	add(s, 0, ipv4(1));
	assert_true(strangers_take_out(s, link_of(0)));
	assert_false(strangers_take_out(s, link_of(0)));
	assert_false(strangers_fail(s, link_of(0), NOW_MS));
	assert_null(strangers_oldest(s));
}

static void a_source_that_came_to_nothing_often_waits(void **state)
{
	struct strangers *s = *state;
	const struct contract_address source = ipv4(1), other = ipv4(2);

	for (unsigned i = 0; i < STRANGERS_BURST; i++) {
		add(s, 0, source);
		assert_true(strangers_fail(s, link_of(0), NOW_MS));
	}
	assert_false(strangers_may_come(s, &source, NOW_MS));
	assert_true(strangers_may_come(s, &other, NOW_MS));
	assert_false(strangers_may_come(s, &source, NOW_MS + STRANGERS_INTERVAL_MS - 1));
	assert_true(strangers_may_come(s, &source, NOW_MS + STRANGERS_INTERVAL_MS));
}

static void who_proves_himself_may_come_as_often_as_he_likes(void **state)
{
	struct strangers *s = *state;

	for (unsigned i = 0; i < 4 * STRANGERS_BURST; i++) {
		add(s, 0, ipv4(1));
		assert_true(strangers_take_out(s, link_of(0)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_source_has_so_many_and_no_more, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_addresses_of_one_ipv6_network_are_one_source,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(when_all_places_are_taken_the_oldest_is_named,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_known_or_gone_is_no_stranger_twice, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_source_that_came_to_nothing_often_waits, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(who_proves_himself_may_come_as_often_as_he_likes,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
