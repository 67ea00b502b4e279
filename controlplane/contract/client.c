#include "controlplane/contract/client.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "controlplane/contract/wire.h"
#include "shared/clock.h"

#define BACKOFF_LEAST_MS 50
#define BACKOFF_MOST_MS	 2000
#define WELCOME_WAIT_MS	 5000

struct contract_client {
	struct event_base *base;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	uint8_t gateway_id;
	struct contract_client_events events;
	struct event *timer; /* connect anew, or WELCOME is overdue */
	struct wire *wire;   /* NULL: not connected */
	bool is_up;
	char told[128]; /* why there is none, as told last; empty since WELCOME */
	uint32_t backoff_ms;
	uint64_t up_since_ms; /* steady time */
	struct pending *pending;
};

static void timer_set(struct contract_client *client, uint32_t ms)
{
	struct timeval in = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	event_add(client->timer, &in);
}

/* Not called from within the wire's message event. */
static void client_give_up(struct contract_client *client, const char *reason)
{
	bool was_met = client->wire != NULL;

	wire_destroy(client->wire);
	client->wire = NULL;
	/* who greets us and then talks nonsense is not met again at once */
	if (client->is_up && clock_steady_ms() - client->up_since_ms >= BACKOFF_MOST_MS)
		client->backoff_ms = BACKOFF_LEAST_MS;
	client->is_up = false;
	timer_set(client, client->backoff_ms);
	client->backoff_ms *= 2;
	if (client->backoff_ms > BACKOFF_MOST_MS)
		client->backoff_ms = BACKOFF_MOST_MS;
	pending_fail(client->pending);
	if (client->told[0] == '\0' ||
	    (was_met && strncmp(client->told, reason, sizeof(client->told) - 1) != 0)) {
		snprintf(client->told, sizeof(client->told), "%s", reason);
		client->events.lost(client->events.ctx, client->told);
	}
}

static void wire_closed(void *ctx, const char *reason)
{
	client_give_up(ctx, reason);
}

static void welcome_take(struct contract_client *client, const struct contract_welcome *welcome)
{
	if (client->is_up) {
		client->events.strange(client->events.ctx, "a second WELCOME");
		return;
	}
	client->is_up = true;
	client->told[0] = '\0';
	client->up_since_ms = clock_steady_ms();
	event_del(client->timer);
	client->events.welcome(client->events.ctx, welcome);
}

static void answer_take(struct contract_client *client, const struct contract_answer *answer)
{
	uint16_t id = 0;

	if (pending_answer(client->pending, answer, &id) != RESULT_OK) {
		client->events.strange(client->events.ctx,
				       "an answer to nothing that it was asked");
		return;
	}
	if (id != 0 && answer->result != RESULT_OK)
		client->events.refused(client->events.ctx, id, (enum result)answer->result);
}

static void wire_message(void *ctx, const struct contract_header *message)
{
	struct contract_client *client = ctx;

	switch (message->id) {
	case CONTRACT_WELCOME:
		welcome_take(client, (const struct contract_welcome *)message);
		break;
	case CONTRACT_ANSWER:
		answer_take(client, (const struct contract_answer *)message);
		break;
	case CONTRACT_SA_RECORD:
	case CONTRACT_BINDING_RECORD:
	case CONTRACT_COUNTERS:
		pending_take_record(client->pending, message);
		break;
	case CONTRACT_SIP_RECEIVED:
	case CONTRACT_SIP_LEAVES:
	case CONTRACT_EVENT:
		if (client->is_up)
			client->events.received(client->events.ctx, message);
		break;
	default:
		break;
	}
}

/* Is the other end root's or our own user's? */
static bool peer_is_right(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static int client_connect(const struct contract_client *client, const char **reason)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, client->path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		if (peer_is_right(fd))
			return fd;
		*reason = "the socket is another user's";
	} else {
		*reason = strerror(errno);
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static void hello_say(struct contract_client *client)
{
	struct contract_hello hello = {.gateway_id = client->gateway_id};

	contract_header_set(&hello.header, CONTRACT_HELLO, sizeof(hello), 0);
	if (wire_send(client->wire, &hello.header, 0, -1) != RESULT_OK)
		client_give_up(client, "HELLO could not be sent");
	else
		timer_set(client, WELCOME_WAIT_MS);
}

static void timer_due(evutil_socket_t unused, short what, void *arg)
{
	struct contract_client *client = arg;
	const struct wire_events events = {client, wire_message, wire_closed};
	const char *reason = NULL;
	int fd;

	(void)unused, (void)what;
	if (client->wire != NULL) {
		client_give_up(client, "the data plane does not answer");
		return;
	}
	fd = client_connect(client, &reason);
	if (fd < 0) {
		client_give_up(client, reason);
		return;
	}
	client->wire = wire_create(client->base, fd, &events);
	if (client->wire == NULL)
		client_give_up(client, "there is no memory");
	else
		hello_say(client);
}

enum result contract_client_create(struct event_base *base, const char *path, uint8_t gateway_id,
				   const struct contract_client_events *events,
				   struct contract_client **created)
{
	struct contract_client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		return RESULT_MEMORY;
	client->base = base;
	client->gateway_id = gateway_id;
	client->events = *events;
	client->backoff_ms = BACKOFF_LEAST_MS;
	client->timer = evtimer_new(base, timer_due, client);
	client->pending = pending_create();
	if (client->timer == NULL || client->pending == NULL ||
	    strlen(path) >= sizeof(client->path)) {
		contract_client_destroy(client);
		return RESULT_MEMORY;
	}
	strcpy(client->path, path);
	timer_set(client, 0);
	*created = client;
	return RESULT_OK;
}

void contract_client_stop(struct contract_client *client)
{
	wire_destroy(client->wire);
	client->wire = NULL;
	client->is_up = false;
	if (client->timer != NULL)
		event_del(client->timer);
	if (client->pending != NULL)
		pending_fail(client->pending);
}

void contract_client_destroy(struct contract_client *client)
{
	if (client == NULL)
		return;
	contract_client_stop(client);
	if (client->timer != NULL)
		event_free(client->timer);
	pending_destroy(client->pending);
	free(client);
}

bool contract_client_is_up(const struct contract_client *client)
{
	return client->is_up;
}

static void request_send(struct contract_client *client, const struct contract_header *message,
			 int descriptor, contract_record *record, contract_done *done, void *arg)
{
	enum result result = RESULT_IO;
	uint32_t number;

	if (client->is_up)
		result = pending_add(client->pending, message->id, record, done, arg, &number);
	if (result == RESULT_OK) {
		result = wire_send(client->wire, message, number, descriptor);
		if (result != RESULT_OK)
			pending_undo(client->pending);
	}
	if (result != RESULT_OK && done != NULL)
		done(arg, result);
	else if (result != RESULT_OK && result != RESULT_IO)
		client->events.refused(client->events.ctx, message->id, result);
}

void contract_client_send(struct contract_client *client, const struct contract_header *message,
			  contract_done *done, void *arg)
{
	request_send(client, message, -1, NULL, done, arg);
}

void contract_client_send_descriptor(struct contract_client *client,
				     const struct contract_header *message, int descriptor,
				     contract_done *done, void *arg)
{
	request_send(client, message, descriptor, NULL, done, arg);
}

void contract_client_ask(struct contract_client *client, const struct contract_header *message,
			 contract_record *record, contract_done *done, void *arg)
{
	request_send(client, message, -1, record, done, arg);
}
