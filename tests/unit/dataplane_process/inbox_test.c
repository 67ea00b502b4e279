#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/sha.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <rte_mempool.h>
#include <rte_ring.h>

#include "dataplane/bounds.h"
#include "dataplane/counters.h"
#include "dataplane/inbox/inbox.h"
#include "dataplane/inbox/handlers.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/sa_leaving.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/identity_table.h"
#include "dataplane/tables/key_table.h"
#include "dataplane/tables/peer_table.h"
#include "dataplane/tables/policy_table.h"
#include "dataplane/tables/sa_table.h"
#include "dataplane/tables/settings.h"
#include "shared/contract/packet.h"
#include "shared/contract/policy_blob.h"
#include "tests/unit/dataplane_process/plane_kit.h"

struct fixture {
	struct plane_kit *kit;
	struct inbox *inbox;
	struct counters counters;
	struct control_counts counts;
	struct sa_leaving leaving;
	char path[64];
	int client;
	unsigned sas_put;
	unsigned sas_deleted;
	/* what the client has received, and where in it the next message begins */
	_Alignas(8) uint8_t bytes[CONTRACT_PACKET_BYTES];
	size_t length, at;
	unsigned packets;
};

static void sa_put_told(void *context, const struct contract_sa *sa)
{
	(void)sa;
	((struct fixture *)context)->sas_put++;
}

static void sa_deleted_told(void *context, const struct contract_sa *sa)
{
	(void)sa;
	((struct fixture *)context)->sas_deleted++;
}

static int client_connect(const struct fixture *fixture)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	strcpy(address.sun_path, fixture->path);
	assert_int_equal(connect(fd, (const void *)&address, sizeof(address)), 0);
	inbox_accept(fixture->inbox);
	return fd;
}

static struct fixture *fixture_make(void **state)
{
	static struct fixture fixture;
	struct inbox_config config = {0};

	memset(&fixture, 0, sizeof(fixture));
	fixture.kit = *state;
	snprintf(fixture.path, sizeof(fixture.path), "/tmp/sekisho-inbox-%d", getpid());
	fixture.counters = (struct counters){fixture.kit->workers, KIT_WORKERS, fixture.kit->tables,
					     &fixture.counts};
	config = (struct inbox_config){
		.path = fixture.path,
		.tables = fixture.kit->tables,
		.workers = fixture.kit->workers,
		.worker_count = KIT_WORKERS,
		.sa_capacity = fixture.kit->configuration.sa_capacity,
		.binding_capacity = fixture.kit->configuration.binding_capacity,
		.has_client = &fixture.kit->has_controlplane,
		.counters = &fixture.counters,
		.counts = &fixture.counts,
		.leaving = &fixture.leaving,
		.sa_put = sa_put_told,
		.sa_deleted = sa_deleted_told,
		.context = &fixture,
	};
	assert_int_equal(inbox_create(&config, &fixture.inbox), RESULT_OK);
	fixture.client = client_connect(&fixture);
	return &fixture;
}

static void fixture_end(struct fixture *fixture)
{
	close(fixture->client);
	inbox_destroy(fixture->inbox);
	assert_int_equal(access(fixture->path, F_OK), -1);
	assert_false(atomic_load(&fixture->kit->has_controlplane));
}

/* The next message; NULL: there is none. */
static const struct contract_header *client_read(struct fixture *fixture)
{
	const uint8_t *at;
	size_t left, length;

	if (fixture->at == fixture->length) {
		ssize_t got = recv(fixture->client, fixture->bytes, sizeof(fixture->bytes), 0);

		if (got <= 0)
			return NULL;
		fixture->length = (size_t)got;
		fixture->at = 0;
		fixture->packets++;
	}
	at = fixture->bytes + fixture->at;
	left = fixture->length - fixture->at;
	length = contract_packet_message(at, left);
	assert_int_equal(contract_validate(at, length), RESULT_OK);
	fixture->at += contract_packet_step(length, left);
	return (const void *)at;
}

static void client_send(struct fixture *fixture, const void *message, size_t length)
{
	assert_int_equal(send(fixture->client, message, length, 0), length);
	inbox_serve(fixture->inbox);
}

/* The result that the answer to this request has. */
static enum result ask_bytes(struct fixture *fixture, const void *message, size_t length)
{
	const struct contract_header *request = message;
	const struct contract_answer *answer;

