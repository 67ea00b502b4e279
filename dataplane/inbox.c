#include "dataplane/inbox.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/bounds.h"
#include "dataplane/inbox_handlers.h"
#include "dataplane/io/port.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/tables/binding_table.h"
#include "dataplane/tables/sa_table.h"
#include "shared/contract/packet.h"

/* Requests taken a turn of the control loop, so that the rings get theirs. */
#define REQUESTS_A_TURN 64

/* An answer of many messages that is under way: where it stands. */
struct stream {
	uint16_t id; /* CONTRACT_DUMP or CONTRACT_COUNTERS_GET; 0: none */
	uint32_t kind;
	uint32_t request;
	uint32_t position;
};

struct inbox {
	struct inbox_config config;
	uint8_t boot_id[16];
	int listen_fd;
	int client_fd;
	bool has_greeted;
	struct stream stream;
	/* What is said, till the turn ends or it is full. While not blocked it has room for a message. */
	struct contract_packet out;
	bool is_blocked; /* the socket had no room for out: nothing more is said, nor read */
	/* The packet being worked on: where in it we are, and what came with it (-1: nothing). */
	size_t in_at, in_length;
	int in_fd;
	_Alignas(8) uint8_t in[CONTRACT_PACKET_BYTES + 1];
};

/* The packet being worked on is done with. */
static void packet_forget(struct inbox *inbox)
{
	if (inbox->in_fd >= 0)
		close(inbox->in_fd);
	inbox->in_fd = -1;
	OPENSSL_cleanse(inbox->in, inbox->in_length); /* it may have held keys */
	inbox->in_at = inbox->in_length = 0;
}

static void client_close(struct inbox *inbox)
{
	if (inbox->client_fd >= 0)
		close(inbox->client_fd);
	inbox->client_fd = -1;
	inbox->has_greeted = false;
	inbox->stream.id = 0;
	inbox->out.length = 0;
	inbox->is_blocked = false;
	packet_forget(inbox);
	atomic_store_explicit(inbox->config.has_client, false, memory_order_relaxed);
}

