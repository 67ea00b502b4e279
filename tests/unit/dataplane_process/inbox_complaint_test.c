/* dataplane/inbox/complaint.c, and what the inbox complains of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/bounds.h"
#include "dataplane/inbox/link.h"
#include "tests/unit/dataplane_process/inbox_kit.h"
#include "tests/unit/heard.h"

#define LONG                                                                                       \
	"sekisho-dataplane: at the contract socket: a packet was longer than one may be, and its " \
	"client sent away\n"

static void each_is_counted_and_said_once_a_minute(void **state)
{
	struct inbox_complaints complaints = {0};
	struct heard ear = heard_begin();
	char heard[1024];

	(void)state;
	for (int i = 0; i < 100; i++)
		inbox_complain(&complaints, INBOX_COMPLAINT_message_malformed);
	inbox_complain(&complaints, INBOX_COMPLAINT_packet_long);
	complaints.said_ms[INBOX_COMPLAINT_packet_long] -= 60000;
	inbox_complain(&complaints, INBOX_COMPLAINT_packet_long);
	heard_end(ear, heard, sizeof(heard));
	assert_string_equal(
		heard, "sekisho-dataplane: at the contract socket: a message was malformed\n"
		       LONG LONG);
	assert_int_equal(complaints.count[INBOX_COMPLAINT_message_malformed], 100);
	assert_int_equal(complaints.count[INBOX_COMPLAINT_packet_long], 2);
}

static void garbage_is_counted_by_what_is_wrong_with_it(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	const uint64_t *count = fixture->counts.complaints.count;
	struct contract_sa_ref ref = {.index = 1, .generation = 1};

	contract_header_set(&ref.header, CONTRACT_SA_DELETE, sizeof(ref), 1);
	inbox_kit_send(fixture, &ref, sizeof(ref));
	assert_int_equal(count[INBOX_COMPLAINT_message_early], 1);
	inbox_kit_send(fixture, "what is this?", 13);
	assert_int_equal(count[INBOX_COMPLAINT_message_malformed], 1);
	ref.header.version++;
	inbox_kit_send(fixture, &ref, sizeof(ref));
	assert_int_equal(count[INBOX_COMPLAINT_message_version], 1);
	contract_header_set(&ref.header, 200, sizeof(ref), 1);
	inbox_kit_send(fixture, &ref, sizeof(ref));
	assert_int_equal(count[INBOX_COMPLAINT_message_unknown], 1);
	for (int answers = 0; answers < 4; answers++)
		assert_int_equal(inbox_kit_read(fixture)->id, CONTRACT_ANSWER);
	inbox_kit_hello(fixture);
	close(inbox_kit_connect(fixture));
	assert_int_equal(count[INBOX_COMPLAINT_client_second], 1);
	inbox_kit_end(fixture);
}

static void who_says_no_hello_for_long_is_idle(void **state)
{
	struct inbox_complaints complaints = {0};
	static struct inbox_link link;
	atomic_bool has_client = false;
	int ends[2];

	(void)state;
	inbox_link_init(&link, &has_client, &complaints);
	assert_false(inbox_link_is_idle(&link));
	assert_int_equal(pipe(ends), 0);
	inbox_link_open(&link, ends[0]);
	assert_false(inbox_link_is_idle(&link));
	link.since_ms -= INBOX_PATIENCE_MS;
	assert_true(inbox_link_is_idle(&link));
	inbox_link_greet(&link);
	assert_false(inbox_link_is_idle(&link));
	link.is_blocked = true;
	assert_true(inbox_link_is_idle(&link));
	inbox_link_close(&link);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_counted_and_said_once_a_minute),
		cmocka_unit_test(garbage_is_counted_by_what_is_wrong_with_it),
		cmocka_unit_test(who_says_no_hello_for_long_is_idle),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
