#include "tests/unit/dataplane_process/inbox_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/un.h>

static void sa_put_told(void *context, const struct contract_sa *sa)
{
	(void)sa;
	((struct inbox_kit *)context)->sas_put++;
}

void inbox_kit_sa_deleted(void *context, const struct contract_sa *sa)
{
	(void)sa;
	((struct inbox_kit *)context)->sas_deleted++;
}

int inbox_kit_connect(const struct inbox_kit *fixture)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	strcpy(address.sun_path, fixture->path);
	assert_int_equal(connect(fd, (const void *)&address, sizeof(address)), 0);
	inbox_accept(fixture->inbox);
	return fd;
}

struct inbox_kit *inbox_kit_make(void **state)
{
	static struct inbox_kit fixture;
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
		.sa_deleted = inbox_kit_sa_deleted,
		.context = &fixture,
	};
	assert_int_equal(inbox_create(&config, &fixture.inbox), RESULT_OK);
	fixture.client = inbox_kit_connect(&fixture);
	return &fixture;
}

void inbox_kit_end(struct inbox_kit *fixture)
{
	close(fixture->client);
	inbox_destroy(fixture->inbox);
	assert_int_equal(access(fixture->path, F_OK), -1);
	assert_false(atomic_load(&fixture->kit->has_controlplane));
}

const struct contract_header *inbox_kit_read(struct inbox_kit *fixture)
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

void inbox_kit_send(struct inbox_kit *fixture, const void *message, size_t length)
{
	assert_int_equal(send(fixture->client, message, length, 0), length);
	inbox_serve(fixture->inbox);
}

enum result inbox_kit_ask(struct inbox_kit *fixture, const void *message, size_t length)
{
	const struct contract_header *request = message;
	const struct contract_answer *answer;

	inbox_kit_send(fixture, message, length);
	answer = (const void *)inbox_kit_read(fixture);
	assert_non_null(answer);
	assert_int_equal(answer->header.id, CONTRACT_ANSWER);
	if (length >= sizeof(*request) && request->magic == CONTRACT_MAGIC) {
		assert_int_equal(answer->to_id, request->id);
		assert_int_equal(answer->header.request, request->request);
	}
	return (enum result)answer->result;
}

void inbox_kit_hello(struct inbox_kit *fixture)
{
	struct contract_hello message = {0};

	contract_header_set(&message.header, CONTRACT_HELLO, sizeof(message), 5);
	inbox_kit_send(fixture, &message, sizeof(message));
	assert_int_equal(inbox_kit_read(fixture)->id, CONTRACT_WELCOME);
}
