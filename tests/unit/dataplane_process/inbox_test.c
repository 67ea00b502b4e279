#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <rte_mempool.h>
#include <rte_ring.h>

#include "dataplane/inbox/inbox.h"
#include "dataplane/inbox/handlers.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/tables/sa_table.h"
#include "tests/unit/dataplane_process/inbox_kit.h"

static void who_says_hello_is_welcomed_with_what_there_is(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct contract_hello message = {0};
	const struct contract_welcome *welcome;

	assert_false(atomic_load(&fixture->kit->has_controlplane));
	contract_header_set(&message.header, CONTRACT_HELLO, sizeof(message), 5);
	inbox_kit_send(fixture, &message, sizeof(message));
	welcome = (const void *)inbox_kit_read(fixture);
	assert_int_equal(welcome->header.request, 5);
	assert_int_equal(welcome->workers, KIT_WORKERS);
	assert_int_equal(welcome->sa_capacity, 64);
	assert_int_equal(welcome->port_count, 1);
	assert_int_equal(welcome->port[0].address[1].family, 6);
	assert_int_equal(welcome->port[0].mtu, 1500);
	assert_int_equal(welcome->port[0].spread, CONTRACT_SPREAD_ADDRESSES);
	assert_string_equal(welcome->port[0].device, "net_test0");
	assert_string_equal(welcome->port[0].exception, "sekisho0");
	assert_true(atomic_load(&fixture->kit->has_controlplane));
	inbox_kit_end(fixture);
}

static void nothing_is_done_before_the_hello(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct contract_sa sa = plane_sa(1, 1, 0);

	assert_int_equal(INBOX_ASK(fixture, sa, CONTRACT_SA_PUT), RESULT_DENIED);
	assert_int_equal(fixture->kit->tables->sas->live, 0);
	inbox_kit_end(fixture);
}

static void nonsense_is_answered_and_the_connection_lives_on(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct contract_dump dump = {.kind = 99};
	struct contract_hello other = {0};

	inbox_kit_hello(fixture);
	assert_int_equal(inbox_kit_ask(fixture, "x", 1), RESULT_BAD);
	assert_int_equal(inbox_kit_ask(fixture, "0123456789abcdef0123", 20), RESULT_BAD);
	assert_int_equal(INBOX_ASK(fixture, dump, CONTRACT_DUMP), RESULT_BAD);
	contract_header_set(&other.header, CONTRACT_HELLO, sizeof(other), 1);
	other.header.version = 9;
	assert_int_equal(inbox_kit_ask(fixture, &other, sizeof(other)), RESULT_VERSION);
	contract_header_set(&other.header, (enum contract_id)99, sizeof(other), 1);
	assert_int_equal(inbox_kit_ask(fixture, &other, sizeof(other)), RESULT_NOT_FOUND);
	contract_header_set(&other.header, CONTRACT_EVENT, sizeof(other), 1);
	assert_int_equal(inbox_kit_ask(fixture, &other, sizeof(other)), RESULT_BAD);
	inbox_kit_hello(fixture);
	inbox_kit_end(fixture);
}

/* What the data plane says itself is no request, though it is sound. */
static void what_is_no_request_is_answered_as_unknown(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct contract_answer answer = {0};

	inbox_kit_hello(fixture);
	assert_int_equal(INBOX_ASK(fixture, answer, CONTRACT_ANSWER), RESULT_NOT_FOUND);
	assert_null(inbox_handler_find(CONTRACT_ANSWER));
	inbox_kit_end(fixture);
}

static void sip_that_leaves_over_tls_is_handed_up_with_its_peer(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(fixture->kit->workers[0]->small_buffers);
	const struct contract_sip_leaves *leaves;

	memcpy(rte_pktmbuf_append(mbuf, 8), "INVITE x", 8);
	*mbuf_note(mbuf) = (struct mbuf_note){
		.kind = MBUF_NOTE_SIP, .origin = CONTRACT_ORIGIN_PEER, .peer_index = 9};
	inbox_kit_hello(fixture);
	assert_int_equal(inbox_sip_received(fixture->inbox, mbuf), RESULT_OK);
	rte_pktmbuf_free(mbuf);
	assert_null(inbox_kit_read(fixture));
	inbox_flush(fixture->inbox);
	leaves = (const void *)inbox_kit_read(fixture);
	assert_int_equal(leaves->header.id, CONTRACT_SIP_LEAVES);
	assert_int_equal(leaves->peer_index, 9);
	assert_int_equal(leaves->sip_length, 8);
	assert_memory_equal(leaves + 1, "INVITE x", 8);
	inbox_kit_end(fixture);
}

static void sip_received_is_handed_up_with_where_it_came_from(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct worker *worker = fixture->kit->workers[0];
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(worker->small_buffers);
	const struct contract_sip_received *received;

	memcpy(rte_pktmbuf_append(mbuf, 8), "REGISTER", 8);
	*mbuf_note(mbuf) = (struct mbuf_note){.kind = MBUF_NOTE_SIP,
					      .origin = CONTRACT_ORIGIN_SA,
					      .port = 2,
					      .sa_handle = SA_HANDLE(5, 6),
					      .source = plane_address("192.0.2.10", 5060)};
	assert_int_equal(inbox_sip_received(fixture->inbox, mbuf), RESULT_IO);
	inbox_kit_hello(fixture);
	assert_int_equal(inbox_sip_received(fixture->inbox, mbuf), RESULT_OK);
	rte_pktmbuf_free(mbuf);
	assert_null(inbox_kit_read(fixture));
	inbox_flush(fixture->inbox);
	received = (const void *)inbox_kit_read(fixture);
	assert_int_equal(received->header.id, CONTRACT_SIP_RECEIVED);
	assert_int_equal(received->sa_index, 5);
	assert_int_equal(received->sa_generation, 6);
	assert_int_equal(received->port, 2);
	assert_int_equal(received->source.port, 5060);
	assert_memory_equal(received + 1, "REGISTER", 8);
	inbox_kit_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_says_hello_is_welcomed_with_what_there_is),
		cmocka_unit_test(nothing_is_done_before_the_hello),
		cmocka_unit_test(nonsense_is_answered_and_the_connection_lives_on),
		cmocka_unit_test(what_is_no_request_is_answered_as_unknown),
		cmocka_unit_test(sip_that_leaves_over_tls_is_handed_up_with_its_peer),
		cmocka_unit_test(sip_received_is_handed_up_with_where_it_came_from),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
