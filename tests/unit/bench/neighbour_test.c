#include "tests/unit/bench/cmocka_setup.h"

#include <rte_ip.h>
#include <string.h>

#include "bench/loadgen/neighbour.h"

static const struct rte_ether_addr gateway_mac = {{2, 0xaa, 0, 0, 0, 9}};

/* Two of them, each other's gateway. */
static void pair_make(uint8_t family, struct neighbour *us, struct neighbour *them)
{
	struct contract_address router = {.family = family, .bytes = {10, 255, 0, 2, [15] = 1}};
	struct contract_address gateway = {.family = family, .bytes = {10, 255, 0, 1, [15] = 0x60}};

	if (family == 4)
		router.bytes[15] = gateway.bytes[15] = 0;
	*us = (struct neighbour){.own = {{2, 0, 0, 0, 0, 1}}, .router = router, .gateway = gateway};
	*them = (struct neighbour){.own = gateway_mac, .router = gateway, .gateway = router};
}

static void question_and_answer_meet(uint8_t family)
{
	uint8_t question[NEIGHBOUR_FRAME_BYTES], answer[NEIGHBOUR_FRAME_BYTES],
		none[NEIGHBOUR_FRAME_BYTES];
	struct neighbour us, them;
	size_t length, answer_length;

	pair_make(family, &us, &them);
	length = neighbour_ask(&us, question);
	assert_true(neighbour_is_frame(question, length));
	answer_length = neighbour_take(&them, question, length, answer);
	assert_true(answer_length > 0);
	assert_true(them.is_known);
	assert_memory_equal(&them.gateway_mac, &us.own, 6);
	assert_int_equal(neighbour_take(&us, answer, answer_length, none), 0);
	assert_true(us.is_known);
	assert_memory_equal(&us.gateway_mac, &gateway_mac, 6);
}

static void arp_questions_and_answers_meet(void **state)
{
	(void)state;
	question_and_answer_meet(4);
}

static void discovery_questions_and_answers_meet(void **state)
{
	(void)state;
	question_and_answer_meet(6);
}

static void discovery_is_as_the_rfc_says(void **state)
{
	uint8_t frame[NEIGHBOUR_FRAME_BYTES];
	struct neighbour us, them;

	(void)state;
	pair_make(6, &us, &them);
	assert_int_equal(neighbour_ask(&us, frame), NEIGHBOUR_FRAME_BYTES);
	assert_memory_equal(frame, "\x33\x33\xff\0\0\x60", 6);
	assert_int_equal(frame[14 + 7], 255);	  /* hop limit */
	assert_int_equal(frame[14 + 24], 0xff);	  /* to the solicited-node group */
	assert_int_equal(frame[14 + 40], 135);	  /* solicitation */
	assert_int_equal(frame[14 + 40 + 24], 1); /* source link-layer address */
	assert_int_equal(rte_ipv6_udptcp_cksum_verify((void *)(frame + 14), frame + 54), 0);
}

static void questions_for_another_address_are_not_answered(void **state)
{
	uint8_t question[NEIGHBOUR_FRAME_BYTES], answer[NEIGHBOUR_FRAME_BYTES];
	struct neighbour us, them;

	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		size_t length;

		pair_make(family, &us, &them);
		us.gateway.bytes[family == 4 ? 3 : 15] ^= 8;
		length = neighbour_ask(&us, question);
		assert_int_equal(neighbour_take(&them, question, length, answer), 0);
	}
}

static void other_frames_and_cut_ones_are_no_affair_of_this(void **state)
{
	uint8_t question[NEIGHBOUR_FRAME_BYTES], answer[NEIGHBOUR_FRAME_BYTES];
	struct neighbour us, them;

	(void)state;
	for (uint8_t family = 4; family <= 6; family += 2) {
		size_t length, least = family == 4 ? 42 : 78;

		pair_make(family, &us, &them);
		length = neighbour_ask(&us, question);
		for (size_t cut = 0; cut < least; cut++) {
			assert_false(neighbour_is_frame(question, cut));
			assert_int_equal(neighbour_take(&them, question, cut, answer), 0);
		}
		question[12] ^= 1;
		assert_false(neighbour_is_frame(question, length));
		assert_false(them.is_known);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arp_questions_and_answers_meet),
		cmocka_unit_test(discovery_questions_and_answers_meet),
		cmocka_unit_test(discovery_is_as_the_rfc_says),
		cmocka_unit_test(questions_for_another_address_are_not_answered),
		cmocka_unit_test(other_frames_and_cut_ones_are_no_affair_of_this),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
