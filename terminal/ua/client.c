#include "terminal/ua/client.h"

#include "terminal/ua/request.h"

/* A free one, else of those that are only there to absorb retransmissions the one that ends first.
 */
static struct client *client_free_one(struct clients *clients)
{
	struct client *oldest = NULL;

	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++) {
		struct client *client = &clients->at[i];

		if (client->state == CLIENT_FREE)
			return client;
		if (client->state == CLIENT_COMPLETED &&
		    (!oldest || client->end_ms < oldest->end_ms))
			oldest = client;
	}
	if (oldest)
		client_end(oldest);
	return oldest;
}

/* When it goes again for the first time. */
static uint64_t resend_first(const struct client *client, uint64_t now_ms)
{
	return flow_is_reliable(&client->flow) ? TIMER_NEVER : now_ms + TIMER_T1_MS;
}

enum result clients_start(struct clients *clients, const struct ua_port *port, uint64_t now_ms,
			  const struct flow *flow, struct slice request, unsigned purpose,
			  uint64_t life_ms, struct client **out)
{
	struct client *client = client_free_one(clients);
	struct sip_message message;

	if (!client)
		return RESULT_SPACE;
	if (sip_message_parse(request.at, request.len, &message) != SIP_VERDICT_OK ||
	    !message.is_request)
		return RESULT_BAD;
	if (text_set(&client->request, request) != RESULT_OK ||
	    text_set(&client->branch, message.via.branch) != RESULT_OK) {
		client_end(client);
		return RESULT_MEMORY;
	}
	client->state = CLIENT_CALLING;
	client->method = message.method;
	client->purpose = purpose;
	client->number = ++clients->last_number;
	client->interval_ms = TIMER_T1_MS;
	client->flow = *flow;
	client->resend_ms = resend_first(client, now_ms);
	client->end_ms = now_ms + life_ms;
	if (out)
		*out = client;
	port->send(port->context, flow, request);
	return RESULT_OK;
}

struct client *clients_find(struct clients *clients, const struct sip_message *response)
{
	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++) {
		struct client *client = &clients->at[i];

		if (client->state != CLIENT_FREE && client->method == response->method &&
		    slice_is_equal(text_slice(&client->branch), response->via.branch))
			return client;
	}
	return NULL;
}

struct client *clients_get(struct clients *clients, unsigned number)
{
	for (unsigned i = 0; number && i < CLIENT_TRANSACTIONS; i++)
		if (clients->at[i].state != CLIENT_FREE && clients->at[i].number == number)
			return &clients->at[i];
	return NULL;
}

static void client_acknowledge(struct client *client, const struct ua_port *port,
			       const struct sip_message *response)
{
	struct sip_message invite;
	char buffer[LIMIT_SIP_MESSAGE_BYTES];
	struct writer w = writer_make(buffer, sizeof(buffer));
	struct slice ack;

	if (sip_message_parse(client->request.at, client->request.len, &invite) != SIP_VERDICT_OK)
		return;
	request_write_ack(&invite, sip_message_value(response, SIP_HEADER_TO), &w);
	if (writer_finish(&w, &ack) == RESULT_OK && text_set(&client->ack, ack) == RESULT_OK)
		port->send(port->context, &client->flow, ack);
}

static enum client_verdict receive_provisional(struct client *client, uint64_t now_ms)
{
	if (client->state == CLIENT_COMPLETED)
		return CLIENT_REPEATED;
	client->state = CLIENT_PROCEEDING;
	if (client->method == SIP_METHOD_INVITE) {
		client->resend_ms = TIMER_NEVER;
		client->end_ms = now_ms + TIMER_RING_MS;
	} else if (!flow_is_reliable(&client->flow)) {
		client->interval_ms = TIMER_T2_MS;
		client->resend_ms = timer_earlier(client->resend_ms, now_ms + TIMER_T2_MS);
	}
	return CLIENT_NEW;
}

enum client_verdict client_receive(struct client *client, const struct ua_port *port,
				   uint64_t now_ms, const struct sip_message *response)
{
	if (response->status < 200)
		return receive_provisional(client, now_ms);
	if (client->state == CLIENT_COMPLETED) {
		if (client->ack.len && response->status >= 300)
			port->send(port->context, &client->flow, text_slice(&client->ack));
		return CLIENT_REPEATED;
	}
	client->state = CLIENT_COMPLETED;
	client->resend_ms = TIMER_NEVER;
	client->end_ms = now_ms + (flow_is_reliable(&client->flow) ? 0 : TIMER_T4_MS);
	if (client->method != SIP_METHOD_INVITE)
		return CLIENT_NEW;
	/* Others to whom it has forked may answer so long (RFC 6026, timer M). */
	if (response->status < 300 || !flow_is_reliable(&client->flow))
		client->end_ms = now_ms + TIMER_LIFE_MS;
	if (response->status >= 300)
		client_acknowledge(client, port, response);
	return CLIENT_NEW;
}

struct client *clients_tick(struct clients *clients, const struct ua_port *port, uint64_t now_ms)
{
	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++) {
		struct client *client = &clients->at[i];

		if (client->state == CLIENT_FREE)
			continue;
		if (now_ms >= client->end_ms) {
			if (client->state != CLIENT_COMPLETED)
				return client;
			client_end(client);
		} else if (now_ms >= client->resend_ms) {
			uint64_t most =
				client->method == SIP_METHOD_INVITE ? TIMER_NEVER : TIMER_T2_MS;

			port->send(port->context, &client->flow, text_slice(&client->request));
			client->interval_ms = timer_double(client->interval_ms, most);
			client->resend_ms = now_ms + client->interval_ms;
		}
	}
	return NULL;
}

uint64_t clients_deadline(const struct clients *clients)
{
	uint64_t deadline = TIMER_NEVER;

	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++) {
		const struct client *client = &clients->at[i];

		if (client->state != CLIENT_FREE)
			deadline = timer_earlier(deadline,
						 timer_earlier(client->resend_ms, client->end_ms));
	}
	return deadline;
}

void client_end(struct client *client)
{
	text_clear(&client->request);
	text_clear(&client->branch);
	text_clear(&client->ack);
	*client = (struct client){.state = CLIENT_FREE};
}

void clients_end(struct clients *clients)
{
	for (unsigned i = 0; i < CLIENT_TRANSACTIONS; i++)
		client_end(&clients->at[i]);
}
