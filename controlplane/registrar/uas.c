#include <stdlib.h>
#include <string.h>

#include "controlplane/registrar/addresses.h"
#include "controlplane/registrar/uas_state.h"
#include "shared/sip/reply.h"

_Static_assert(sizeof(struct contract_sip_enter) <= sizeof(struct contract_sip_send),
	       "what goes down is either");

enum result uas_create(const struct uas_settings *settings, struct uas **out)
{
	struct uas *uas = calloc(1, sizeof(*uas));

	if (!uas)
		return RESULT_MEMORY;
	uas->settings = *settings;
	memcpy(uas->persistent.bytes, settings->persistent, SECRET_BYTES);
	secret_wipe_bytes(uas->settings.persistent, sizeof(uas->settings.persistent));
	uas->held_end = &uas->held;
	*out = uas;
	return RESULT_OK;
}

void uas_destroy(struct uas *uas)
{
	if (!uas)
		return;
	uas_held_forget(uas);
	secret_wipe(&uas->persistent);
	free(uas);
}

struct writer uas_reply_writer(struct uas *uas)
{
	return writer_make(uas->out + sizeof(struct contract_sip_send), LIMIT_SIP_MESSAGE_BYTES);
}

void uas_send_reply(const struct call *c, size_t len)
{
	const struct contract_sip_received *received = c->received;
	const struct uas_settings *s = &c->uas->settings;
	struct contract_sip_send send = {
		.origin = received->origin,
		.port = received->port,
		.sa_index = received->sa_index,
		.sa_generation = received->sa_generation,
		.source = received->destination,
		.destination = received->source,
		.sip_length = (uint32_t)len,
	};

	if (c->stream != 0) {
		s->stream_send(s->context, c->stream,
			       slice_make(c->uas->out + sizeof(send), len), SLICE(""));
		return;
	}
	contract_header_set(&send.header, CONTRACT_SIP_SEND, sizeof(send) + len, 0);
	memcpy(c->uas->out, &send, sizeof(send));
	s->send(s->context, (const struct contract_header *)(const void *)c->uas->out);
}

static bool is_clear(const struct call *c)
{
	return c->received->origin == CONTRACT_ORIGIN_CLEAR;
}

/* A connection proves where its other end is. */
static bool is_proved(const struct call *c)
{
	return !is_clear(c) || c->stream != 0;
}

static size_t reply_write(struct call *c, unsigned status, struct slice extra)
{
	struct writer w = uas_reply_writer(c->uas);
	const struct sip_reply reply = {
		.status = (uint16_t)status,
		.to_tag = answer_tag_slice(&c->tag),
		.source = c->source,
		.extra = extra,
	};

	return sip_reply_write(&c->message, &reply, &w) == RESULT_OK ? w.len : 0;
}

bool uas_answer(struct call *c, unsigned status, struct slice extra)
{
	size_t len = reply_write(c, status, extra);
	bool is_due = len > 0 && (is_proved(c) || len <= c->datagram.len);

	if (is_due)
		uas_send_reply(c, len);
	return is_due;
}

/* But a challenge to a short request is a little longer: a source gets no more of them than its
 * rate in the data plane lets it ask for. */
static void reply(struct call *c, unsigned status, struct slice extra)
{
	size_t len = reply_write(c, status, extra);

	if (len > 0)
		uas_send_reply(c, len);
}

static void tell_refused(const struct call *c, unsigned status, const char *reason)
{
	const struct uas_settings *s = &c->uas->settings;

	if (s->refused)
		s->refused(s->context, c->received, status, reason);
}

static void refuse(struct call *c, unsigned status, struct slice extra, const char *reason)
{
	tell_refused(c, uas_answer(c, status, extra) ? status : 0, reason);
}

static void registration(struct call *c)
{
	struct registrar *registrar = c->uas->settings.registrar;
	struct writer w = uas_reply_writer(c->uas);

	if (registrar_receive(registrar, &c->message, c->received->sa_index,
			      c->received->sa_generation, answer_tag_slice(&c->tag),
			      c->now_ms / 1000, &w) == RESULT_OK)
		uas_send_reply(c, w.len);
	/* a de-registration is answered before its SA goes */
	registrar_settle(registrar, c->now_ms / 1000);
}

static void answer_through(struct call *c)
{
	static const char allow[] = "Allow: REGISTER, OPTIONS\r\n";
	struct exchange_through through;

	if (registrar_through(c->uas->settings.registrar, c->received->sa_index,
			      c->received->sa_generation, &through) != RESULT_OK)
		tell_refused(c, 0, "it came by an SA that nobody has");
	else if (exchange_is_for(&c->message))
		uas_exchange(c, &through);
	else if (c->message.method == SIP_METHOD_REGISTER)
		registration(c);
	else if (c->message.method == SIP_METHOD_OPTIONS)
		uas_answer(c, 200, SLICE(allow));
	else
		refuse(c, 405, SLICE(allow), "a method that the gateway itself has no use for");
}

