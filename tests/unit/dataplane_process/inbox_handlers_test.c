#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/sha.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <rte_mempool.h>
#include <rte_ring.h>

#include "dataplane/bounds.h"
#include "dataplane/inbox/handlers.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/key_table.h"
#include "dataplane/tables/peer_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/tables/settings.h"
#include "shared/contract/policy_blob.h"
#include "tests/unit/dataplane_process/inbox_kit.h"

static void sas_are_put_told_dumped_and_deleted(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct contract_sa sa = plane_sa(9, 2, 1);
	struct contract_sa_ref ref = {.index = 9, .generation = 2};
	struct contract_dump dump = {.kind = CONTRACT_DUMP_SAS};
	const struct contract_sa_record *record;
	static const uint8_t none[CONTRACT_SA_KEY_BYTES];

	inbox_kit_hello(fixture);
	assert_int_equal(INBOX_ASK(fixture, sa, CONTRACT_SA_PUT), RESULT_OK);
	sa.owner_index = 3;
	assert_int_equal(INBOX_ASK(fixture, sa, CONTRACT_SA_PUT), RESULT_OK);
	assert_int_equal(fixture->sas_put, 2);
	assert_int_equal(fixture->sas_deleted, 1);
	contract_header_set(&dump.header, CONTRACT_DUMP, sizeof(dump), 8);
	inbox_kit_send(fixture, &dump, sizeof(dump));
	record = (const void *)inbox_kit_read(fixture);
	assert_int_equal(record->header.id, CONTRACT_SA_RECORD);
	assert_int_equal(record->header.request, 8);
	assert_int_equal(record->sa.owner_index, 3);
	assert_memory_equal(record->sa.key_in, none, sizeof(none));
	assert_memory_equal(record->sa.key_out, none, sizeof(none));
	assert_int_equal(inbox_kit_read(fixture)->id, CONTRACT_ANSWER);
	assert_int_equal(INBOX_ASK(fixture, ref, CONTRACT_SA_DELETE), RESULT_OK);
	assert_int_equal(sa_leaving_do(&fixture->leaving, fixture->kit->tables->sas, NULL,
				       inbox_kit_sa_deleted, fixture),
			 0);
	assert_int_equal(fixture->sas_deleted, 2);
	assert_int_equal(INBOX_ASK(fixture, ref, CONTRACT_SA_DELETE), RESULT_NOT_FOUND);
	inbox_kit_end(fixture);
}

static void bindings_are_put_dumped_and_deleted(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct contract_binding binding = {.index = 4,
					   .generation = 7,
					   .level = 3,
					   .identity_count = 1,
					   .identity = {"user-a@abc.com"},
					   .registration = {{.registered_s = 1000,
							     .expires_s = 2000,
							     .q_thousandths = 700,
							     .is_primary = 1}},
					   .contact = "sip:user-a@[2001:db8::10]",
					   .subscriber = "user-a@abc.com",
					   .address = plane_address("2001:db8::10", 5060)};
	struct contract_binding_ref ref = {.index = 4, .generation = 7};
	struct contract_dump dump = {.kind = CONTRACT_DUMP_BINDINGS};
	const struct contract_binding *record;

	inbox_kit_hello(fixture);
	assert_int_equal(INBOX_ASK(fixture, binding, CONTRACT_BINDING_PUT), RESULT_OK);
	contract_header_set(&dump.header, CONTRACT_DUMP, sizeof(dump), 8);
	inbox_kit_send(fixture, &dump, sizeof(dump));
	record = (const void *)inbox_kit_read(fixture);
	assert_int_equal(record->header.id, CONTRACT_BINDING_RECORD);
	assert_string_equal(record->identity[0], "user-a@abc.com");
	assert_memory_equal(record->registration, binding.registration,
			    sizeof(binding.registration));
	assert_int_equal(inbox_kit_read(fixture)->id, CONTRACT_ANSWER);
	assert_int_equal(INBOX_ASK(fixture, ref, CONTRACT_BINDING_DELETE), RESULT_OK);
	assert_null(binding_table_at(fixture->kit->tables->bindings, 4));
	inbox_kit_end(fixture);
}

