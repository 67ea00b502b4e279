#include "dataplane/inbox/inbox.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/random.h>

#include <rte_mbuf.h>
#include <rte_ring.h>

#include "dataplane/bounds.h"
#include "dataplane/inbox/handlers.h"
#include "dataplane/inbox/link.h"
#include "dataplane/inbox/listener.h"
#include "dataplane/inbox/stream.h"
#include "dataplane/io/port.h"
#include "dataplane/mbuf_note.h"
#include "dataplane/tables/sa_table.h"

/* Requests taken a turn of the control loop, so that the rings get theirs. */
#define REQUESTS_A_TURN 64

struct inbox {
	struct inbox_config config;
	uint8_t boot_id[16];
	int listen_fd;
	struct inbox_stream stream;
	struct inbox_link link;
};

static void port_tell(const struct port_table *ports, unsigned number, struct contract_port *out)
{
	const struct port *port = &ports->ports[number];
	const struct port_name *name = &ports->names[number];

	memcpy(out->address, port->address, sizeof(out->address));
	out->mtu = port->mtu;
	out->spread = port->spread;
	snprintf(out->device, sizeof(out->device), "%s", name->device);
	snprintf(out->exception, sizeof(out->exception), "%s", name->tap);
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
		port_tell(ports, i, &message.port[i]);
	contract_header_set(&message.header, CONTRACT_WELCOME, sizeof(message), request);
	inbox_link_greet(&inbox->link);
	inbox_link_put(&inbox->link, &message, sizeof(message));
}

static void complain(struct inbox *inbox, enum inbox_complaint what)
{
	inbox_complain(&inbox->config.counts->complaints, what);
}

/* A request that is whole and sound. */
static void dispatch(struct inbox *inbox, const struct contract_header *request, int fd)
{
	inbox_handler *handler = inbox_handler_find(request->id);
	enum result result = RESULT_NOT_FOUND;

	if (request->id == CONTRACT_HELLO) {
		welcome(inbox, request->request);
		return;
	}
	if (!inbox->link.has_greeted) {
		complain(inbox, INBOX_COMPLAINT_message_early);
		result = RESULT_DENIED;
	} else if (request->id == CONTRACT_DUMP || request->id == CONTRACT_COUNTERS_GET) {
		inbox_stream_begin(&inbox->stream, request);
		inbox_stream_carry_on(&inbox->stream, &inbox->config, &inbox->link);
		return;
	} else if (handler) {
		result = handler(&inbox->config, request, fd);
	}
	inbox_link_answer(&inbox->link, request->id, request->request, result);
}

/* Why a message is not taken at all. */
static enum inbox_complaint complaint_of(enum result result)
{
	switch (result) {
	case RESULT_VERSION:
		return INBOX_COMPLAINT_message_version;
	case RESULT_NOT_FOUND:
		return INBOX_COMPLAINT_message_unknown;
	default:
		return INBOX_COMPLAINT_message_malformed;
	}
}

static void message_take(struct inbox *inbox, const struct inbox_message *message)
{
	const struct contract_header *header = message->at;
	enum result result = contract_validate(message->at, message->length);

	if (result != RESULT_OK)
		complain(inbox, complaint_of(result));
	if (result == RESULT_OK)
		dispatch(inbox, header, message->fd);
	else if (message->length >= sizeof(*header) && header->magic == CONTRACT_MAGIC)
		inbox_link_answer(&inbox->link, header->id, header->request, result);
	else
		inbox_link_answer(&inbox->link, 0, 0, RESULT_BAD);
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
	return inbox->link.fd >= 0 && !inbox->link.is_blocked &&
	       (inbox->link.in_length > 0 || is_pressed(inbox));
}

void inbox_serve(struct inbox *inbox)
{
	struct inbox_link *link = &inbox->link;
	struct inbox_message message;

	if (link->is_blocked)
		inbox_link_flush(link);
	inbox_stream_carry_on(&inbox->stream, &inbox->config, link);
	/* not in the middle of a packet: poll() does not know of the rest */
	for (unsigned i = 0; i < REQUESTS_A_TURN || link->in_length > 0; i++) {
		if (link->fd < 0 || link->is_blocked || is_pressed(inbox) ||
		    !inbox_link_next(link, &message))
			break;
		message_take(inbox, &message);
		inbox_link_done(link);
	}
	if (!link->is_blocked)
		inbox_link_flush(link);
}

