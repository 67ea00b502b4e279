/*
 * The patent's call (P20) and its kin, hop by hop, as the example call has them: gateways A and
 * B in process, terminals played by the test. Each line of each hop byte for byte, but for opaque
 * values, of which one name is one value, and no two names are.
 *
 *	terminal 1 --1--> gateway A --2--> gateway B --3--> terminal 2
 *	           <--6--           <--5--           <--4--
 */
#ifndef SEKISHO_TESTS_UNIT_RULES_CALL_WORLD_H
#define SEKISHO_TESTS_UNIT_RULES_CALL_WORLD_H

#include "tests/unit/rules/gateway_kit.h"
#include "tests/unit/rules/opaque_names.h"

struct call_world {
	struct gateway_kit *a;
	struct gateway_kit *b;
	struct opaque_names names;
	unsigned hop; /* where the message in result stands; 0: it went no further */
	struct kit_result result;
	enum drop_reason reason;
};

/* CMocka's set-up and tear-down. */
int call_world_make(void **state);
int call_world_end(void **state);

#define CALL_TEST(name) cmocka_unit_test_setup_teardown(name, call_world_make, call_world_end)

/* What stands on this hop is what the page says: start line, and the lines of these headers. */
void call_expect(struct call_world *world, unsigned hop, const char *start, const char *own,
		 const char *common);
void call_expect_absorbed(struct call_world *world);

/* The gateway at the end of a hop gets the bytes. */
void call_deliver(struct call_world *world, unsigned hop, const char *bytes, size_t length);

/* A terminal sends what the page says on hop 1 or 4. */
void call_terminal_sends(struct call_world *world, unsigned hop, const char *start, const char *own,
			 const char *common);

/* What stands on hop 2 or 5 goes on to its gateway. */
void call_pass_on(struct call_world *world);

#endif