static void settings_keys_identities_and_peers_reach_their_tables(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	const struct tables *tables = fixture->kit->tables;
	struct contract_settings settings = {.gateway_id = 9,
					     .route_security = CONTRACT_RS_ANNOTATE,
					     .domain_count = 1,
					     .domain = {"abc.com"}};
	struct contract_key key = {.purpose = CONTRACT_KEY_SK, .id = 3};
	struct contract_identity identity = {.kind = CONTRACT_IDENTITY_LOCAL, .aor = "a@abc.com"};
	struct contract_peer peer = {.index = 2, .domain_count = 1, .domain = {"xyz.com"}};
	struct text_key aor;

	inbox_kit_hello(fixture);
	assert_int_equal(INBOX_ASK(fixture, settings, CONTRACT_SETTINGS_PUT), RESULT_OK);
	assert_int_equal(settings_view(tables->settings)->gateway_id, 9);
	assert_int_equal(INBOX_ASK(fixture, key, CONTRACT_KEY_PUT), RESULT_OK);
	assert_int_equal(key_table_view(tables->keys)->sk.count, 1);
	assert_int_equal(INBOX_ASK(fixture, key, CONTRACT_KEY_DELETE), RESULT_OK);
	assert_int_equal(key_table_view(tables->keys)->sk.count, 0);
	assert_int_equal(INBOX_ASK(fixture, identity, CONTRACT_IDENTITY_PUT), RESULT_OK);
	aor = text_key_make(slice_make("a@abc.com", 9));
	assert_non_null(identity_table_find(tables->identities, &aor));
	assert_int_equal(INBOX_ASK(fixture, identity, CONTRACT_IDENTITY_DELETE), RESULT_OK);
	assert_null(identity_table_find(tables->identities, &aor));
	strcpy(peer.name, "xyz.com");
	assert_int_equal(INBOX_ASK(fixture, peer, CONTRACT_PEER_PUT), RESULT_OK);
	assert_non_null(peer_table_at(tables->peers, 2));
	assert_int_equal(INBOX_ASK(fixture, peer, CONTRACT_PEER_DELETE), RESULT_OK);
	assert_null(peer_table_at(tables->peers, 2));
	inbox_kit_end(fixture);
}

/* A message with a descriptor beside it. */
static void send_with_fd(struct inbox_kit *fixture, const void *message, size_t length, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = length};
	struct msghdr packet = {.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&packet);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	assert_int_equal(sendmsg(fixture->client, &packet, 0), length);
	inbox_serve(fixture->inbox);
}

static void a_policy_comes_by_its_sealed_file(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct policy_blob blob = {.magic = POLICY_BLOB_MAGIC,
				   .generation = 12,
				   .strings_at = sizeof(struct policy_blob)};
	struct contract_policy policy = {.generation = 12, .length = sizeof(blob)};
	int fd = memfd_create("policy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	const struct policy_pair *pair;

	assert_int_equal(write(fd, &blob, sizeof(blob)), sizeof(blob));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE), 0);
	SHA256((const uint8_t *)&blob, sizeof(blob), policy.sha256);
	contract_header_set(&policy.header, CONTRACT_POLICY_PUT, sizeof(policy), 1);
	inbox_kit_hello(fixture);
	assert_int_equal(inbox_kit_ask(fixture, &policy, sizeof(policy)), RESULT_BAD);
	send_with_fd(fixture, &policy, sizeof(policy), fd);
	close(fd);
	assert_int_equal(
		((const struct contract_answer *)(const void *)inbox_kit_read(fixture))->result,
		RESULT_OK);
	pair = policy_table_view(fixture->kit->tables->policies);
	assert_non_null(pair->current);
	assert_int_equal(policy_index_generation(pair->current), 12);
	inbox_kit_end(fixture);
}

struct sip_message_sent {
	struct contract_sip_send send;
	char sip[8];
};

static void sip_to_send_goes_to_a_worker_with_its_note(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct worker *owner = fixture->kit->workers[1];
	struct contract_sa sa = plane_sa(11, 4, 1);
	struct sip_message_sent message = {.send = {.origin = CONTRACT_ORIGIN_SA,
						    .sa_index = 11,
						    .sa_generation = 4,
						    .sip_length = 8},
					   .sip = "SIP/2.0"};
	void *mbuf;

	contract_header_set(&message.send.header, CONTRACT_SIP_SEND, sizeof(message), 1);
	inbox_kit_hello(fixture);
	assert_int_equal(inbox_kit_ask(fixture, &message, sizeof(message)), RESULT_NOT_FOUND);
	assert_int_equal(INBOX_ASK(fixture, sa, CONTRACT_SA_PUT), RESULT_OK);
	assert_int_equal(inbox_kit_ask(fixture, &message, sizeof(message)), RESULT_OK);
	assert_int_equal(fixture->counts.sip_sent, 1);
	assert_int_equal(rte_ring_dequeue(owner->injected, &mbuf), 0);
	assert_int_equal(mbuf_note(mbuf)->sa_handle, SA_HANDLE(11, 4));
	assert_int_equal(mbuf_note(mbuf)->kind, MBUF_NOTE_SIP);
	assert_memory_equal(rte_pktmbuf_mtod((struct rte_mbuf *)mbuf, char *), "SIP/2.0", 8);
	rte_pktmbuf_free(mbuf);
	message.send.origin = CONTRACT_ORIGIN_CLEAR;
	assert_int_equal(inbox_kit_ask(fixture, &message, sizeof(message)), RESULT_OK);
	assert_int_equal(rte_ring_dequeue(fixture->kit->workers[0]->injected, &mbuf), 0);
	rte_pktmbuf_free(mbuf);
	inbox_kit_end(fixture);
}

