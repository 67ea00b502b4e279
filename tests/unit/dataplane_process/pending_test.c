#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dataplane/io/pending.h"
#include "tests/unit/dataplane_process/plane_kit.h"

struct ended {
	struct rte_mbuf *mbufs[PENDING_PACKETS];
	size_t count;
};

static void end(void *context, struct rte_mbuf *mbuf)
{
	struct ended *ended = context;

	ended->mbufs[ended->count++] = mbuf;
}

/* Packets here are only pointers: nothing looks inside. */
static struct rte_mbuf *mbuf_of(uintptr_t number)
{
	return (struct rte_mbuf *)(number * 64);
}

static void packets_wait_for_their_own_neighbour_in_order(void **state)
{
	static struct pending pending;
	struct contract_address a = plane_address("192.0.2.1", 0);
	struct contract_address b = plane_address("2001:db8::1", 0);
	struct ended ended = {0};

	(void)state;
	assert_int_equal(pending_add(&pending, 0, &a, mbuf_of(1), 0), RESULT_OK);
	assert_int_equal(pending_add(&pending, 0, &b, mbuf_of(2), 0), RESULT_OK);
	assert_int_equal(pending_add(&pending, 1, &a, mbuf_of(3), 0), RESULT_OK);
	assert_int_equal(pending_add(&pending, 0, &a, mbuf_of(4), 0), RESULT_OK);
	pending_release(&pending, 0, &a, end, &ended);
	assert_int_equal(ended.count, 2);
	assert_ptr_equal(ended.mbufs[0], mbuf_of(1));
	assert_ptr_equal(ended.mbufs[1], mbuf_of(4));
	pending_release(&pending, 0, &b, end, &ended);
	assert_ptr_equal(ended.mbufs[2], mbuf_of(2));
	pending_expire(&pending, UINT64_MAX, end, &ended);
	assert_int_equal(ended.count, 4);
	assert_int_equal(pending.count, 0);
}

static void they_do_not_wait_for_ever(void **state)
{
	static struct pending pending;
	struct contract_address a = plane_address("192.0.2.1", 0);
	struct ended ended = {0};

	(void)state;
	assert_int_equal(pending_add(&pending, 0, &a, mbuf_of(1), 100), RESULT_OK);
	assert_int_equal(pending_add(&pending, 0, &a, mbuf_of(2), 200), RESULT_OK);
	pending_expire(&pending, 99 + PENDING_MS, end, &ended);
	assert_int_equal(ended.count, 0);
	pending_expire(&pending, 100 + PENDING_MS, end, &ended);
	assert_int_equal(ended.count, 1);
	assert_ptr_equal(ended.mbufs[0], mbuf_of(1));
	pending_expire(&pending, 200 + PENDING_MS, end, &ended);
	assert_int_equal(ended.count, 2);
}

static void so_many_wait_for_one_neighbour_and_so_many_in_all(void **state)
{
	static struct pending pending;
	struct ended ended = {0};

	(void)state;
	for (size_t i = 0; i < PENDING_PACKETS + 100; i++) {
		struct contract_address address = plane_address("10.0.0.0", 0);
		bool fits = i < PENDING_PACKETS;

		address.bytes[3] = (uint8_t)(i / PENDING_PACKETS_PER_NEIGHBOUR);
		assert_int_equal(pending_add(&pending, 0, &address, mbuf_of(i + 1), 0),
				 fits ? RESULT_OK : RESULT_SPACE);
		if (fits && i % PENDING_PACKETS_PER_NEIGHBOUR == PENDING_PACKETS_PER_NEIGHBOUR - 1)
			assert_int_equal(pending_add(&pending, 0, &address, mbuf_of(1), 0),
					 RESULT_SPACE);
	}
	pending_expire(&pending, UINT64_MAX, end, &ended);
	assert_int_equal(ended.count, PENDING_PACKETS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_wait_for_their_own_neighbour_in_order),
		cmocka_unit_test(they_do_not_wait_for_ever),
		cmocka_unit_test(so_many_wait_for_one_neighbour_and_so_many_in_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