	client_send(fixture, message, length);
	answer = (const void *)client_read(fixture);
	assert_non_null(answer);
	assert_int_equal(answer->header.id, CONTRACT_ANSWER);
	if (request->magic == CONTRACT_MAGIC) {
		assert_int_equal(answer->to_id, request->id);
		assert_int_equal(answer->header.request, request->request);
	}
	return (enum result)answer->result;
}

#define ASK(fixture, message, id)                                                                  \
	(contract_header_set(&(message).header, (id), sizeof(message), 77),                        \
	 ask_bytes((fixture), &(message), sizeof(message)))

static void hello(struct fixture *fixture)
{
	struct contract_hello message = {0};

	contract_header_set(&message.header, CONTRACT_HELLO, sizeof(message), 5);
	client_send(fixture, &message, sizeof(message));
	assert_int_equal(client_read(fixture)->id, CONTRACT_WELCOME);
}

static void who_says_hello_is_welcomed_with_what_there_is(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct contract_hello message = {0};
	const struct contract_welcome *welcome;

	assert_false(atomic_load(&fixture->kit->has_controlplane));
	contract_header_set(&message.header, CONTRACT_HELLO, sizeof(message), 5);
	client_send(fixture, &message, sizeof(message));
	welcome = (const void *)client_read(fixture);
	assert_int_equal(welcome->header.request, 5);
	assert_int_equal(welcome->workers, KIT_WORKERS);
	assert_int_equal(welcome->sa_capacity, 64);
	assert_int_equal(welcome->port_count, 1);
	assert_int_equal(welcome->port_address[0][1].family, 6);
	assert_true(atomic_load(&fixture->kit->has_controlplane));
	fixture_end(fixture);
}

static void nothing_is_done_before_the_hello(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct contract_sa sa = plane_sa(1, 1, 0);

	assert_int_equal(ASK(fixture, sa, CONTRACT_SA_PUT), RESULT_DENIED);
	assert_int_equal(fixture->kit->tables->sas->live, 0);
	fixture_end(fixture);
}

static void nonsense_is_answered_and_the_connection_lives_on(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct contract_dump dump = {.kind = 99};
	struct contract_hello other = {0};

	hello(fixture);
	assert_int_equal(ask_bytes(fixture, "x", 1), RESULT_BAD);
	assert_int_equal(ask_bytes(fixture, "0123456789abcdef0123", 20), RESULT_BAD);
	assert_int_equal(ASK(fixture, dump, CONTRACT_DUMP), RESULT_BAD);
	contract_header_set(&other.header, CONTRACT_HELLO, sizeof(other), 1);
	other.header.version = 9;
	assert_int_equal(ask_bytes(fixture, &other, sizeof(other)), RESULT_VERSION);
	contract_header_set(&other.header, (enum contract_id)99, sizeof(other), 1);
	assert_int_equal(ask_bytes(fixture, &other, sizeof(other)), RESULT_NOT_FOUND);
	contract_header_set(&other.header, CONTRACT_EVENT, sizeof(other), 1);
	assert_int_equal(ask_bytes(fixture, &other, sizeof(other)), RESULT_BAD);
	hello(fixture);
	fixture_end(fixture);
}

/* What the data plane says itself is no request, though it is sound. */
static void what_is_no_request_is_answered_as_unknown(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct contract_answer answer = {0};

	hello(fixture);
	assert_int_equal(ASK(fixture, answer, CONTRACT_ANSWER), RESULT_NOT_FOUND);
	assert_null(inbox_handler_find(CONTRACT_ANSWER));
	fixture_end(fixture);
}

static void a_second_client_is_sent_away_until_the_first_is_gone(void **state)
{
	struct fixture *fixture = fixture_make(state);
	char byte;
	int second;

	hello(fixture);
	second = client_connect(fixture);
	assert_int_equal(recv(second, &byte, 1, 0), 0);
	close(second);
	close(fixture->client);
	fixture->client = client_connect(fixture);
	hello(fixture);
	fixture_end(fixture);
}

static void a_socket_in_use_or_no_socket_is_not_taken_over(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct inbox_config config = {.path = fixture->path};
	struct inbox *second;
	struct stat status;

	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(inbox_create(&config, &second), RESULT_EXISTS);
	config.path = "/etc/passwd";
	assert_int_equal(inbox_create(&config, &second), RESULT_EXISTS);
	assert_int_equal(access("/etc/passwd", F_OK), 0);
	fixture_end(fixture);
}

