#include "controlplane/registrar/uas.h"

#include <stdlib.h>
#include <string.h>

#include "controlplane/keyexchange/answer_tag.h"
#include "controlplane/registrar/addresses.h"
#include "shared/sip/reply.h"

struct uas {
	struct uas_settings settings;
	struct secret persistent;
	/* what goes down: a contract struct and the message behind it */
	_Alignas(8) char out[sizeof(struct contract_sip_send) + LIMIT_SIP_MESSAGE_BYTES];
};

enum result uas_create(const struct uas_settings *settings, struct uas **out)
{
	struct uas *uas = calloc(1, sizeof(*uas));

	if (!uas)
		return RESULT_MEMORY;
	uas->settings = *settings;
	memcpy(uas->persistent.bytes, settings->persistent, SECRET_BYTES);
	secret_wipe_bytes(uas->settings.persistent, sizeof(uas->settings.persistent));
	*out = uas;
	return RESULT_OK;
}

void uas_destroy(struct uas *uas)
{
	if (!uas)
		return;
	secret_wipe(&uas->persistent);
	free(uas);
}

/* One request on its way through here. */
struct call {
	struct uas *uas;
	const struct contract_sip_received *received;
	struct slice datagram;
	struct sip_message message;
	struct sip_address source;
	struct answer_tag tag;
	uint64_t now_ms;
};

static struct writer reply_writer(struct uas *uas)
{
	return writer_make(uas->out + sizeof(struct contract_sip_send), LIMIT_SIP_MESSAGE_BYTES);
}

/* Back the way the request came, whatever its Via says. */
static void send_reply(struct call *c, size_t len)
{
	const struct contract_sip_received *received = c->received;
	struct contract_sip_send send = {
		.origin = received->origin,
		.port = received->port,
		.sa_index = received->sa_index,
		.sa_generation = received->sa_generation,
		.source = received->destination,
		.destination = received->source,
		.sip_length = (uint32_t)len,
	};

	contract_header_set(&send.header, CONTRACT_SIP_SEND, sizeof(send) + len, 0);
	memcpy(c->uas->out, &send, sizeof(send));
	c->uas->settings.send(c->uas->settings.context,
			      (const struct contract_header *)(const void *)c->uas->out);
}

static bool is_clear(const struct call *c)
{
	return c->received->origin == CONTRACT_ORIGIN_CLEAR;
}

/* Nobody who has not proved his address gets more bytes than he sent. */
static void answer(struct call *c, unsigned status, struct slice extra)
{
	struct writer w = reply_writer(c->uas);
	const struct sip_reply reply = {
		.status = (uint16_t)status,
		.to_tag = answer_tag_slice(&c->tag),
		.source = c->source,
		.extra = extra,
	};

	if (sip_reply_write(&c->message, &reply, &w) != RESULT_OK ||
	    (is_clear(c) && w.len > c->datagram.len))
		return;
	send_reply(c, w.len);
}

static void tell_exchanged(struct call *c, const struct exchange_outcome *outcome)
{
	const struct uas_settings *s = &c->uas->settings;

	if (s->exchanged)
		s->exchanged(s->context, outcome, &c->received->source);
}

/* The SA is in the data plane before its terminal hears of it. */
static void finish_exchange(struct call *c, const struct exchange_outcome *outcome)
{
	const struct registrar_way way = {
		.port = c->received->port,
		.local = c->received->destination,
	};

	if (outcome->verdict == EXCHANGE_ESTABLISHED) {
		enum result result = registrar_attach(c->uas->settings.registrar, &outcome->sa,
						      &way, c->now_ms / 1000);

		registrar_settle(c->uas->settings.registrar, c->now_ms / 1000);
		if (result != RESULT_OK)
			return;
	}
	if (outcome->reply_len > 0) {
		memcpy(c->uas->out + sizeof(struct contract_sip_send), outcome->reply,
		       outcome->reply_len);
		send_reply(c, outcome->reply_len);
	}
	tell_exchanged(c, outcome);
}

static void exchange(struct call *c, const struct exchange_through *through)
{
	const struct exchange_input input = {
		.datagram = c->datagram,
		.message = &c->message,
		.source = c->source,
		.through = *through,
		.now_ms = c->now_ms,
	};
	struct exchange_outcome outcome;

	if (exchange_receive(c->uas->settings.exchange, &input, &outcome) == RESULT_OK)
		finish_exchange(c, &outcome);
	else
		answer(c, 500, SLICE(""));
	secret_wipe_bytes(&outcome, sizeof(outcome));
}

static void registration(struct call *c)
{
	struct registrar *registrar = c->uas->settings.registrar;
	struct writer w = reply_writer(c->uas);

	if (registrar_receive(registrar, &c->message, c->received->sa_index,
			      c->received->sa_generation, answer_tag_slice(&c->tag),
			      c->now_ms / 1000, &w) == RESULT_OK)
		send_reply(c, w.len);
	/* a de-registration is answered before its SA goes */
	registrar_settle(registrar, c->now_ms / 1000);
}

static void answer_through(struct call *c)
{
	static const char allow[] = "Allow: REGISTER, OPTIONS\r\n";
	struct exchange_through through;

	if (registrar_through(c->uas->settings.registrar, c->received->sa_index,
			      c->received->sa_generation, &through) != RESULT_OK)
		return;
	if (exchange_is_for(&c->message))
		exchange(c, &through);
	else if (c->message.method == SIP_METHOD_REGISTER)
		registration(c);
	else if (c->message.method == SIP_METHOD_OPTIONS)
		answer(c, 200, SLICE(allow));
	else
		answer(c, 405, SLICE(allow));
}

/* In the clear there is the exchange and nothing else. */
static void answer_clear(struct call *c)
{
	const struct exchange_through none = {0};

	if (exchange_is_for(&c->message))
		exchange(c, &none);
	else
		answer(c, 403, SLICE(""));
}

void uas_receive(struct uas *uas, const struct contract_sip_received *received, uint64_t now_ms)
{
	struct call c = {
		.uas = uas,
		.received = received,
		.datagram = slice_make((const char *)received + sizeof(*received),
				       received->sip_length),
		.source = address_from_contract(&received->source),
		.now_ms = now_ms,
	};
	enum sip_verdict verdict = sip_message_parse(c.datagram.at, c.datagram.len, &c.message);

	/* responses and ACKs are nobody's here */
	if (verdict == SIP_VERDICT_DROP || !c.message.is_request ||
	    (verdict == SIP_VERDICT_OK && c.message.method == SIP_METHOD_ACK) ||
	    answer_tag_make(&uas->persistent, &c.message, &c.tag) != RESULT_OK)
		return;
	if (verdict == SIP_VERDICT_REFUSE)
		answer(&c, sip_fault_status(c.message.fault), SLICE(""));
	else if (is_clear(&c))
		answer_clear(&c);
	else
		answer_through(&c);
}