void inbox_flush(struct inbox *inbox)
{
	ssize_t sent;

	if (inbox->client_fd < 0 || inbox->out.length == 0)
		return;
	sent = send(inbox->client_fd, inbox->out.bytes, inbox->out.length,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	inbox->is_blocked = sent < 0;
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		client_close(inbox);
	if (sent < 0)
		return;
	OPENSSL_cleanse(inbox->out.bytes, inbox->out.length); /* a dump may have keys */
	inbox->out.length = 0;
}

/* Where a message is to be written, if nothing blocks. */
static void *put_begin(struct inbox *inbox, size_t length)
{
	void *room = contract_packet_room(&inbox->out, length);

	assert(room != NULL && !inbox->is_blocked);
	return room;
}

/* It is written. */
static void put_end(struct inbox *inbox, size_t length)
{
	contract_packet_take(&inbox->out, length);
	if (contract_packet_room(&inbox->out, CONTRACT_MESSAGE_BYTES) == NULL)
		inbox_flush(inbox);
}

static void put(struct inbox *inbox, const void *message, size_t length)
{
	memcpy(put_begin(inbox, length), message, length);
	put_end(inbox, length);
}

static void answer(struct inbox *inbox, uint16_t to_id, uint32_t request, enum result result)
{
	struct contract_answer message = {.to_id = to_id, .result = (uint16_t)result};

	contract_header_set(&message.header, CONTRACT_ANSWER, sizeof(message), request);
	put(inbox, &message, sizeof(message));
}

static void welcome(struct inbox *inbox, uint32_t request)
{
	const struct port_table *ports = inbox->config.tables->ports;
	struct contract_welcome message = {
		.workers = inbox->config.worker_count,
		.sa_capacity = inbox->config.sa_capacity,
		.binding_capacity = inbox->config.binding_capacity,
		.port_count = ports->count,
	};

	memcpy(message.boot_id, inbox->boot_id, sizeof(message.boot_id));
	for (unsigned i = 0; i < ports->count; i++)
		memcpy(message.port_address[i], ports->ports[i].address,
		       sizeof(message.port_address[i]));
	contract_header_set(&message.header, CONTRACT_WELCOME, sizeof(message), request);
	inbox->has_greeted = true;
	atomic_store_explicit(inbox->config.has_client, true, memory_order_relaxed);
	put(inbox, &message, sizeof(message));
}

/* The next SA at or behind stream.position, put as a record; false: there is no more. */
static bool dump_sa(struct inbox *inbox)
{
	struct contract_sa_record *record = put_begin(inbox, sizeof(*record));
	struct stream *stream = &inbox->stream;

	while (stream->position < inbox->config.sa_capacity) {
		uint32_t index = stream->position++;

		if (sa_table_dump(inbox->config.tables->sas, index, record) != RESULT_OK)
			continue;
		contract_header_set(&record->header, CONTRACT_SA_RECORD, sizeof(*record),
				    stream->request);
		if (stream->kind == CONTRACT_DUMP_SAS_WITH_KEYS)
			sa_table_dump_keys(inbox->config.tables->sas, &record->sa);
		put_end(inbox, sizeof(*record));
		return true;
	}
	return false;
}

static bool dump_binding(struct inbox *inbox)
{
	struct contract_binding *record = put_begin(inbox, sizeof(*record));
	struct stream *stream = &inbox->stream;

	while (stream->position < inbox->config.binding_capacity) {
		const struct binding *binding =
			binding_table_at(inbox->config.tables->bindings, stream->position++);

		if (!binding)
			continue;
		memset(record, 0, sizeof(*record));
		binding_record_fill(binding, record);
		contract_header_set(&record->header, CONTRACT_BINDING_RECORD, sizeof(*record),
				    stream->request);
		put_end(inbox, sizeof(*record));
		return true;
	}
	return false;
}

static bool tell_counters(struct inbox *inbox)
{
	struct contract_counters *message = put_begin(inbox, sizeof(*message));
	const uint32_t most = sizeof(message->counter) / sizeof(message->counter[0]);
	uint32_t left = counters_count(inbox->config.counters) - inbox->stream.position;
	size_t length;

	if (left == 0)
		return false;
	message->count = left < most ? left : most;
	message->pad = 0;
	for (uint32_t i = 0; i < message->count; i++)
		counters_get(inbox->config.counters, inbox->stream.position++,
			     &message->counter[i]);
	length = offsetof(struct contract_counters, counter) +
		 message->count * sizeof(message->counter[0]);
	contract_header_set(&message->header, CONTRACT_COUNTERS, length, inbox->stream.request);
	put_end(inbox, length);
	return true;
}

/* As much of the answer under way as the socket takes, then the CONTRACT_ANSWER that ends it. */
static void stream_carry_on(struct inbox *inbox)
{
	while (inbox->stream.id != 0 && !inbox->is_blocked) {
		uint16_t id = inbox->stream.id;
		bool more;

		if (id == CONTRACT_COUNTERS_GET)
			more = tell_counters(inbox);
		else if (inbox->stream.kind == CONTRACT_DUMP_BINDINGS)
			more = dump_binding(inbox);
		else
			more = dump_sa(inbox);
		if (!more) {
			inbox->stream.id = 0;
			answer(inbox, id, inbox->stream.request, RESULT_OK);
		}
	}
}

static void stream_begin(struct inbox *inbox, const struct contract_header *request)
{
	const struct contract_dump *dump = (const void *)request;

	inbox->stream = (struct stream){.id = request->id, .request = request->request};
	if (request->id == CONTRACT_DUMP)
		inbox->stream.kind = dump->kind;
	stream_carry_on(inbox);
}

/* A request that is whole and sound. */
static void dispatch(struct inbox *inbox, const struct contract_header *request, int fd)
{
	inbox_handler *handler = inbox_handler_find(request->id);

	if (request->id == CONTRACT_HELLO)
		welcome(inbox, request->request);
	else if (!inbox->has_greeted)
		answer(inbox, request->id, request->request, RESULT_DENIED);
	else if (request->id == CONTRACT_DUMP || request->id == CONTRACT_COUNTERS_GET)
		stream_begin(inbox, request);
	else if (handler)
		answer(inbox, request->id, request->request, handler(&inbox->config, request, fd));
	else
		answer(inbox, request->id, request->request, RESULT_NOT_FOUND);
}

static void request_take(struct inbox *inbox, const void *at, size_t length)
{
	const struct contract_header *header = at;
	enum result result = contract_validate(at, length);

	if (result == RESULT_OK)
		dispatch(inbox, header, inbox->in_fd);
	else if (length >= sizeof(*header) && header->magic == CONTRACT_MAGIC)
		answer(inbox, header->id, header->request, result);
	else
		answer(inbox, 0, 0, RESULT_BAD);
}

/* The descriptor that came with a message; further ones are closed. */
static int descriptor_take(struct msghdr *message)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	int found = -1;

	for (; control; control = CMSG_NXTHDR(message, control)) {
		size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(control) + i * sizeof(fd), sizeof(fd));
			if (found < 0)
				found = fd;
			else
				close(fd);
		}
	}
	return found;
}