/* Proved: down again, where it takes every step as of level 1. */
static void let_in(struct call *c)
{
	const struct contract_sip_received *received = c->received;
	struct contract_sip_enter enter = {
		.origin = CONTRACT_ORIGIN_CLEAR,
		.port = received->port,
		.source = received->source,
		.destination = received->destination,
		.sip_length = (uint32_t)c->datagram.len,
	};

	contract_header_set(&enter.header, CONTRACT_SIP_ENTER, sizeof(enter) + c->datagram.len, 0);
	memcpy(c->uas->out, &enter, sizeof(enter));
	memcpy(c->uas->out + sizeof(enter), c->datagram.at, c->datagram.len);
	c->uas->settings.send(c->uas->settings.context,
			      (const struct contract_header *)(const void *)c->uas->out);
}

/* The status that a verdict is answered with; 0: not at all. */
static unsigned digest_status(enum digest_verdict verdict)
{
	switch (verdict) {
	case DIGEST_CHALLENGED:
		return 407;
	case DIGEST_WRONG_SENDER:
		return 403;
	case DIGEST_MALFORMED:
		return 400;
	case DIGEST_UNAVAILABLE:
		return 503;
	case DIGEST_PROVED:
	case DIGEST_DROPPED:
		break;
	}
	return 0;
}

static void prove(struct call *c)
{
	const struct uas_settings *s = &c->uas->settings;
	struct digest_outcome outcome;

	if (digest_judge(s->digest, &c->message, &c->source, s->realm, c->now_ms / 1000,
			 &outcome) != RESULT_OK) {
		refuse(c, 500, SLICE(""), "its digest could not be judged");
		return;
	}
	if (outcome.verdict == DIGEST_PROVED) {
		let_in(c);
		return;
	}
	if (digest_status(outcome.verdict) != 0)
		reply(c, digest_status(outcome.verdict),
		      slice_make(outcome.challenge, outcome.challenge_len));
	if (s->unproved && outcome.reason)
		s->unproved(s->context, outcome.reason, &c->received->source);
}

/* A REGISTER in the clear is the exchange or nothing; the data plane sends nothing else unless
 * insecure-access is `authenticated`. */
static void answer_clear(struct call *c)
{
	const struct exchange_through none = {0};

	if (exchange_is_for(&c->message))
		uas_exchange(c, &none);
	else if (c->message.method == SIP_METHOD_REGISTER)
		refuse(c, 403, SLICE(""),
		       "a REGISTER outside any SA that is no message 1 or 3 of a key exchange");
	else
		prove(c);
}

/* Neither registrations nor requests are taken here, only what leads to an SA. */
static void answer_stream(struct call *c)
{
	const struct exchange_through none = {0};

	if (exchange_is_for(&c->message))
		uas_exchange(c, &none);
	else
		refuse(c, 403, SLICE(""), "by TCP nothing but a key exchange is taken");
}

/* What is not answered, whatever it says: responses are nobody's here, and ACKs only those that are to be
 * proved. */
static bool is_silent(const struct call *c, enum sip_verdict verdict)
{
	return verdict == SIP_VERDICT_DROP || !c->message.is_request ||
	       (verdict == SIP_VERDICT_OK && c->message.method == SIP_METHOD_ACK && is_proved(c));
}

/* The sentences are literals, each terminated. */
static const char *silent_reason(const struct call *c, enum sip_verdict verdict)
{
	if (!c->message.is_request)
		return "a response that nobody has asked for";
	return verdict == SIP_VERDICT_DROP && sip_fault_status(c->message.fault) == 0
		       ? sip_fault_text(c->message.fault).at
		       : "an ACK to the gateway itself, which has asked for none";
}

static void take(struct call *c)
{
	struct uas *uas = c->uas;
	enum sip_verdict verdict = sip_message_parse(c->datagram.at, c->datagram.len, &c->message);

	if (c->message.fault == SIP_FAULT_EMPTY)
		return;
	if (is_silent(c, verdict)) {
		tell_refused(c, 0, silent_reason(c, verdict));
		return;
	}
	if (answer_tag_make(&uas->persistent, &c->message, &c->tag) != RESULT_OK)
		return;
	if (verdict == SIP_VERDICT_REFUSE)
		refuse(c, sip_fault_status(c->message.fault), SLICE(""),
		       sip_fault_text(c->message.fault).at);
	else if (c->stream != 0)
		answer_stream(c);
	else if (is_clear(c))
		answer_clear(c);
	else
		answer_through(c);
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

	take(&c);
}

void uas_receive_stream(struct uas *uas, const struct contract_sip_received *received,
			struct slice message, uint64_t stream, uint64_t now_ms)
{
	struct call c = {
		.uas = uas,
		.received = received,
		.stream = stream,
		.datagram = message,
		.source = address_from_contract(&received->source),
		.now_ms = now_ms,
	};

	take(&c);
}