static void sas_are_put_told_dumped_and_deleted(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct contract_sa sa = plane_sa(9, 2, 1);
	struct contract_sa_ref ref = {.index = 9, .generation = 2};
	struct contract_dump dump = {.kind = CONTRACT_DUMP_SAS};
	const struct contract_sa_record *record;
	static const uint8_t none[CONTRACT_SA_KEY_BYTES];

	hello(fixture);
	assert_int_equal(ASK(fixture, sa, CONTRACT_SA_PUT), RESULT_OK);
	sa.owner_index = 3;
	assert_int_equal(ASK(fixture, sa, CONTRACT_SA_PUT), RESULT_OK);
	assert_int_equal(fixture->sas_put, 2);
	assert_int_equal(fixture->sas_deleted, 1);
	contract_header_set(&dump.header, CONTRACT_DUMP, sizeof(dump), 8);
	client_send(fixture, &dump, sizeof(dump));
	record = (const void *)client_read(fixture);
	assert_int_equal(record->header.id, CONTRACT_SA_RECORD);
	assert_int_equal(record->header.request, 8);
	assert_int_equal(record->sa.owner_index, 3);
	assert_memory_equal(record->sa.key_in, none, sizeof(none));
	assert_memory_equal(record->sa.key_out, none, sizeof(none));
	assert_int_equal(client_read(fixture)->id, CONTRACT_ANSWER);
	assert_int_equal(ASK(fixture, ref, CONTRACT_SA_DELETE), RESULT_OK);
	assert_int_equal(sa_leaving_do(&fixture->leaving, fixture->kit->tables->sas, NULL,
				       sa_deleted_told, fixture),
			 0);
	assert_int_equal(fixture->sas_deleted, 2);
	assert_int_equal(ASK(fixture, ref, CONTRACT_SA_DELETE), RESULT_NOT_FOUND);
	fixture_end(fixture);
}

static void bindings_are_put_dumped_and_deleted(void **state)
{
	struct fixture *fixture = fixture_make(state);
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

	hello(fixture);
	assert_int_equal(ASK(fixture, binding, CONTRACT_BINDING_PUT), RESULT_OK);
	contract_header_set(&dump.header, CONTRACT_DUMP, sizeof(dump), 8);
	client_send(fixture, &dump, sizeof(dump));
	record = (const void *)client_read(fixture);
	assert_int_equal(record->header.id, CONTRACT_BINDING_RECORD);
	assert_string_equal(record->identity[0], "user-a@abc.com");
	assert_memory_equal(record->registration, binding.registration,
			    sizeof(binding.registration));
	assert_int_equal(client_read(fixture)->id, CONTRACT_ANSWER);
	assert_int_equal(ASK(fixture, ref, CONTRACT_BINDING_DELETE), RESULT_OK);
	assert_null(binding_table_at(fixture->kit->tables->bindings, 4));
	fixture_end(fixture);
}

static void settings_keys_identities_and_peers_reach_their_tables(void **state)
{
	struct fixture *fixture = fixture_make(state);
	const struct tables *tables = fixture->kit->tables;
	struct contract_settings settings = {.gateway_id = 9,
					     .route_security = CONTRACT_RS_ANNOTATE,
					     .domain_count = 1,
					     .domain = {"abc.com"}};
	struct contract_key key = {.purpose = CONTRACT_KEY_SK, .id = 3};
	struct contract_identity identity = {.kind = CONTRACT_IDENTITY_LOCAL, .aor = "a@abc.com"};
	struct contract_peer peer = {.index = 2, .domain_count = 1, .domain = {"xyz.com"}};
	struct text_key aor;

	hello(fixture);
	assert_int_equal(ASK(fixture, settings, CONTRACT_SETTINGS_PUT), RESULT_OK);
	assert_int_equal(settings_view(tables->settings)->gateway_id, 9);
	assert_int_equal(ASK(fixture, key, CONTRACT_KEY_PUT), RESULT_OK);
	assert_int_equal(key_table_view(tables->keys)->sk.count, 1);
	assert_int_equal(ASK(fixture, key, CONTRACT_KEY_DELETE), RESULT_OK);
	assert_int_equal(key_table_view(tables->keys)->sk.count, 0);
	assert_int_equal(ASK(fixture, identity, CONTRACT_IDENTITY_PUT), RESULT_OK);
	aor = text_key_make(slice_make("a@abc.com", 9));
	assert_non_null(identity_table_find(tables->identities, &aor));
	assert_int_equal(ASK(fixture, identity, CONTRACT_IDENTITY_DELETE), RESULT_OK);
	assert_null(identity_table_find(tables->identities, &aor));
	strcpy(peer.name, "xyz.com");
	assert_int_equal(ASK(fixture, peer, CONTRACT_PEER_PUT), RESULT_OK);
	assert_non_null(peer_table_at(tables->peers, 2));
	assert_int_equal(ASK(fixture, peer, CONTRACT_PEER_DELETE), RESULT_OK);
	assert_null(peer_table_at(tables->peers, 2));
	fixture_end(fixture);
}

