#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sys/socket.h>

#include "dataplane/inbox/stream.h"
#include "tests/unit/dataplane_process/inbox_kit.h"

/* Until the client reads nothing is lost, and nothing unasked is pushed in between. */
static void a_client_that_does_not_read_is_waited_for(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct contract_header ask;
	struct contract_event event = {.kind = CONTRACT_EVENT_REFUSED};
	unsigned answers = 0, asked = 0;

	inbox_kit_hello(fixture);
	contract_header_set(&ask, CONTRACT_COUNTERS_GET, sizeof(ask), 1);
	while (send(fixture->client, &ask, sizeof(ask), 0) == sizeof(ask)) {
		asked++;
		inbox_serve(fixture->inbox);
		if (!inbox_is_open(fixture->inbox) && asked > 200)
			break;
	}
	assert_false(inbox_is_open(fixture->inbox));
	assert_int_equal(inbox_event(fixture->inbox, &event), RESULT_IO);
	for (unsigned turns = 0; answers < asked && turns < 100000; turns++) {
		const struct contract_header *header;

		inbox_serve(fixture->inbox);
		while ((header = inbox_kit_read(fixture)) != NULL)
			answers += header->id == CONTRACT_ANSWER;
	}
	assert_int_equal(answers, asked);
	assert_true(inbox_is_open(fixture->inbox));
	assert_int_equal(inbox_event(fixture->inbox, &event), RESULT_OK);
	inbox_flush(fixture->inbox);
	assert_int_equal(inbox_kit_read(fixture)->id, CONTRACT_EVENT);
	inbox_kit_end(fixture);
}

/* Answers that are longer than what asked for them, so that they block in the middle of a packet.
 */
static void a_packet_that_asks_for_more_than_there_is_room_for_is_answered_whole(void **state)
{
	static struct contract_packet packet;
	struct inbox_kit *fixture = inbox_kit_make(state);
	uint32_t asked = 0, answers = 0;
	struct contract_header ask;

	packet.length = 0;
	while (contract_packet_room(&packet, sizeof(ask)) != NULL) {
		contract_header_set(&ask, CONTRACT_COUNTERS_GET, sizeof(ask), ++asked);
		memcpy(contract_packet_room(&packet, sizeof(ask)), &ask, sizeof(ask));
		contract_packet_take(&packet, sizeof(ask));
	}
	inbox_kit_hello(fixture);
	inbox_kit_send(fixture, packet.bytes, packet.length);
	assert_false(inbox_is_open(fixture->inbox));
	assert_int_equal(inbox_client_events(fixture->inbox), POLLOUT);
	for (unsigned turns = 0; answers < asked && turns < 100000; turns++) {
		const struct contract_header *header;

		inbox_serve(fixture->inbox);
		while ((header = inbox_kit_read(fixture)) != NULL) {
			if (header->id == CONTRACT_ANSWER)
				assert_int_equal(header->request, ++answers);
		}
	}
	assert_int_equal(answers, asked);
	assert_true(inbox_is_open(fixture->inbox));
	inbox_kit_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_does_not_read_is_waited_for),
		cmocka_unit_test(
			a_packet_that_asks_for_more_than_there_is_room_for_is_answered_whole),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