/* Another packet to work on; false: none waits, or the client is gone. */
static bool packet_read(struct inbox *inbox)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec part = {.iov_base = inbox->in, .iov_len = sizeof(inbox->in)};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t got = recvmsg(inbox->client_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0 || (size_t)got > CONTRACT_PACKET_BYTES) {
		client_close(inbox);
		return false;
	}
	inbox->in_fd = descriptor_take(&message);
	inbox->in_at = 0;
	inbox->in_length = (size_t)got;
	return true;
}

/* One request of the packet, or of the next one; false: none waits, or the client is gone. */
static bool request_next(struct inbox *inbox)
{
	size_t left, length;
	const void *at;

	if (inbox->in_length == 0 && !packet_read(inbox))
		return false;
	at = inbox->in + inbox->in_at;
	left = inbox->in_length - inbox->in_at;
	length = contract_packet_message(at, left);
	inbox->in_at += contract_packet_step(length, left);
	request_take(inbox, at, length);
	if (inbox->in_at == inbox->in_length)
		packet_forget(inbox);
	return inbox->client_fd >= 0;
}

/* A worker has more to send than it gets rid of: who asks for more waits. */
static bool is_pressed(const struct inbox *inbox)
{
	for (unsigned i = 0; i < inbox->config.worker_count; i++)
		if (rte_ring_free_count(inbox->config.workers[i]->injected) < INJECTED_SPARE)
			return true;
	return false;
}

bool inbox_is_held_up(const struct inbox *inbox)
{
	return inbox->client_fd >= 0 && !inbox->is_blocked &&
	       (inbox->in_length > 0 || is_pressed(inbox));
}

void inbox_serve(struct inbox *inbox)
{
	if (inbox->is_blocked)
		inbox_flush(inbox);
	stream_carry_on(inbox);
	/* not in the middle of a packet: poll() does not know of the rest */
	for (unsigned i = 0; i < REQUESTS_A_TURN || inbox->in_length > 0; i++)
		if (inbox->client_fd < 0 || inbox->is_blocked || is_pressed(inbox) ||
		    !request_next(inbox))
			break;
	if (!inbox->is_blocked)
		inbox_flush(inbox);
}

bool inbox_is_open(const struct inbox *inbox)
{
	return inbox->client_fd >= 0 && inbox->has_greeted && !inbox->is_blocked &&
	       inbox->stream.id == 0;
}

/* What leaves for a peer over TLS. */
static enum result sip_leaves(struct inbox *inbox, struct rte_mbuf *mbuf)
{
	size_t length = sizeof(struct contract_sip_leaves) + mbuf->data_len;
	struct contract_sip_leaves *message = put_begin(inbox, length);

	*message = (struct contract_sip_leaves){
		.peer_index = mbuf_note(mbuf)->peer_index,
		.sip_length = mbuf->data_len,
	};
	contract_header_set(&message->header, CONTRACT_SIP_LEAVES, length, 0);
	memcpy(message + 1, rte_pktmbuf_mtod(mbuf, const void *), mbuf->data_len);
	put_end(inbox, length);
	return inbox->client_fd >= 0 ? RESULT_OK : RESULT_IO;
}

enum result inbox_sip_received(struct inbox *inbox, struct rte_mbuf *mbuf)
{
	const struct mbuf_note *note = mbuf_note(mbuf);
	size_t length = sizeof(struct contract_sip_received) + mbuf->data_len;
	struct contract_sip_received *message;