/* A message with a descriptor beside it. */
static void send_with_fd(struct fixture *fixture, const void *message, size_t length, int fd)
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
	struct fixture *fixture = fixture_make(state);
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
	hello(fixture);
	assert_int_equal(ask_bytes(fixture, &policy, sizeof(policy)), RESULT_BAD);
	send_with_fd(fixture, &policy, sizeof(policy), fd);
	close(fd);
	assert_int_equal(
		((const struct contract_answer *)(const void *)client_read(fixture))->result,
		RESULT_OK);
	pair = policy_table_view(fixture->kit->tables->policies);
	assert_non_null(pair->current);
	assert_int_equal(policy_index_generation(pair->current), 12);
	fixture_end(fixture);
}

struct sip_message_sent {
	struct contract_sip_send send;
	char sip[8];
};

static void sip_to_send_goes_to_a_worker_with_its_note(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct worker *owner = fixture->kit->workers[1];
	struct contract_sa sa = plane_sa(11, 4, 1);
	struct sip_message_sent message = {.send = {.origin = CONTRACT_ORIGIN_SA,
						    .sa_index = 11,
						    .sa_generation = 4,
						    .sip_length = 8},
					   .sip = "SIP/2.0"};
	void *mbuf;

	contract_header_set(&message.send.header, CONTRACT_SIP_SEND, sizeof(message), 1);
	hello(fixture);
	assert_int_equal(ask_bytes(fixture, &message, sizeof(message)), RESULT_NOT_FOUND);
	assert_int_equal(ASK(fixture, sa, CONTRACT_SA_PUT), RESULT_OK);
	assert_int_equal(ask_bytes(fixture, &message, sizeof(message)), RESULT_OK);
	assert_int_equal(fixture->counts.sip_sent, 1);
	assert_int_equal(rte_ring_dequeue(owner->injected, &mbuf), 0);
	assert_int_equal(mbuf_note(mbuf)->sa_handle, SA_HANDLE(11, 4));
	assert_int_equal(mbuf_note(mbuf)->kind, MBUF_NOTE_SIP);
	assert_memory_equal(rte_pktmbuf_mtod((struct rte_mbuf *)mbuf, char *), "SIP/2.0", 8);
	rte_pktmbuf_free(mbuf);
	message.send.origin = CONTRACT_ORIGIN_CLEAR;
	assert_int_equal(ask_bytes(fixture, &message, sizeof(message)), RESULT_OK);
	assert_int_equal(rte_ring_dequeue(fixture->kit->workers[0]->injected, &mbuf), 0);
	rte_pktmbuf_free(mbuf);
	fixture_end(fixture);
}

/* In the middle of a packet, too: nothing of it is refused, and all of it comes later. */
static void while_a_worker_has_no_room_to_send_requests_wait(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct worker *worker = fixture->kit->workers[0];
	struct sip_message_sent message = {
		.send = {.origin = CONTRACT_ORIGIN_CLEAR, .sip_length = 8}, .sip = "SIP/2.0"};
	const unsigned room = rte_ring_free_count(worker->injected) - INJECTED_SPARE + 1;
	static struct contract_packet packet;
	unsigned answers = 0, sent = 0;
	const struct contract_answer *answer;
	void *mbuf;

	contract_header_set(&message.send.header, CONTRACT_SIP_SEND, sizeof(message), 1);
	hello(fixture);
	packet.length = 0;
	for (; sent < room + 40; sent++) {
		void *at = contract_packet_room(&packet, sizeof(message));

		assert_non_null(at);
		memcpy(at, &message, sizeof(message));
		contract_packet_take(&packet, sizeof(message));
	}
	client_send(fixture, packet.bytes, packet.length);
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
	while ((answer = (const void *)client_read(fixture)) != NULL) {
		assert_int_equal(answer->result, RESULT_OK);
		answers++;
	}
	assert_int_equal(answers, sent);
	while (rte_ring_dequeue(worker->injected, &mbuf) == 0)
		rte_pktmbuf_free(mbuf);
	fixture_end(fixture);
}

