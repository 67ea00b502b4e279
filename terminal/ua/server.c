#include "terminal/ua/server.h"

static struct server *server_find(struct servers *servers, const struct sip_message *request,
				  enum sip_method method)
{
	for (unsigned i = 0; i < SERVER_TRANSACTIONS; i++) {
		struct server *server = &servers->at[i];

		if (server->state != SERVER_FREE && server->method == method &&
		    slice_is_equal(text_slice(&server->branch), request->via.branch) &&
		    slice_is_equal_nocase(text_slice(&server->sent_by), request->via.sent_by))
			return server;
	}
	return NULL;
}

struct server *servers_find(struct servers *servers, const struct sip_message *request)
{
	return server_find(servers, request,
			   request->method == SIP_METHOD_ACK ? SIP_METHOD_INVITE : request->method);
}

struct server *servers_find_cancelled(struct servers *servers, const struct sip_message *cancel)
{
	return server_find(servers, cancel, SIP_METHOD_INVITE);
}

struct server *servers_get(struct servers *servers, unsigned number)
{
	for (unsigned i = 0; number && i < SERVER_TRANSACTIONS; i++)
		if (servers->at[i].state != SERVER_FREE && servers->at[i].number == number)
			return &servers->at[i];
	return NULL;
}

/* How dispensable is it? 0: not at all; then refused INVITEs, whose ACK is missed; then what is over. */
static unsigned server_rank(const struct server *server)
{
	if (server->state == SERVER_CONFIRMED)
		return 2;
	if (server->state != SERVER_COMPLETED)
		return 0;
	return server->method == SIP_METHOD_INVITE ? 1 : 2;
}

/* A free one; else the most dispensable, of those the one that ends first. */
static struct server *server_free_one(struct servers *servers)
{
	struct server *worst = NULL;

	for (unsigned i = 0; i < SERVER_TRANSACTIONS; i++) {
		struct server *server = &servers->at[i];
		unsigned rank = server_rank(server), most = worst ? server_rank(worst) : 0;

		if (server->state == SERVER_FREE)
			return server;
		if (rank > most || (rank && rank == most && server->end_ms < worst->end_ms))
			worst = server;
	}
	if (worst)
		server_end(worst);
	return worst;
}

enum result servers_start(struct servers *servers, uint64_t now_ms, const struct flow *flow,
			  const struct sip_message *request, struct server **out)
{
	struct server *server = server_free_one(servers);

	if (!server)
		return RESULT_SPACE;
	if (text_set(&server->request, slice_make(request->base, request->len)) != RESULT_OK ||
	    text_set(&server->branch, request->via.branch) != RESULT_OK ||
	    text_set(&server->sent_by, request->via.sent_by) != RESULT_OK) {
		server_end(server);
		return RESULT_MEMORY;
	}
	server->state = SERVER_TRYING;
	server->method = request->method;
	server->number = ++servers->last_number;
	server->flow = *flow;
	server->resend_ms = TIMER_NEVER;
	server->end_ms = now_ms + TIMER_RING_MS + TIMER_LIFE_MS;
	*out = server;
	return RESULT_OK;
}

void server_respond(struct server *server, const struct ua_port *port, uint64_t now_ms,
		    unsigned status, struct slice response)
{
	port->send(port->context, &server->flow, response);
	/* Without memory for it a retransmission of the request stays without answer. */
	if (text_set(&server->response, response) != RESULT_OK)
		text_clear(&server->response);
	if (status < 200) {
		server->state = SERVER_RINGING;
		return;
	}
	server->state = SERVER_COMPLETED;
	server->end_ms = now_ms + TIMER_LIFE_MS;
	if (server->method != SIP_METHOD_INVITE) {
		if (flow_is_reliable(&server->flow))
			server->end_ms = now_ms;
		return;
	}
	if (status < 300)
		server->state = SERVER_ACCEPTED;
	server->interval_ms = TIMER_T1_MS;
	/* A 2xx goes again whatever carries it (13.3.1.4). */
	if (status < 300 || !flow_is_reliable(&server->flow))
		server->resend_ms = now_ms + TIMER_T1_MS;
}

void server_repeat(struct server *server, const struct ua_port *port)
{
	if (server->state != SERVER_CONFIRMED && server->response.len)
		port->send(port->context, &server->flow, text_slice(&server->response));
}

void server_confirm(struct server *server, uint64_t now_ms)
{
	if (server->state != SERVER_COMPLETED && server->state != SERVER_ACCEPTED)
		return;
	server->state = SERVER_CONFIRMED;
	server->resend_ms = TIMER_NEVER;
	server->end_ms = now_ms + TIMER_T4_MS;
}

struct server *servers_tick(struct servers *servers, const struct ua_port *port, uint64_t now_ms)
{
	for (unsigned i = 0; i < SERVER_TRANSACTIONS; i++) {
		struct server *server = &servers->at[i];

		if (server->state == SERVER_FREE)
			continue;
		if (now_ms >= server->end_ms) {
			if (server->state == SERVER_ACCEPTED)
				return server;
			server_end(server);
		} else if (now_ms >= server->resend_ms) {
			server_repeat(server, port);
			server->interval_ms = timer_double(server->interval_ms, TIMER_T2_MS);
			server->resend_ms = now_ms + server->interval_ms;
		}
	}
	return NULL;
}

uint64_t servers_deadline(const struct servers *servers)
{
	uint64_t deadline = TIMER_NEVER;

	for (unsigned i = 0; i < SERVER_TRANSACTIONS; i++) {
		const struct server *server = &servers->at[i];

		if (server->state != SERVER_FREE)
			deadline = timer_earlier(deadline,
						 timer_earlier(server->resend_ms, server->end_ms));
	}
	return deadline;
}

void server_end(struct server *server)
{
	text_clear(&server->request);
	text_clear(&server->branch);
	text_clear(&server->sent_by);
	text_clear(&server->response);
	*server = (struct server){.state = SERVER_FREE};
}

void servers_end(struct servers *servers)
{
	for (unsigned i = 0; i < SERVER_TRANSACTIONS; i++)
		server_end(&servers->at[i]);
}
