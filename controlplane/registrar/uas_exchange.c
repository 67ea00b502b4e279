/*
 * Messages 1 and 3 of a key exchange. A terminal uses its SA as soon as it has message 4, so that
 * goes out when the data plane has said that the SA is there: nobody waits for it, the answers come
 * back in the order of the SAs. Where it says no, the terminal gets a 503 and may try again.
 */
#include <stdlib.h>
#include <string.h>

#include "controlplane/registrar/addresses.h"
#include "controlplane/registrar/uas_state.h"

static void tell_exchanged(const struct uas *uas, enum exchange_verdict verdict, const char *who,
			   const struct contract_sip_received *received, const char *reason)
{
	const struct uas_settings *s = &uas->settings;

	if (s->exchanged)
		s->exchanged(s->context, verdict, who, &received->outer_source, reason);
}

/* Why an SA has not come to be. */
static const char *refusal_text(enum result result)
{
	switch (result) {
	case RESULT_IO:
		return "the data plane is away";
	case RESULT_EXISTS:
		return "the data plane has another SA in its place";
	case RESULT_MEMORY:
		return "there is no memory for the SA";
	default:
		return "the data plane does not take the SA";
	}
}

static void tell_settled(const struct uas *uas, const char *who,
			 const struct contract_sip_received *received, enum result result)
{
	if (result == RESULT_OK)
		tell_exchanged(uas, EXCHANGE_ESTABLISHED, who, received, "");
	else
		tell_exchanged(uas, EXCHANGE_UNAVAILABLE, who, received, refusal_text(result));
}

static void send_copy(struct call *c, struct slice reply, struct slice tail)
{
	const struct uas_settings *s = &c->uas->settings;
	struct writer w = uas_reply_writer(c->uas);

	if (c->stream != 0) {
		s->stream_send(s->context, c->stream, reply, tail);
		return;
	}
	writer_slice(&w, reply);
	writer_slice(&w, tail);
	if (!w.is_full)
		uas_send_reply(c, w.len);
}

/* False: there is no memory. */
static bool hold(struct call *c, const struct exchange_outcome *outcome)
{
	struct uas *uas = c->uas;
	struct uas_held *held = malloc(sizeof(*held) + c->datagram.len + outcome->reply_len);

	if (!held)
		return false;
	*held = (struct uas_held){
		.index = outcome->sa.slot.index,
		.generation = outcome->sa.slot.generation,
		.received = *c->received,
		.stream = c->stream,
		.message3_len = c->datagram.len,
		.message4_len = outcome->reply_len,
	};
	memcpy(held->cookie_id, outcome->cookie_id, sizeof(held->cookie_id));
	memcpy(held->who, outcome->who, sizeof(held->who));
	memcpy(held->bytes, c->datagram.at, c->datagram.len);
	memcpy(held->bytes + c->datagram.len, outcome->reply, outcome->reply_len);
	*uas->held_end = held;
	uas->held_end = &held->next;
	return true;
}

/* The one that waits for this SA, taken out; NULL: none. */
static struct uas_held *take(struct uas *uas, uint32_t index, uint8_t generation)
{
	struct uas_held **link = &uas->held, *held;

	while (*link && ((*link)->index != index || (*link)->generation != generation))
		link = &(*link)->next;
	held = *link;
	if (!held)
		return NULL;
	*link = held->next;
	if (!held->next)
		uas->held_end = link;
	return held;
}

static void refuse(struct call *c)
{
	uas_answer(c, 503, SLICE("Retry-After: 10\r\n"));
}

static void give(struct uas *uas, const struct uas_held *held, bool is_taken, uint64_t now_ms)
{
	struct call c = {
		.uas = uas,
		.received = &held->received,
		.stream = held->stream,
		.datagram = slice_make(held->bytes, held->message3_len),
		.source = address_from_contract(&held->received.source),
		.now_ms = now_ms,
	};

	if (is_taken)
		send_copy(&c, slice_make(held->bytes + held->message3_len, held->message4_len),
			  SLICE(""));
	else if (sip_message_parse(c.datagram.at, c.datagram.len, &c.message) == SIP_VERDICT_OK &&
		 answer_tag_make(&uas->persistent, &c.message, &c.tag) == RESULT_OK)
		refuse(&c);
}

void uas_sa_answered(struct uas *uas, uint32_t index, uint8_t generation, enum result result,
		     uint64_t now_ms)
{
	struct uas_held *held = take(uas, index, generation);

	if (!held)
		return;
	exchange_settle(uas->settings.exchange, held->cookie_id, result == RESULT_OK);
	give(uas, held, result == RESULT_OK, now_ms);
	tell_settled(uas, held->who, &held->received, result);
	free(held);
}

void uas_held_forget(struct uas *uas)
{
	while (uas->held) {
		struct uas_held *held = uas->held;

		uas->held = held->next;
		free(held);
	}
}

/* Held before it goes down: the answer may be there at once. */
static void establish(struct call *c, const struct exchange_outcome *outcome)
{
	struct registrar *registrar = c->uas->settings.registrar;
	const struct sa_slot *slot = &outcome->sa.slot;
	const struct registrar_way way = {
		.port = c->received->port,
		.local = c->received->destination,
	};
	uint64_t now_s = c->now_ms / 1000;
	bool is_held = hold(c, outcome);
	enum result result = registrar_attach(registrar, &outcome->sa, &way, now_s);

	if (result != RESULT_OK)
		uas_sa_answered(c->uas, slot->index, slot->generation, result, c->now_ms);
	else if (!is_held)
		registrar_sa_gone(registrar, slot->index, slot->generation, now_s);
	registrar_settle(registrar, now_s);
	if (is_held)
		return;
	exchange_settle(c->uas->settings.exchange, outcome->cookie_id, false);
	refuse(c);
	tell_settled(c->uas, outcome->who, c->received, RESULT_MEMORY);
}

static void finish(struct call *c, const struct exchange_outcome *outcome)
{
	if (outcome->verdict == EXCHANGE_ESTABLISHED) {
		establish(c, outcome);
		return;
	}
	if (outcome->reply_len > 0)
		send_copy(c, slice_make(outcome->reply, outcome->reply_len), outcome->tail);
	tell_exchanged(c->uas, outcome->verdict, outcome->who, c->received, outcome->reason);
}

void uas_exchange(struct call *c, const struct exchange_through *through)
{
	const struct exchange_input input = {
		.datagram = c->datagram,
		.message = &c->message,
		.source = c->source,
		.is_stream = c->stream != 0,
		.through = *through,
		.now_ms = c->now_ms,
	};
	struct exchange_outcome outcome;

	if (exchange_receive(c->uas->settings.exchange, &input, &outcome) == RESULT_OK) {
		finish(c, &outcome);
	} else {
		uas_answer(c, 500, SLICE(""));
		tell_exchanged(c->uas, EXCHANGE_UNAVAILABLE, outcome.who, c->received,
			       "an error of this machine, not of the message");
	}
	secret_wipe_bytes(&outcome, sizeof(outcome));
}