static void sip_that_enters_goes_to_a_worker_with_who_sent_it(void **state)
{
	struct fixture *fixture = fixture_make(state);
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
	hello(fixture);
	assert_int_equal(ask_bytes(fixture, &message, sizeof(message)), RESULT_OK);
	assert_int_equal(rte_ring_dequeue(fixture->kit->workers[1]->injected, &mbuf), 0);
	assert_int_equal(mbuf_note(mbuf)->kind, MBUF_NOTE_ENTER);
	assert_int_equal(mbuf_note(mbuf)->origin, CONTRACT_ORIGIN_PEER);
	assert_int_equal(mbuf_note(mbuf)->peer_index, 3);
	assert_int_equal(mbuf_note(mbuf)->source.port, 40000);
	assert_memory_equal(rte_pktmbuf_mtod((struct rte_mbuf *)mbuf, char *), "SIP/2.0", 8);
	rte_pktmbuf_free(mbuf);
	fixture_end(fixture);
}

static void sip_that_leaves_over_tls_is_handed_up_with_its_peer(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(fixture->kit->workers[0]->small_buffers);
	const struct contract_sip_leaves *leaves;

	memcpy(rte_pktmbuf_append(mbuf, 8), "INVITE x", 8);
	*mbuf_note(mbuf) = (struct mbuf_note){
		.kind = MBUF_NOTE_SIP, .origin = CONTRACT_ORIGIN_PEER, .peer_index = 9};
	hello(fixture);
	assert_int_equal(inbox_sip_received(fixture->inbox, mbuf), RESULT_OK);
	rte_pktmbuf_free(mbuf);
	assert_null(client_read(fixture));
	inbox_flush(fixture->inbox);
	leaves = (const void *)client_read(fixture);
	assert_int_equal(leaves->header.id, CONTRACT_SIP_LEAVES);
	assert_int_equal(leaves->peer_index, 9);
	assert_int_equal(leaves->sip_length, 8);
	assert_memory_equal(leaves + 1, "INVITE x", 8);
	fixture_end(fixture);
}

static void sip_received_is_handed_up_with_where_it_came_from(void **state)
{
	struct fixture *fixture = fixture_make(state);
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
	hello(fixture);
	assert_int_equal(inbox_sip_received(fixture->inbox, mbuf), RESULT_OK);
	rte_pktmbuf_free(mbuf);
	assert_null(client_read(fixture));
	inbox_flush(fixture->inbox);
	received = (const void *)client_read(fixture);
	assert_int_equal(received->header.id, CONTRACT_SIP_RECEIVED);
	assert_int_equal(received->sa_index, 5);
	assert_int_equal(received->sa_generation, 6);
	assert_int_equal(received->port, 2);
	assert_int_equal(received->source.port, 5060);
	assert_memory_equal(received + 1, "REGISTER", 8);
	fixture_end(fixture);
}

/* Until the client reads nothing is lost, and nothing unasked is pushed in between. */
static void a_client_that_does_not_read_is_waited_for(void **state)
{
	struct fixture *fixture = fixture_make(state);
	struct contract_header ask;
	struct contract_event event = {.kind = CONTRACT_EVENT_REFUSED};
	unsigned answers = 0, asked = 0;

	hello(fixture);
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
		while ((header = client_read(fixture)) != NULL)
			answers += header->id == CONTRACT_ANSWER;
	}
	assert_int_equal(answers, asked);
	assert_true(inbox_is_open(fixture->inbox));
	assert_int_equal(inbox_event(fixture->inbox, &event), RESULT_OK);
	inbox_flush(fixture->inbox);
	assert_int_equal(client_read(fixture)->id, CONTRACT_EVENT);
	fixture_end(fixture);
}

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
	struct fixture *fixture = fixture_make(state);
	const struct contract_answer *answer;

	packet.length = 0;
	for (uint32_t i = 1; i <= 40; i++)
		packet_add(&packet, i);
	hello(fixture);
	fixture->packets = 0;
	client_send(fixture, packet.bytes, packet.length);
	for (uint32_t i = 1; i <= 40; i++) {
		answer = (const void *)client_read(fixture);
		assert_int_equal(answer->header.request, i);
		assert_int_equal(answer->result, RESULT_OK);
	}
	assert_null(client_read(fixture));
	assert_int_equal(fixture->packets, 1);
	assert_int_equal(fixture->sas_put, 40);
	fixture_end(fixture);
}