	if (!inbox_is_open(inbox) || mbuf->data_len == 0 ||
	    mbuf->data_len > LIMIT_SIP_MESSAGE_BYTES)
		return RESULT_IO;
	if (note->origin == CONTRACT_ORIGIN_PEER)
		return sip_leaves(inbox, mbuf);
	message = put_begin(inbox, length);
	*message = (struct contract_sip_received){
		.origin = note->origin,
		.port = note->port,
		.sa_generation = SA_GENERATION(note->sa_handle),
		.sa_index = SA_INDEX(note->sa_handle),
		.source = note->source,
		.outer_source = note->outer_source,
		.destination = note->destination,
		.sip_length = mbuf->data_len,
	};
	contract_header_set(&message->header, CONTRACT_SIP_RECEIVED, length, 0);
	memcpy(message + 1, rte_pktmbuf_mtod(mbuf, const void *), mbuf->data_len);
	put_end(inbox, length);
	return inbox->client_fd >= 0 ? RESULT_OK : RESULT_IO;
}

enum result inbox_event(struct inbox *inbox, struct contract_event *event)
{
	if (!inbox_is_open(inbox))
		return RESULT_IO;
	contract_header_set(&event->header, CONTRACT_EVENT, sizeof(*event), 0);
	put(inbox, event, sizeof(*event));
	return inbox->client_fd >= 0 ? RESULT_OK : RESULT_IO;
}

static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

void inbox_accept(struct inbox *inbox)
{
	int fd = accept4(inbox->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (inbox->client_fd >= 0) {
		/* A client that has died may not have been noticed yet. */
		char byte;

		if (recv(inbox->client_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
			client_close(inbox);
	}
	if (inbox->client_fd >= 0 || !is_ours(fd)) {
		close(fd);
		return;
	}
	inbox->client_fd = fd;
}

int inbox_listen_fd(const struct inbox *inbox)
{
	return inbox->listen_fd;
}

int inbox_client_fd(const struct inbox *inbox)
{
	return inbox->client_fd;
}

short inbox_client_events(const struct inbox *inbox)
{
	if (inbox->is_blocked)
		return POLLOUT;
	return is_pressed(inbox) ? 0 : POLLIN;
}

/* Does somebody listen there? */
static bool is_taken(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool is_connected;

	if (fd < 0)
		return false;
	is_connected = connect(fd, (const void *)address, sizeof(*address)) == 0;
	close(fd);
	return is_connected;
}

static enum result listen_at(struct inbox *inbox, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	mode_t mask;
	int error;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return RESULT_IO;
	}
	strcpy(address.sun_path, path);
	if (lstat(path, &status) == 0) {
		if (!S_ISSOCK(status.st_mode) || is_taken(&address))
			return RESULT_EXISTS;
		unlink(path);
	}
	inbox->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (inbox->listen_fd < 0)
		return RESULT_IO;
	mask = umask(0177);
	error = bind(inbox->listen_fd, (const void *)&address, sizeof(address));
	umask(mask);
	if (error != 0 || listen(inbox->listen_fd, 4) != 0)
		return RESULT_IO;
	return RESULT_OK;
}

enum result inbox_create(const struct inbox_config *config, struct inbox **inbox)
{
	struct inbox *made = calloc(1, sizeof(*made));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	made->config = *config;
	made->listen_fd = -1;
	made->client_fd = -1;
	made->in_fd = -1;
	if (getrandom(made->boot_id, sizeof(made->boot_id), 0) != sizeof(made->boot_id)) {
		free(made);
		return RESULT_IO;
	}
	result = listen_at(made, config->path);
	if (result != RESULT_OK) {
		if (made->listen_fd >= 0)
			close(made->listen_fd);
		free(made);
		return result;
	}
	*inbox = made;
	return RESULT_OK;
}

void inbox_destroy(struct inbox *inbox)
{
	if (!inbox)
		return;
	client_close(inbox);
	close(inbox->listen_fd);
	unlink(inbox->config.path);
	OPENSSL_cleanse(&inbox->out, sizeof(inbox->out));
	free(inbox);
}
