#include "controlplane/ctl/server.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controlplane/ctl/admin_socket.h"

struct connection;

/* Outlives its connection: the one asked for may be gone when the answer comes. */
struct ctl_reply {
	struct connection *connection; /* NULL: gone */
	json_t *id;		       /* echoed, if the request had one */
	const char *note;	       /* NULL: none */
	bool is_held;
	json_t *held; /* said while it was held */
	enum result failure;
};

struct connection {
	struct ctl_server *server;
	struct bufferevent *stream;
	enum ctl_role role;
	char from[CTL_FROM_BYTES];
	uint64_t heard; /* the server's turn when it last said something */
	struct ctl_reply *owed; /* a request is being worked on; no other is read meanwhile */
	bool is_ending;		/* close when what is written has gone */
};

struct ctl_server {
	struct event_base *base;
	struct control_admin config;
	struct evconnlistener *listener;
	ctl_handle *handle;
	ctl_refused *refused;
	void *ctx;
	uint64_t turn;
	struct connection *connection[CTL_CONNECTIONS];
};

static void requests_serve(struct connection *connection);

static void connection_close(struct connection *connection)
{
	struct ctl_server *server = connection->server;

	for (int i = 0; i < CTL_CONNECTIONS; i++)
		if (server->connection[i] == connection)
			server->connection[i] = NULL;
	if (connection->owed != NULL)
		connection->owed->connection = NULL;
	bufferevent_free(connection->stream);
	free(connection);
}

static void line_write(struct connection *connection, json_t *answer)
{
	char *text = json_dumps(answer, JSON_COMPACT | JSON_ENSURE_ASCII);
	struct evbuffer *output = bufferevent_get_output(connection->stream);

	if (text == NULL)
		connection->is_ending = true;
	else
		evbuffer_add_printf(output, "%s\n", text);
	free(text);
}

void ctl_reply_hold(struct ctl_reply *reply)
{
	reply->is_held = true;
}

void ctl_reply_unhold(struct ctl_reply *reply)
{
	reply->is_held = false;
}

void ctl_reply_fail(struct ctl_reply *reply, enum result result)
{
	reply->failure = result;
}

enum result ctl_reply_failure(const struct ctl_reply *reply)
{
	return reply->failure;
}