static void what_follows_a_request_and_is_none_is_answered_too(void **state)
{
	static struct contract_packet packet;
	struct fixture *fixture = fixture_make(state);
	const struct contract_answer *answer;

	packet.length = 0;
	packet_add(&packet, 1);
	memset(contract_packet_room(&packet, 30), 'x', 30);
	contract_packet_take(&packet, 30);
	hello(fixture);
	client_send(fixture, packet.bytes, packet.length);
	answer = (const void *)client_read(fixture);
	assert_int_equal(answer->header.request, 1);
	assert_int_equal(answer->result, RESULT_OK);
	answer = (const void *)client_read(fixture);
	assert_int_equal(answer->header.request, 0);
	assert_int_equal(answer->result, RESULT_BAD);
	assert_null(client_read(fixture));
	fixture_end(fixture);
}

/* Answers that are longer than what asked for them, so that they block in the middle of a packet. */
static void a_packet_that_asks_for_more_than_there_is_room_for_is_answered_whole(void **state)
{
	static struct contract_packet packet;
	struct fixture *fixture = fixture_make(state);
	uint32_t asked = 0, answers = 0;
	struct contract_header ask;

	packet.length = 0;
	while (contract_packet_room(&packet, sizeof(ask)) != NULL) {
		contract_header_set(&ask, CONTRACT_COUNTERS_GET, sizeof(ask), ++asked);
		memcpy(contract_packet_room(&packet, sizeof(ask)), &ask, sizeof(ask));
		contract_packet_take(&packet, sizeof(ask));
	}
	hello(fixture);
	client_send(fixture, packet.bytes, packet.length);
	assert_false(inbox_is_open(fixture->inbox));
	assert_int_equal(inbox_client_events(fixture->inbox), POLLOUT);
	for (unsigned turns = 0; answers < asked && turns < 100000; turns++) {
		const struct contract_header *header;

		inbox_serve(fixture->inbox);
		while ((header = client_read(fixture)) != NULL) {
			if (header->id == CONTRACT_ANSWER)
				assert_int_equal(header->request, ++answers);
		}
	}
	assert_int_equal(answers, asked);
	assert_true(inbox_is_open(fixture->inbox));
	fixture_end(fixture);
}

static void a_packet_that_is_too_long_ends_the_connection(void **state)
{
	static uint8_t packet[CONTRACT_PACKET_BYTES + 100];
	struct fixture *fixture = fixture_make(state);

	hello(fixture);
	client_send(fixture, packet, sizeof(packet));
	assert_int_equal(inbox_client_fd(fixture->inbox), -1);
	close(fixture->client);
	fixture->client = client_connect(fixture);
	hello(fixture);
	fixture_end(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_says_hello_is_welcomed_with_what_there_is),
		cmocka_unit_test(nothing_is_done_before_the_hello),
		cmocka_unit_test(nonsense_is_answered_and_the_connection_lives_on),
		cmocka_unit_test(what_is_no_request_is_answered_as_unknown),
		cmocka_unit_test(a_second_client_is_sent_away_until_the_first_is_gone),
		cmocka_unit_test(a_socket_in_use_or_no_socket_is_not_taken_over),
		cmocka_unit_test(sas_are_put_told_dumped_and_deleted),
		cmocka_unit_test(bindings_are_put_dumped_and_deleted),
		cmocka_unit_test(settings_keys_identities_and_peers_reach_their_tables),
		cmocka_unit_test(a_policy_comes_by_its_sealed_file),
		cmocka_unit_test(sip_to_send_goes_to_a_worker_with_its_note),
		cmocka_unit_test(while_a_worker_has_no_room_to_send_requests_wait),
		cmocka_unit_test(sip_that_enters_goes_to_a_worker_with_who_sent_it),
		cmocka_unit_test(sip_that_leaves_over_tls_is_handed_up_with_its_peer),
		cmocka_unit_test(sip_received_is_handed_up_with_where_it_came_from),
		cmocka_unit_test(a_client_that_does_not_read_is_waited_for),
		cmocka_unit_test(requests_of_one_packet_are_answered_one_by_one_in_one),
		cmocka_unit_test(what_follows_a_request_and_is_none_is_answered_too),
		cmocka_unit_test(
			a_packet_that_asks_for_more_than_there_is_room_for_is_answered_whole),
		cmocka_unit_test(a_packet_that_is_too_long_ends_the_connection),
	};

	return cmocka_run_group_tests(tests, plane_kit_begin, plane_kit_end);
}