bool inbox_is_open(const struct inbox *inbox)
{
	return inbox->link.fd >= 0 && inbox->link.has_greeted && !inbox->link.is_blocked &&
	       inbox->stream.id == 0;
}

/* What leaves for a peer over TLS. */
static enum result sip_leaves(struct inbox *inbox, struct rte_mbuf *mbuf)
{
	size_t length = sizeof(struct contract_sip_leaves) + mbuf->data_len;
	struct contract_sip_leaves *message = inbox_link_begin(&inbox->link, length);

	*message = (struct contract_sip_leaves){
		.peer_index = mbuf_note(mbuf)->peer_index,
		.sip_length = mbuf->data_len,
	};
	contract_header_set(&message->header, CONTRACT_SIP_LEAVES, length, 0);
	memcpy(message + 1, rte_pktmbuf_mtod(mbuf, const void *), mbuf->data_len);
	inbox_link_end(&inbox->link, length);
	return inbox->link.fd >= 0 ? RESULT_OK : RESULT_IO;
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
	message = inbox_link_begin(&inbox->link, length);
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
	inbox_link_end(&inbox->link, length);
	return inbox->link.fd >= 0 ? RESULT_OK : RESULT_IO;
}

enum result inbox_event(struct inbox *inbox, struct contract_event *event)
{
	if (!inbox_is_open(inbox))
		return RESULT_IO;
	contract_header_set(&event->header, CONTRACT_EVENT, sizeof(*event), 0);
	inbox_link_put(&inbox->link, event, sizeof(*event));
	return inbox->link.fd >= 0 ? RESULT_OK : RESULT_IO;
}

void inbox_flush(struct inbox *inbox)
{
	inbox_link_flush(&inbox->link);
}

void inbox_accept(struct inbox *inbox)
{
	bool is_foreign;
	int fd = inbox_listener_accept(inbox->listen_fd, &is_foreign);

	if (is_foreign)
		complain(inbox, INBOX_COMPLAINT_client_foreign);
	if (fd < 0)
		return;
	if (inbox_link_is_dead(&inbox->link)) {
		inbox_link_close(&inbox->link);
	} else if (inbox_link_is_idle(&inbox->link)) {
		complain(inbox, INBOX_COMPLAINT_client_silent);
		inbox_link_close(&inbox->link);
	}
	if (inbox->link.fd >= 0) {
		complain(inbox, INBOX_COMPLAINT_client_second);
		close(fd);
		return;
	}
	inbox->stream.id = 0;
	inbox_link_open(&inbox->link, fd);
}

int inbox_listen_fd(const struct inbox *inbox)
{
	return inbox->listen_fd;
}

int inbox_client_fd(const struct inbox *inbox)
{
	return inbox->link.fd;
}

short inbox_client_events(const struct inbox *inbox)
{
	if (inbox->link.is_blocked)
		return POLLOUT;
	return is_pressed(inbox) ? 0 : POLLIN;
}

enum result inbox_create(const struct inbox_config *config, struct inbox **inbox)
{
	struct inbox *made = calloc(1, sizeof(*made));
	enum result result;

	if (!made)
		return RESULT_MEMORY;
	made->config = *config;
	inbox_link_init(&made->link, config->has_client, &config->counts->complaints);
	result = inbox_listener_open(config->path, &made->listen_fd);
	if (result == RESULT_OK &&
	    getrandom(made->boot_id, sizeof(made->boot_id), 0) != sizeof(made->boot_id)) {
		inbox_destroy(made);
		return RESULT_IO;
	}
	if (result != RESULT_OK) {
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
	inbox_link_close(&inbox->link);
	close(inbox->listen_fd);
	unlink(inbox->config.path);
	free(inbox);
}