static void reply_send(struct ctl_reply *reply, json_t *answer)
{
	struct connection *connection = reply->connection;

	if (reply->is_held) {
		reply->held = answer;
		return;
	}
	if (reply->id != NULL)
		json_object_set_new(answer, "id", reply->id);
	if (connection != NULL) {
		connection->owed = NULL;
		line_write(connection, answer);
		bufferevent_enable(connection->stream, EV_READ);
		/* More requests may have come with this one; not from within its handler. */
		bufferevent_trigger(connection->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
	}
	json_decref(answer);
	free(reply);
}

void ctl_reply_note(struct ctl_reply *reply, const char *sentence)
{
	reply->note = sentence;
}

void ctl_reply_result(struct ctl_reply *reply, json_t *result)
{
	json_t *answer = json_pack("{s:b}", "ok", 1);

	if (result != NULL)
		json_object_set_new(answer, "result", result);
	if (reply->note != NULL)
		json_object_set_new(answer, "note", json_string(reply->note));
	reply_send(reply, answer);
}

static void error_send(struct ctl_reply *reply, const char *format, va_list arguments)
{
	json_t *text = json_vsprintf(format, arguments);

	if (text == NULL)
		text = json_string("the request failed");
	reply_send(reply, json_pack("{s:b,s:o}", "ok", 0, "error", text));
}

void ctl_reply_error(struct ctl_reply *reply, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error_send(reply, format, arguments);
	va_end(arguments);
}

void ctl_reply_refuse(struct ctl_reply *reply, const char *reason, const char *format, ...)
{
	struct connection *connection = reply->connection;
	va_list arguments;

	if (connection != NULL)
		connection->server->refused(connection->server->ctx, reason, connection->from);
	va_start(arguments, format);
	error_send(reply, format, arguments);
	va_end(arguments);
}

void ctl_reply_release(struct ctl_reply *reply)
{
	reply->is_held = false;
	if (reply->held != NULL)
		reply_send(reply, reply->held);
	else
		ctl_reply_error(reply, "the control plane ended before this was done");
}

static struct ctl_reply *reply_create(struct connection *connection)
{
	struct ctl_reply *reply = calloc(1, sizeof(*reply));

	if (reply != NULL) {
		reply->connection = connection;
		connection->owed = reply;
	}
	return reply;
}

static void request_handle(struct connection *connection, const char *line, size_t length)
{
	struct ctl_server *server = connection->server;
	struct ctl_reply *reply = reply_create(connection);
	json_error_t error;
	json_t *request, *command;

	if (reply == NULL) {
		connection->is_ending = true;
		return;
	}
	bufferevent_disable(connection->stream, EV_READ);
	request = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	command = json_object_get(request, "command");
	if (request == NULL) {
		ctl_reply_refuse(reply, "a line that is not JSON", "this is not JSON: %s",
				 error.text);
	} else if (!json_is_string(command) || json_string_length(command) >= CTL_COMMAND_BYTES) {
		ctl_reply_refuse(reply, "a line without a command",
				 "an object with a \"command\" is expected");
	} else {
		reply->id = json_incref(json_object_get(request, "id"));
		server->handle(server->ctx, json_string_value(command), request, connection->role,
			       reply);
	}
	json_decref(request);
}

static void too_long_answer(struct connection *connection)
{
	json_t *answer = json_pack("{s:b,s:s}", "ok", 0, "error",
				   "the request is longer than a line may be");

	line_write(connection, answer);
	json_decref(answer);
	connection->server->refused(connection->server->ctx, "a line longer than 64 KB",
				    connection->from);
	bufferevent_disable(connection->stream, EV_READ);
	connection->is_ending = true;
}

/* Who asks on without reading what was answered waits until he does. */
static bool is_unheard(const struct connection *connection)
{
	return evbuffer_get_length(bufferevent_get_output(connection->stream)) >= CTL_WAITING_BYTES;
}

static bool may_ask(const struct connection *connection)
{
	return connection->owed == NULL && !connection->is_ending && !is_unheard(connection);
}

static void requests_serve(struct connection *connection)
{
	struct evbuffer *input = bufferevent_get_input(connection->stream);
	size_t length;
	char *line;

	while (may_ask(connection)) {
		line = evbuffer_readln(input, &length, EVBUFFER_EOL_LF);
		if (line == NULL)
			break;
		/* Secrets may have stood in it. */
		request_handle(connection, line, length);
		OPENSSL_cleanse(line, length);
		free(line);
	}
	if (is_unheard(connection))
		bufferevent_disable(connection->stream, EV_READ);
	if (may_ask(connection) && evbuffer_get_length(input) >= CTL_LINE_BYTES)
		too_long_answer(connection);
}

static void stream_readable(struct bufferevent *stream, void *arg)
{
	struct connection *connection = arg;

	(void)stream;
	connection->heard = ++connection->server->turn;
	requests_serve(connection);
	if (connection->is_ending &&
	    evbuffer_get_length(bufferevent_get_output(connection->stream)) == 0)
		connection_close(connection);
}

static void stream_written(struct bufferevent *stream, void *arg)
{
	struct connection *connection = arg;

	(void)stream;
	if (connection->is_ending) {
		connection_close(connection);
	} else if (connection->owed == NULL) {
		/* what waited for its answers to be read */
		bufferevent_enable(connection->stream, EV_READ);
		requests_serve(connection);
	}
}

static void stream_event(struct bufferevent *stream, short what, void *arg)
{
	struct connection *connection = arg;

	(void)stream;
	/* Half-closed by a client that waits for the last answers: they are written first. */
	if ((what & BEV_EVENT_EOF) != 0 && connection->owed == NULL)
		requests_serve(connection);
	if ((what & BEV_EVENT_EOF) != 0 &&
	    (connection->owed != NULL ||
	     evbuffer_get_length(bufferevent_get_output(connection->stream)) > 0)) {
		connection->is_ending = true;
		return;
	}
	connection_close(connection);
}

/* Whose place another may have: owed nothing, a reader before an administrator, silent for longest. */
static struct connection *dispensable_find(const struct ctl_server *server, enum ctl_role role)
{
	struct connection *found = NULL;

	for (int i = 0; i < CTL_CONNECTIONS; i++) {
		struct connection *one = server->connection[i];

		if (one == NULL || one->owed != NULL || one->role > role)
			continue;
		if (found == NULL || one->role < found->role ||
		    (one->role == found->role && one->heard < found->heard))
			found = one;
	}
	return found;
}

/* NULL: there is none for one of this role. Readers, however many, keep no administrator out. */
static struct connection **place_empty(struct ctl_server *server, enum ctl_role role)
{
	struct connection **place = NULL;
	int readers = 0;

	for (int i = 0; i < CTL_CONNECTIONS; i++) {
		if (server->connection[i] == NULL)
			place = &server->connection[i];
		else
			readers += server->connection[i]->role == CTL_READER;
	}
	return role == CTL_READER && readers >= CTL_READERS ? NULL : place;
}

/* NULL: all are taken by who cannot be sent away. */
static struct connection **place_find(struct ctl_server *server, enum ctl_role role)
{
	struct connection **place = place_empty(server, role), *silent;

	if (place != NULL)
		return place;
	silent = dispensable_find(server, role);
	if (silent == NULL)
		return NULL;
	server->refused(server->ctx, "all connections are taken: the one silent for longest was closed",
			silent->from);
	connection_close(silent);
	return place_empty(server, role);
}

/* May it come in, and where? NULL: no. */
static struct connection **place_take(struct ctl_server *server, int fd, enum ctl_role *role,
				      char from[CTL_FROM_BYTES])
{
	struct connection **place;

	admin_socket_from(fd, from);
	if (!admin_socket_role(&server->config, fd, role)) {
		server->refused(server->ctx, "a user who has no business there", from);
		return NULL;
	}
	place = place_find(server, *role);
	if (place == NULL)
		server->refused(server->ctx, "all connections are taken", from);
	return place;
}

static void arrived(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
		    int from_length, void *arg)
{
	static const struct timeval idle = {CTL_IDLE_S, 0};
	struct ctl_server *server = arg;
	char from_text[CTL_FROM_BYTES];
	enum ctl_role role;
	struct connection **place = place_take(server, fd, &role, from_text), *connection = NULL;

	(void)listener, (void)from, (void)from_length;
	if (place != NULL)
		connection = calloc(1, sizeof(*connection));
	if (connection != NULL)
		connection->stream =
			bufferevent_socket_new(server->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (connection == NULL || connection->stream == NULL) {
		free(connection);
		close(fd);
		return;
	}
	connection->server = server;
	connection->role = role;
	connection->heard = ++server->turn;
	memcpy(connection->from, from_text, sizeof(from_text));
	bufferevent_setcb(connection->stream, stream_readable, stream_written, stream_event,
			  connection);
	bufferevent_setwatermark(connection->stream, EV_READ, 0, CTL_LINE_BYTES);
	bufferevent_set_timeouts(connection->stream, &idle, &idle);
	bufferevent_enable(connection->stream, EV_READ | EV_WRITE);
	*place = connection;
}

enum result ctl_server_create(struct event_base *base, const struct control_admin *config,
			      ctl_handle *handle, ctl_refused *refused, void *ctx,
			      struct ctl_server **created)
{
	struct ctl_server *server;
	enum result result;
	int fd;

	result = admin_socket_listen(config, CTL_CONNECTIONS, &fd);
	if (result != RESULT_OK)
		return result;
	server = calloc(1, sizeof(*server));
	if (server != NULL)
		server->listener =
			evconnlistener_new(base, arrived, server, LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (server == NULL || server->listener == NULL) {
		free(server);
		close(fd);
		return RESULT_MEMORY;
	}
	server->base = base;
	server->config = *config;
	server->handle = handle;
	server->refused = refused;
	server->ctx = ctx;
	*created = server;
	return RESULT_OK;
}

void ctl_server_destroy(struct ctl_server *server)
{
	if (server == NULL)
		return;
	for (int i = 0; i < CTL_CONNECTIONS; i++)
		if (server->connection[i] != NULL)
			connection_close(server->connection[i]);
	evconnlistener_free(server->listener);
	unlink(server->config.socket);
	free(server);
}
