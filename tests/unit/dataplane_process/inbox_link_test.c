#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/inbox/link.h"
#include "tests/unit/dataplane_process/inbox_kit.h"

static void packet_add(struct contract_packet *packet, uint32_t request)
{
	struct contract_sa sa = plane_sa(20 + request, 1, 0); /* free in this kit */

	contract_header_set(&sa.header, CONTRACT_SA_PUT, sizeof(sa), request);
	memcpy(contract_packet_room(packet, sizeof(sa)), &sa, sizeof(sa));
	contract_packet_take(packet, sizeof(sa));
}

static void requests_of_one_packet_are_answered_one_by_one_in_one(void **state)
{
	static struct contract_packet packet;
	struct inbox_kit *fixture = inbox_kit_make(state);
	const struct contract_answer *answer;

	packet.length = 0;
	for (uint32_t i = 1; i <= 40; i++)
		packet_add(&packet, i);
	inbox_kit_hello(fixture);
	fixture->packets = 0;
	inbox_kit_send(fixture, packet.bytes, packet.length);
	for (uint32_t i = 1; i <= 40; i++) {
		answer = (const void *)inbox_kit_read(fixture);
		assert_int_equal(answer->header.request, i);
		assert_int_equal(answer->result, RESULT_OK);
	}
	assert_null(inbox_kit_read(fixture));
	assert_int_equal(fixture->packets, 1);
	assert_int_equal(fixture->sas_put, 40);
	inbox_kit_end(fixture);
}

static void what_follows_a_request_and_is_none_is_answered_too(void **state)
{
	static struct contract_packet packet;
	struct inbox_kit *fixture = inbox_kit_make(state);
	const struct contract_answer *answer;

	packet.length = 0;
	packet_add(&packet, 1);
	memset(contract_packet_room(&packet, 30), 'x', 30);
	contract_packet_take(&packet, 30);
	inbox_kit_hello(fixture);
	inbox_kit_send(fixture, packet.bytes, packet.length);
	answer = (const void *)inbox_kit_read(fixture);
	assert_int_equal(answer->header.request, 1);
	assert_int_equal(answer->result, RESULT_OK);
	answer = (const void *)inbox_kit_read(fixture);
	assert_int_equal(answer->header.request, 0);
	assert_int_equal(answer->result, RESULT_BAD);
	assert_null(inbox_kit_read(fixture));
	inbox_kit_end(fixture);
}

static void a_packet_that_is_too_long_ends_the_connection(void **state)
{
	static uint8_t packet[CONTRACT_PACKET_BYTES + 100];
	struct inbox_kit *fixture = inbox_kit_make(state);

	inbox_kit_hello(fixture);
	inbox_kit_send(fixture, packet, sizeof(packet));
	assert_int_equal(inbox_client_fd(fixture->inbox), -1);
	close(fixture->client);
	fixture->client = inbox_kit_connect(fixture);
	inbox_kit_hello(fixture);
	inbox_kit_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_of_one_packet_are_answered_one_by_one_in_one),
		cmocka_unit_test(what_follows_a_request_and_is_none_is_answered_too),
		cmocka_unit_test(a_packet_that_is_too_long_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