/* In the middle of a packet, too: nothing of it is refused, and all of it comes later. */
static void while_a_worker_has_no_room_to_send_requests_wait(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct worker *worker = fixture->kit->workers[0];
	struct sip_message_sent message = {
		.send = {.origin = CONTRACT_ORIGIN_CLEAR, .sip_length = 8}, .sip = "SIP/2.0"};
	const unsigned room = rte_ring_free_count(worker->injected) - INJECTED_SPARE + 1;
	static struct contract_packet packet;
	unsigned answers = 0, sent = 0;
	const struct contract_answer *answer;
	void *mbuf;

	contract_header_set(&message.send.header, CONTRACT_SIP_SEND, sizeof(message), 1);
	inbox_kit_hello(fixture);
	packet.length = 0;
	for (; sent < room + 40; sent++) {
		void *at = contract_packet_room(&packet, sizeof(message));

		assert_non_null(at);
		memcpy(at, &message, sizeof(message));
		contract_packet_take(&packet, sizeof(message));
	}
	inbox_kit_send(fixture, packet.bytes, packet.length);
	assert_int_equal(fixture->counts.sip_sent, room);
	assert_true(inbox_is_held_up(fixture->inbox));
	assert_int_equal(inbox_client_events(fixture->inbox), 0);
	inbox_serve(fixture->inbox);
	assert_int_equal(fixture->counts.sip_sent, room);
	while (rte_ring_dequeue(worker->injected, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	assert_true(inbox_is_held_up(fixture->inbox));
	assert_int_equal(inbox_client_events(fixture->inbox), POLLIN);
	inbox_serve(fixture->inbox);
	assert_false(inbox_is_held_up(fixture->inbox));
	assert_int_equal(fixture->counts.sip_sent, sent);
	while ((answer = (const void *)inbox_kit_read(fixture)) != NULL) {
		assert_int_equal(answer->result, RESULT_OK);
		answers++;
	}
	assert_int_equal(answers, sent);
	while (rte_ring_dequeue(worker->injected, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	inbox_kit_end(fixture);
}

static void sip_that_enters_goes_to_a_worker_with_who_sent_it(void **state)
{
	struct inbox_kit *fixture = inbox_kit_make(state);
	struct {
		struct contract_sip_enter enter;
		char sip[8];
	} message = {.enter = {.origin = CONTRACT_ORIGIN_PEER,
			       .peer_index = 3,
			       .source = plane_address("192.0.2.10", 40000),
			       .sip_length = 8},
		     .sip = "SIP/2.0"};
	void *mbuf = NULL;

	contract_header_set(&message.enter.header, CONTRACT_SIP_ENTER, sizeof(message), 1);
	inbox_kit_hello(fixture);
	assert_int_equal(inbox_kit_ask(fixture, &message, sizeof(message)), RESULT_OK);
	assert_int_equal(rte_ring_dequeue(fixture->kit->workers[1]->injected, &mbuf), 0);
	assert_int_equal(mbuf_note(mbuf)->kind, MBUF_NOTE_ENTER);
	assert_int_equal(mbuf_note(mbuf)->origin, CONTRACT_ORIGIN_PEER);
	assert_int_equal(mbuf_note(mbuf)->peer_index, 3);
	assert_int_equal(mbuf_note(mbuf)->source.port, 40000);
	assert_memory_equal(rte_pktmbuf_mtod((struct rte_mbuf *)mbuf, char *), "SIP/2.0", 8);
	rte_pktmbuf_free(mbuf);
	inbox_kit_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sas_are_put_told_dumped_and_deleted),
		cmocka_unit_test(bindings_are_put_dumped_and_deleted),
		cmocka_unit_test(settings_keys_identities_and_peers_reach_their_tables),
		cmocka_unit_test(a_policy_comes_by_its_sealed_file),
		cmocka_unit_test(sip_to_send_goes_to_a_worker_with_its_note),
		cmocka_unit_test(while_a_worker_has_no_room_to_send_requests_wait),
		cmocka_unit_test(sip_that_enters_goes_to_a_worker_with_who_sent_it),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
